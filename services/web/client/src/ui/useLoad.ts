import { useCallback, useEffect, useState } from 'react';
import { useCore } from '../adapters/core';
import { isSignedOut, reasonOf } from '../core/fault';

export interface Loaded<T> {
  /** The last good answer, kept while a newer one is loading. */
  readonly data: T | undefined;
  /** Why the last load failed; unset after a good one. */
  readonly error: unknown;
  readonly loading: boolean;
  readonly reload: () => void;
}

interface Kept<T> {
  readonly key: string;
  readonly data?: T;
  readonly error?: unknown;
  readonly loading: boolean;
}

/**
 * Loads when `key` changes, on reload(), and every `everyMs` where given.
 * An answer that a newer question has overtaken is dropped.
 */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>, everyMs?: number): Loaded<T> {
  const { session } = useCore();
  const [round, setRound] = useState(0);
  const [kept, setKept] = useState<Kept<T>>({ key, loading: true });

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` names what `load` depends on, `round` asks again.
  useEffect(() => {
    const abort = new AbortController();
    setKept((before) => (before.key === key ? { ...before, loading: true } : { key, loading: true }));
    load(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setKept({ key, data, loading: false });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (isSignedOut(reasonOf(error))) session.expired();
        setKept((before) => ({ ...before, error, loading: false }));
      },
    );
    return () => abort.abort();
  }, [key, round, session]);

  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => setRound((n) => n + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  const current: Kept<T> = kept.key === key ? kept : { key, loading: true };
  return { data: current.data, error: current.error, loading: current.loading, reload };
}

import { useCallback, useRef, useState } from 'react';
import { useCore } from '../adapters/core';
import { isSignedOut } from '../core/fault';
import { faultIn } from './useFaultText';

export interface Action<Input extends unknown[]> {
  /** Runs unless a run is under way; resolves to whether it succeeded. */
  readonly run: (...input: Input) => Promise<boolean>;
  readonly busy: boolean;
  /** The error of the last run, until the next one begins. */
  readonly error: unknown;
}

/** One press of a button is one call: presses during the call are ignored, its error is kept for the page to show. */
export function useAction<Input extends unknown[]>(call: (...input: Input) => Promise<unknown>): Action<Input> {
  const { session } = useCore();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const running = useRef(false);

  const run = useCallback(
    async (...input: Input) => {
      if (running.current) return false;
      running.current = true;
      setBusy(true);
      setError(undefined);
      try {
        await call(...input);
        return true;
      } catch (problem) {
        if (isSignedOut(faultIn(problem).reason)) session.expired();
        setError(problem);
        return false;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
    [call, session],
  );
  return { run, busy, error };
}

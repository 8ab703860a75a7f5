import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { Core } from '../core/core';
import { type SessionView, zoneOf } from '../core/session';
import type { Store } from '../core/store';
import type { Zone } from '../core/zone';

const CoreContext = createContext<Core | undefined>(undefined);

export function CoreProvider({ core, children }: { core: Core; children: ReactNode }) {
  return <CoreContext value={core}>{children}</CoreContext>;
}

/** useCore gives a page the shared core. */
export function useCore(): Core {
  const core = useContext(CoreContext);
  if (!core) throw new Error('useCore outside of CoreProvider');
  return core;
}

/** useStore draws again whenever the store's snapshot is replaced. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.getSnapshot);
}

export function useSession(): SessionView {
  return useStore(useCore().session);
}

/** useZone gives the campus's time zone: every time on a page is shown, and typed, in it. */
export function useZone(): Zone {
  return zoneOf(useSession());
}

/** useNow gives the server's time in milliseconds, drawn again each `everyMs`. */
export function useNow(everyMs = 1_000): number {
  const { clock } = useCore();
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.now()), everyMs);
    return () => clearInterval(timer);
  }, [clock, everyMs]);
  return now;
}

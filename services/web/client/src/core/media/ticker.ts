/** Ticker calls back at a steady pace until it is stopped. */
export type Ticker = (everyMs: number, tick: () => void) => () => void;

/**
 * workerTicker keeps its pace in a hidden page too. A teacher who shares another window hides this one, and
 * browsers slow the timers of hidden pages down to where the relay would believe that the teacher is gone.
 */
export const workerTicker: Ticker = (everyMs, tick) => {
  const worker = new Worker(new URL('./ticker.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = tick;
  worker.postMessage(everyMs);
  return () => worker.terminate();
};

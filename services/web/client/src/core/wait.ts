/** Waits grow from first to most, by two each time, with a fifth of chance so that clients do not come back at once. */
export interface Waits {
  next(): number;
  reset(): void;
}

export function growing(firstMs: number, mostMs: number, random: () => number = Math.random): Waits {
  let current = firstMs;
  return {
    next() {
      const wait = current * (0.9 + 0.2 * random());
      current = Math.min(current * 2, mostMs);
      return wait;
    },
    reset() {
      current = firstMs;
    },
  };
}

/** delay ends after a time, or at once when the signal is aborted; it never rejects. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}

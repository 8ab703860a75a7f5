/** A listener is told that the snapshot changed; it reads the new one by itself. */
export type Listener = () => void;

/**
 * Store holds one immutable value and tells who subscribed when it is replaced.
 * `subscribe` and `getSnapshot` are bound, so that React's useSyncExternalStore takes them as they are.
 */
export class Store<T> {
  #value: T;
  readonly #listeners = new Set<Listener>();

  constructor(initial: T) {
    this.#value = initial;
  }

  readonly getSnapshot = (): T => this.#value;

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  protected set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  protected patch(part: Partial<T>): void {
    this.set({ ...this.#value, ...part });
  }
}

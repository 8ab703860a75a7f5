import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { timestampMs } from '@bufbuild/protobuf/wkt';

/** How many observations the clock remembers: at one heartbeat each 2 s, half a minute. */
const remembered = 16;

/**
 * ServerClock tells the server's time. Computers in classrooms have wrong clocks, so that only the
 * monotonic clock of the page is used, shifted by what the server says of its time.
 * A message can only arrive late: the largest shift seen of late is the nearest to the truth.
 */
export class ServerClock {
  #shifts: number[] = [];
  readonly #monotonic: () => number;

  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** synced: the server has told its time at least once. */
  get synced(): boolean {
    return this.#shifts.length > 0;
  }

  /** observe takes in a time that the server stamped on a message which just arrived. */
  observe(serverTime: Timestamp | undefined): void {
    if (!serverTime) return;
    this.#shifts = [...this.#shifts.slice(1 - remembered), timestampMs(serverTime) - this.#monotonic()];
  }

  /** now is the server's time in milliseconds since 1970; the computer's own until the server was heard. */
  now(): number {
    if (!this.synced) return Date.now();
    return this.#monotonic() + Math.max(...this.#shifts);
  }
}

/** Follows WatchHealth: a stream that breaks or falls silent is opened again. */
import type { Api } from '../../core/api';
import type { ServerClock } from '../../core/clock';
import { type Fault, faultOf, isTransient } from '../../core/fault';
import { Store } from '../../core/store';
import { delay, growing } from '../../core/wait';
import type { LessonHealth } from '../../gen/tongke/classroom/v1/health_pb';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';

/** The server sends every 2 s: this much silence means that the stream is dead. */
const silenceMs = 6_000;

export interface HealthView {
  readonly status: 'connecting' | 'live' | 'reconnecting' | 'refused';
  readonly lessons: readonly LessonHealth[];
  /** Server time of what is shown, in milliseconds; 0 before the first answer. */
  readonly at: number;
  readonly fault?: Fault;
}

export class HealthWatch extends Store<HealthView> {
  readonly #api: Api;
  readonly #clock: ServerClock;
  #running: AbortController | undefined;

  constructor(api: Api, clock: ServerClock) {
    super({ status: 'connecting', lessons: [], at: 0 });
    this.#api = api;
    this.#clock = clock;
  }

  /** start follows until stop. Starting twice changes nothing. */
  start(): void {
    if (this.#running) return;
    this.#running = new AbortController();
    void this.#follow(this.#running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const waits = growing(500, 5_000);
    while (!signal.aborted) {
      try {
        await this.#watch(signal, () => waits.reset());
      } catch (error) {
        if (signal.aborted) return;
        const fault = faultOf(error);
        if (!isTransient(fault.reason) && fault.reason !== Reason.CANCELLED && fault.reason !== Reason.INTERNAL) {
          this.#running = undefined;
          this.patch({ status: 'refused', fault });
          return;
        }
      }
      if (signal.aborted) return;
      if (this.getSnapshot().status === 'live') this.patch({ status: 'reconnecting' });
      await delay(waits.next(), signal);
    }
  }

  /** One stream, from opening it to its end or silence. */
  async #watch(signal: AbortSignal, onAnswer: () => void): Promise<void> {
    const dead = new AbortController();
    let timer = setTimeout(() => dead.abort(), silenceMs);
    try {
      const stream = this.#api.classroom.watchHealth(
        {},
        { signal: AbortSignal.any([signal, dead.signal]), timeoutMs: 0 },
      );
      for await (const { lessons, serverTime } of stream) {
        clearTimeout(timer);
        timer = setTimeout(() => dead.abort(), silenceMs);
        onAnswer();
        this.#clock.observe(serverTime);
        this.set({ status: 'live', lessons, at: this.#clock.now() });
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Classroom } from '../gen/tongke/directory/v1/directory_pb';
import type { Api } from './api';
import type { ServerClock } from './clock';
import { faultOf, isTransient } from './fault';
import { Store } from './store';
import { delay, growing } from './wait';

/** The server wants to be asked at most once a second. */
const askEveryMs = 1_500;

export interface PairingView {
  readonly status: 'starting' | 'showing' | 'paired';
  /** Six characters to show; empty while starting. */
  readonly code: string;
  /** When the code was given and when it ends, in the server's time. */
  readonly startedAtMs: number;
  readonly expiresAtMs: number;
  /** The server cannot be reached at the moment; the code may still be good. */
  readonly offline: boolean;
  readonly classroom?: Classroom;
}

const starting: PairingView = { status: 'starting', code: '', startedAtMs: 0, expiresAtMs: 0, offline: false };

/** Pairing shows a code until somebody has entered it, and a new one whenever it has expired. */
export class Pairing extends Store<PairingView> {
  readonly #api: Api;
  readonly #clock: ServerClock;
  #running: AbortController | undefined;

  constructor(api: Api, clock: ServerClock) {
    super(starting);
    this.#api = api;
    this.#clock = clock;
  }

  start(): void {
    if (this.#running) return;
    this.#running = new AbortController();
    this.set(starting);
    void this.#pair(this.#running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  async #pair(signal: AbortSignal): Promise<void> {
    const waits = growing(1_000, 10_000);
    while (!signal.aborted) {
      try {
        const { code, expiresAt } = await this.#api.session.startPairing({});
        if (signal.aborted) return;
        const expiresAtMs = expiresAt ? timestampMs(expiresAt) : this.#clock.now();
        this.set({ status: 'showing', code, startedAtMs: this.#clock.now(), expiresAtMs, offline: false });
        waits.reset();
        if (await this.#claimed(signal)) return;
      } catch {
        if (signal.aborted) return;
        this.patch({ offline: true });
        await delay(waits.next(), signal);
      }
    }
  }

  /** claimed asks until the code was entered; false when this code will not be any more. */
  async #claimed(signal: AbortSignal): Promise<boolean> {
    do {
      await delay(askEveryMs, signal);
      if (signal.aborted) return false;
      try {
        const { classroom } = await this.#api.session.finishPairing({});
        this.patch({ offline: false });
        if (!classroom) continue;
        this.patch({ status: 'paired', classroom });
        return true;
      } catch (error) {
        if (!isTransient(faultOf(error).reason)) return false;
        this.patch({ offline: true });
      }
    } while (this.#clock.now() < this.getSnapshot().expiresAtMs);
    return false;
  }
}

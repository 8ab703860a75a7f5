import { type LessonEvent, LessonPhase, type LessonState } from '../../gen/tongke/classroom/v1/event_pb';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import { type Api, newKey, retried } from '../api';
import type { ServerClock } from '../clock';
import { type Fault, faultOf } from '../fault';
import { Store } from '../store';
import { delay, growing } from '../wait';
import { Commands } from './commands';
import { apply, copyOf } from './state';

/** Silence of the stream after which it counts as dead; the server sends a heartbeat every 2 s. */
export const silenceMs = 6_000;

export type LessonStatus =
  /** Not yet entered. */
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** The stream broke; what is shown is the last state. */
  | { readonly kind: 'reconnecting' }
  /** A newer window of the same participant took over; `takeOver` comes back. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'ended' }
  /** The server said no. LESSON_NOT_OPEN is tried again by itself at metadata opens_at. */
  | { readonly kind: 'refused'; readonly fault: Fault };

export interface LessonView {
  readonly status: LessonStatus;
  /** Unset until the first snapshot. */
  readonly state?: LessonState;
  /** The participant that this browser is; empty until the first snapshot. */
  readonly selfId: string;
}

export interface LessonParams {
  readonly api: Api;
  readonly clock: ServerClock;
  readonly lessonId: string;
  /** Random per load of the page. */
  readonly windowId?: string;
}

type Turn = 'again' | 'stop';

/**
 * LessonStore follows one lesson: a snapshot, then every event exactly once, over as many streams as it takes.
 * It owns one loop, started by `start` and ended by `stop`, the lesson's end, a newer window or a refusal.
 */
export class LessonStore extends Store<LessonView> {
  readonly lessonId: string;
  readonly windowId: string;
  readonly commands: Commands;
  readonly #api: Api;
  readonly #clock: ServerClock;
  readonly #waits = growing(250, 4_000);
  #running: AbortController | undefined;
  #takeOver = true;
  /** Set when the log on the server does not continue ours: begin again with a snapshot. */
  #fromSnapshot = true;

  constructor({ api, clock, lessonId, windowId = newKey() }: LessonParams) {
    super({ status: { kind: 'connecting' }, selfId: '' });
    this.#api = api;
    this.#clock = clock;
    this.lessonId = lessonId;
    this.windowId = windowId;
    this.commands = new Commands(api, lessonId);
  }

  /** start enters the lesson. Starting twice changes nothing. */
  start(): void {
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    void this.#follow(running.signal);
  }

  /** stop leaves the stream without a word to others; the server shows a lost connection. */
  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.commands.stop();
  }

  /** leave says goodbye and stops. */
  async leave(): Promise<void> {
    this.stop();
    await retried(() => this.#api.classroom.leaveLesson({ lessonId: this.lessonId, windowId: this.windowId }), 2);
  }

  /** takeOver makes this window the one that counts, after `superseded`; after `refused` it tries once more. */
  takeOver(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#takeOver = true;
    this.#fromSnapshot = true;
    this.patch({ status: { kind: 'connecting' } });
    this.start();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const begunAt = performance.now();
      const turn = await this.#attend(signal).catch((error: unknown) => this.#failed(error, signal));
      if (turn === 'stop' || signal.aborted) return;
      // An attempt that was silent until it was given up has waited enough; a stream that broke has not.
      const waited = this.getSnapshot().status.kind === 'live' ? 0 : performance.now() - begunAt;
      if (this.#running?.signal === signal) this.#reconnecting();
      await delay(this.#waits.next() - waited, signal);
    }
  }

  /** One stream, from opening it to its end. */
  async #attend(signal: AbortSignal): Promise<Turn> {
    const watchdog = new Watchdog(silenceMs, signal);
    try {
      const { state } = this.getSnapshot();
      const stream = this.#api.classroom.attend(
        {
          lessonId: this.lessonId,
          fromOrdinal: this.#fromSnapshot ? 0n : (state?.ordinal ?? 0n),
          windowId: this.windowId,
          takeOver: this.#takeOver,
        },
        { signal: watchdog.signal, timeoutMs: 0 },
      );
      let behind = 0;
      for await (const { payload } of stream) {
        watchdog.fed();
        switch (payload.case) {
          case 'snapshot':
            this.#clock.observe(payload.value.serverTime);
            this.#fromSnapshot = false;
            this.#alive(copyOf(payload.value.state), payload.value.selfId);
            break;
          case 'event':
            if (!this.#event(payload.value)) return 'again';
            break;
          case 'heartbeat': {
            this.#clock.observe(payload.value.serverTime);
            const { state: now, selfId } = this.getSnapshot();
            if (now) this.#alive(now, selfId);
            // One heartbeat may overtake an event; two in a row mean that events were lost on the way.
            behind = now && payload.value.lastOrdinal > now.ordinal ? behind + 1 : 0;
            if (behind >= 2) return 'again';
          }
        }
        if (this.getSnapshot().state?.phase === LessonPhase.ENDED) return this.#end({ kind: 'ended' });
      }
      return 'again';
    } finally {
      watchdog.end();
    }
  }

  /** event takes in the next event; false when one is missing before it. */
  #event(event: LessonEvent): boolean {
    const { state, selfId } = this.getSnapshot();
    if (!state || event.ordinal > state.ordinal + 1n) return false;
    this.#alive(event.ordinal <= state.ordinal ? state : apply(state, event), selfId);
    return true;
  }

  #alive(state: LessonState, selfId: string): void {
    this.#takeOver = false;
    const was = this.getSnapshot();
    if (was.status.kind !== 'live') {
      this.#waits.reset();
      this.commands.hurry();
    }
    const status: LessonStatus = was.status.kind === 'live' ? was.status : { kind: 'live' };
    if (was.state !== state || was.status !== status) this.set({ status, state, selfId });
    this.commands.reached(state);
  }

  async #failed(error: unknown, signal: AbortSignal): Promise<Turn> {
    const fault = faultOf(error);
    switch (fault.reason) {
      case Reason.OUT_OF_RANGE:
        this.#fromSnapshot = true;
        return 'again';
      case Reason.SUPERSEDED:
        return this.#end({ kind: 'superseded' });
      case Reason.LESSON_NOT_OPEN:
        this.patch({ status: { kind: 'refused', fault } });
        await delay(this.#untilOpen(fault), signal);
        return 'again';
      case Reason.RESOURCE_EXHAUSTED:
        await delay(fault.retryAfterMs ?? 2_000, signal);
        return 'again';
      case Reason.UNAUTHENTICATED:
      case Reason.SESSION_EXPIRED:
      case Reason.PERMISSION_DENIED:
      case Reason.LESSON_CANCELLED:
      case Reason.LESSON_FULL:
      case Reason.NOT_FOUND:
      case Reason.INVALID_ARGUMENT:
        return this.#end({ kind: 'refused', fault });
      default:
        return 'again';
    }
  }

  /** Between 1 s and a minute: the plan may change meanwhile. */
  #untilOpen(fault: Fault): number {
    const opensAt = Date.parse(fault.metadata.opens_at ?? '');
    if (Number.isNaN(opensAt)) return 5_000;
    return Math.min(Math.max(opensAt - this.#clock.now(), 1_000), 60_000);
  }

  #reconnecting(): void {
    const { status, state } = this.getSnapshot();
    if (status.kind === 'live') this.patch({ status: { kind: state ? 'reconnecting' : 'connecting' } });
  }

  #end(status: LessonStatus): Turn {
    this.#running = undefined;
    this.patch({ status });
    return 'stop';
  }
}

/** Watchdog aborts a stream that has been silent for too long; a black-holed stream shows no error by itself. */
class Watchdog {
  readonly #abort = new AbortController();
  readonly #silenceMs: number;
  readonly #outer: AbortSignal;
  readonly #stop = () => this.#abort.abort();
  #timer: ReturnType<typeof setTimeout>;

  constructor(silence: number, outer: AbortSignal) {
    this.#silenceMs = silence;
    this.#outer = outer;
    outer.addEventListener('abort', this.#stop);
    this.#timer = setTimeout(this.#stop, silence);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  fed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#stop, this.#silenceMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#stop);
  }
}

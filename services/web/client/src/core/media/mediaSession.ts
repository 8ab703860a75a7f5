import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import { GoodbyeReason } from '../../gen/tongke/relay/v1/channel_pb';
import type { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';
import { type Fault, faultOf, isTransient } from '../fault';
import { Store } from '../store';
import { delay, growing } from '../wait';
import { type Ending, Link, LinkEnded, type LinkParams, type SlotFill, silenceMs } from './link';
import type { Codecs, Seat } from './offer';
import type { Path } from './stats';
import { type Ticker, workerTicker } from './ticker';
import { type Want, Wants } from './wants';

/** How long a new link may take to show its first packet before it replaces the old one anyway. */
export const firstPacketMs = 1_000;
/** Failed attempts after which the view says "failed"; attempts go on. */
const attemptsUntilFailed = 3;
/** A link that lived shorter doubles the silence that the next one is given, up to a bound. */
const shortLifeMs = 15_000;
const mostPatienceMs = 6_000;

export type MediaStatus = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'failed';

export interface MediaView {
  readonly status: MediaStatus;
  /** Why it failed; unset when the network is the reason. */
  readonly fault?: Fault;
  /** The slots that carry somebody, in the order of their names. */
  readonly slots: readonly SlotFill[];
  /** How packets travel; unset until it is known. */
  readonly path?: Path;
}

export interface MediaParams {
  /** Has an offer answered: ConnectMedia of the lesson. */
  readonly exchange: (offer: string) => Promise<string>;
  readonly ticker?: Ticker;
  readonly codecs?: Codecs;
  readonly newPeer?: LinkParams['newPeer'];
}

/**
 * MediaSession keeps one participant's media in a lesson alive over as many links as it takes.
 * When a link goes silent it joins again by itself, and lets go of the old one when the new one carries media.
 */
export class MediaSession extends Store<MediaView> {
  readonly #params: MediaParams;
  readonly #tracks = new Map<MediaKind, MediaStreamTrack>();
  readonly #links = new Set<Link>();
  readonly #wants: Wants;
  #seat: Seat = 'listener';
  #current: Link | undefined;
  #running: AbortController | undefined;
  #hurry = new AbortController();
  #patienceMs = silenceMs;

  constructor(params: MediaParams) {
    super({ status: 'idle', slots: [] });
    this.#params = params;
    this.#wants = new Wants((want) => this.#current?.send({ case: 'wantSlot', value: want }));
  }

  /** start joins, and keeps joined, in this seat; while it runs, a further start changes nothing. */
  start(seat: Seat): void {
    if (this.#running) return;
    this.#seat = seat;
    const running = new AbortController();
    this.#running = running;
    this.patch({ status: 'connecting', fault: undefined });
    void this.#keepUp(running.signal);
  }

  /** stop hangs up. Tracks that were published stay known for the next start. */
  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    for (const link of this.#links) link.close();
    this.#links.clear();
    this.#current = undefined;
    this.set({ status: 'idle', slots: [] });
  }

  /** publish sends a track as this kind, or with undefined nothing. Says the same thing twice without harm. */
  publish(kind: MediaKind, track: MediaStreamTrack | undefined): void {
    if (this.#tracks.get(kind) === track) return;
    if (track) this.#tracks.set(kind, track);
    else this.#tracks.delete(kind);
    // A link that is being closed refuses; the next one reads the map.
    for (const link of this.#links) link.publish(kind, track).catch(() => undefined);
  }

  /** want tells at what size a slot is shown, and whom it shall show; sent when it has settled. */
  want(want: Want): void {
    this.#wants.set(want);
  }

  /** hurry tries at once instead of waiting: the network is back. */
  hurry(): void {
    this.#hurry.abort();
    this.#hurry = new AbortController();
  }

  /** getStats reads the connection in use. */
  getStats(): Promise<RTCStatsReport> | undefined {
    return this.#current?.getStats();
  }

  async #keepUp(signal: AbortSignal): Promise<void> {
    const waits = growing(250, 2_000);
    let failures = 0;
    while (!signal.aborted) {
      const begunAt = performance.now();
      try {
        const { ending } = await this.#join(signal);
        failures = 0;
        waits.reset();
        const joinedAt = performance.now();
        const end = await ending;
        if (isFinal(end)) return this.#over(signal);
        if (end === 'silent') this.#learnPatience(performance.now() - joinedAt);
        if (!signal.aborted) this.patch({ status: 'reconnecting' });
      } catch (error) {
        if (signal.aborted) return;
        const fault = error instanceof LinkEnded ? undefined : faultOf(error);
        if (fault && isRefusal(fault)) return this.#refused(fault);
        // A full server is said at once; of the network nobody is told what the next attempt may mend.
        const full = fault?.reason === Reason.RESOURCE_EXHAUSTED;
        if (++failures >= attemptsUntilFailed || full) this.patch({ status: 'failed', fault: told(fault) });
        // An attempt that ran into its deadline has waited enough: a network that comes back is not met asleep.
        const rest = waits.next() - (performance.now() - begunAt);
        await delay(fault?.retryAfterMs ?? rest, AbortSignal.any([signal, this.#hurry.signal]));
      }
    }
  }

  /** join makes a new link the current one as soon as it carries media; what it returns tells how that one ends. */
  async #join(signal: AbortSignal): Promise<{ ending: Promise<Ending> }> {
    const fills = new Map<string, SlotFill>();
    let path: Path | undefined;
    let end: (ending: Ending) => void = () => undefined;
    const ending = new Promise<Ending>((resolve) => {
      end = resolve;
    });
    const link = new Link({
      seat: this.#seat,
      tracks: this.#tracks,
      ticker: this.#params.ticker ?? workerTicker,
      patienceMs: this.#patienceMs,
      codecs: this.#params.codecs,
      newPeer: this.#params.newPeer,
      onFill: (fill) => {
        if (fill.participantId === '') fills.delete(fill.slotId);
        else fills.set(fill.slotId, fill);
        if (link === this.#current) this.#show(fills);
      },
      onPause: (slotId, reason) => {
        const fill = fills.get(slotId);
        if (fill) fills.set(slotId, { ...fill, paused: reason || undefined });
        if (link === this.#current) this.#show(fills);
      },
      onPath: (found) => {
        path = found;
        if (link === this.#current) this.#travels(path);
      },
      onEnd: end,
    });
    this.#links.add(link);
    try {
      await link.connect(this.#params.exchange);
      if (this.#current) await firstPacket(fills, signal);
      signal.throwIfAborted();
    } catch (error) {
      this.#drop(link);
      throw error;
    }
    const old = this.#current;
    this.#current = link;
    this.#show(fills);
    this.#travels(path);
    this.patch({ status: 'connected', fault: undefined });
    for (const want of this.#wants.all()) link.send({ case: 'wantSlot', value: want });
    if (old) this.#drop(old);
    signal.addEventListener('abort', () => end('closed'), { once: true });
    return { ending };
  }

  /** A link that did not last met an overloaded computer or network: joining again in a hurry makes that worse. */
  #learnPatience(lastedMs: number): void {
    this.#patienceMs = lastedMs < shortLifeMs ? Math.min(2 * this.#patienceMs, mostPatienceMs) : silenceMs;
  }

  #show(fills: ReadonlyMap<string, SlotFill>): void {
    this.patch({ slots: [...fills.values()].sort((a, b) => (a.slotId < b.slotId ? -1 : 1)) });
  }

  #travels(path: Path | undefined): void {
    const before = this.getSnapshot().path;
    if (path?.protocol !== before?.protocol || path?.port !== before?.port) this.patch({ path });
  }

  #drop(link: Link): void {
    this.#links.delete(link);
    link.close();
  }

  #refused(fault: Fault): void {
    this.stop();
    this.patch({ status: 'failed', fault });
  }

  #over(signal: AbortSignal): void {
    if (this.#running?.signal === signal) this.stop();
  }
}

/** firstPacket ends when one of the slots gets packets, or when enough time has passed. */
async function firstPacket(fills: ReadonlyMap<string, SlotFill>, signal: AbortSignal): Promise<void> {
  const shown = new AbortController();
  const look = setInterval(() => {
    if ([...fills.values()].some(({ track }) => !track.muted)) shown.abort();
  }, 50);
  await delay(firstPacketMs, AbortSignal.any([signal, shown.signal]));
  clearInterval(look);
}

// A link that was replaced by another window's, removed, or whose lesson is over is not joined again.
function isFinal(ending: Ending): boolean {
  return (
    ending === GoodbyeReason.REPLACED || ending === GoodbyeReason.REMOVED || ending === GoodbyeReason.LESSON_CLOSED
  );
}

/** told is what to say of an attempt that failed: of the network's faults nothing. */
function told(fault: Fault | undefined): Fault | undefined {
  return fault && !isTransient(fault.reason) ? fault : undefined;
}

function isRefusal(fault: Fault): boolean {
  return !isTransient(fault.reason) && fault.reason !== Reason.RESOURCE_EXHAUSTED && fault.reason !== Reason.INTERNAL;
}

import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  ClientMessageSchema,
  GoodbyeReason,
  type Hello,
  type PauseReason,
  type ServerMessage,
  ServerMessageSchema,
  type SlotChanged,
} from '../../gen/tongke/relay/v1/channel_pb';
import { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';
import { addSections, type Codecs, makeOffer, peerOptions, repeatingSound, type Seat, type Sections } from './offer';
import { type Counters, countersOf, type Path, packetsOf, pathOf, statsBetween } from './stats';
import type { Ticker } from './ticker';

export const heartbeatMs = 500;
/** Silence on the control channel after which the connection is given up; ICE alone would take 5 s. */
export const silenceMs = 1_500;
/** Silence there while media goes on arriving: what a line loses twice is sent again only after seconds. */
export const lateMs = 6_000;
/** How long a connection may take from its offer to the relay's hello. */
export const helloMs = 8_000;
const reportMs = 5_000;

/** SlotFill is what a slot carries; no participant means that it is free. */
export interface SlotFill {
  readonly slotId: string;
  readonly participantId: string;
  readonly kind: MediaKind;
  readonly track: MediaStreamTrack;
  /** Why its picture stands still; unset while it goes on. */
  readonly paused?: PauseReason;
}

/** Ending says why a link is over. */
export type Ending = 'silent' | 'failed' | 'closed' | GoodbyeReason;

export interface LinkParams {
  readonly seat: Seat;
  readonly tracks: ReadonlyMap<MediaKind, MediaStreamTrack>;
  readonly ticker: Ticker;
  /** Silence after which this link is given up, in milliseconds. */
  readonly patienceMs?: number;
  readonly codecs?: Codecs;
  readonly newPeer?: (options: RTCConfiguration) => RTCPeerConnection;
  /** A slot carries something else from here on. */
  readonly onFill: (fill: SlotFill) => void;
  /** The picture in a slot stands still, or without a reason goes on. */
  readonly onPause: (slotId: string, reason: PauseReason) => void;
  /** The way that packets take was found, or changed. */
  readonly onPath?: (path: Path) => void;
  readonly onEnd: (ending: Ending) => void;
}

type Message = NonNullable<MessageInitShape<typeof ClientMessageSchema>['kind']>;

/**
 * Link is one media connection: one offer, one answer, then only messages on its control channel.
 * It never comes back; who wants another makes another. It owns its peer connection and its ticker.
 */
export class Link {
  readonly #params: LinkParams;
  readonly #peer: RTCPeerConnection;
  readonly #sections: Sections;
  readonly #slots = new Map<string, MediaStreamTrack>();
  readonly #hello: Promise<void>;
  #greet: () => void = () => undefined;
  #giveUp: (error: LinkEnded) => void = () => undefined;
  readonly #generations = new Map<string, bigint>();
  #answer = '';
  #agreed: Promise<void> = Promise.resolve();
  #over = false;
  #heardAt = 0;
  #tickedAt = 0;
  #number = 0n;
  #ticks = 0;
  #counters: Counters | undefined;
  /** Media packets until the last look, while the control channel is silent; and whether more came since the one before. */
  #packets: number | undefined;
  #arriving = false;
  #stopTicking: (() => void) | undefined;

  constructor(params: LinkParams) {
    this.#params = params;
    this.#peer = (params.newPeer ?? ((options) => new RTCPeerConnection(options)))(peerOptions);
    this.#sections = addSections(this.#peer, params.seat, params.codecs);
    this.#hello = new Promise((resolve, reject) => {
      this.#greet = resolve;
      this.#giveUp = reject;
    });
    this.#hello.catch(() => undefined);
    const { control } = this.#sections;
    control.binaryType = 'arraybuffer';
    control.onmessage = ({ data }) => this.#heard(data);
    control.onclose = () => this.#end('closed');
    this.#peer.onconnectionstatechange = () => {
      if (this.#peer.connectionState === 'failed') this.#end('failed');
    };
  }

  get over(): boolean {
    return this.#over;
  }

  /** connect makes the offer, has it answered, and ends with the relay's hello. */
  async connect(exchange: (offer: string) => Promise<string>): Promise<void> {
    const timer = setTimeout(() => this.#end('silent'), helloMs);
    try {
      await Promise.all([...this.#params.tracks].map(([kind, track]) => this.#replace(kind, track)));
      this.#answer = await exchange(await makeOffer(this.#peer));
      await this.#peer.setRemoteDescription({ type: 'answer', sdp: this.#answer });
      await this.#hello;
    } finally {
      clearTimeout(timer);
    }
  }

  /** publish puts a track in a section, or takes it out. It says so, because an empty section sends no signal. */
  async publish(kind: MediaKind, track: MediaStreamTrack | undefined): Promise<void> {
    if (!track) this.send({ case: 'setPublication', value: { kind, active: false } });
    await this.#replace(kind, track);
    if (track) this.send({ case: 'setPublication', value: { kind, active: true } });
  }

  /** send drops the message when the control channel is not open; who connects again says it again. */
  send(kind: Message): void {
    const { control } = this.#sections;
    if (control.readyState !== 'open') return;
    const bytes = toBinary(ClientMessageSchema, create(ClientMessageSchema, { kind }));
    control.send(bytes as Uint8Array<ArrayBuffer>);
  }

  /** trackOf is the picture or sound of a slot, known from the hello on. */
  trackOf(slotId: string): MediaStreamTrack | undefined {
    return this.#slots.get(slotId);
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#peer.getStats();
  }

  /** close frees everything. A link that ended by itself keeps its last picture until it is closed. */
  close(): void {
    this.#stop('closed');
    this.#peer.close();
  }

  async #replace(kind: MediaKind, track: MediaStreamTrack | undefined): Promise<void> {
    await this.#sections.sending.get(kind)?.sender.replaceTrack(track ?? null);
  }

  #heard(data: unknown): void {
    this.#heardAt = performance.now();
    const message = read(data);
    switch (message?.kind.case) {
      case 'hello':
        this.#greeted(message.kind.value);
        break;
      case 'slotChanged':
        this.#filled(message.kind.value);
        break;
      case 'slotPaused':
        this.#params.onPause(message.kind.value.slotId, message.kind.value.reason);
        break;
      case 'repeatSound':
        this.#repeat(message.kind.value.on);
        break;
      case 'goodbye':
        this.#end(message.kind.value.reason);
    }
  }

  #greeted(hello: Hello): void {
    for (const { slotId, mid } of hello.slots) {
      const section = this.#sections.receiving.find((one) => one.mid === mid);
      if (section) this.#slots.set(slotId, section.receiver.track);
    }
    for (const kind of this.#sections.sending.keys()) {
      this.send({ case: 'setPublication', value: { kind, active: this.#params.tracks.has(kind) } });
    }
    this.#tickedAt = performance.now();
    this.#stopTicking ??= this.#params.ticker(heartbeatMs, () => this.#tick());
    void this.#look();
    this.#greet();
  }

  #filled({ slotId, generation, participantId, kind }: SlotChanged): void {
    const track = this.#slots.get(slotId);
    if (!track || generation < (this.#generations.get(slotId) ?? 0n)) return;
    this.#generations.set(slotId, generation);
    this.send({ case: 'slotAck', value: { slotId, generation } });
    this.#params.onFill({ slotId, participantId, kind, track });
  }

  /** The relay is told nothing: only this end reads its answer again, with what it shall send at the first place. */
  #repeat(on: boolean): void {
    const again = async () => {
      const sdp = repeatingSound(this.#answer, this.#sections.sending.get(MediaKind.MICROPHONE)?.mid ?? '', on);
      if (this.#over || sdp === this.#answer) return;
      await makeOffer(this.#peer);
      await this.#peer.setRemoteDescription({ type: 'answer', sdp });
      this.#answer = sdp;
    };
    // One change after the other. A browser that refuses one goes on as before.
    this.#agreed = this.#agreed.then(again).catch(() => undefined);
  }

  #tick(): void {
    const now = performance.now();
    // A page that was too busy to tick was too busy to listen: that time does not count as silence.
    this.#heardAt += Math.max(0, now - this.#tickedAt - 2 * heartbeatMs);
    this.#tickedAt = now;
    const silentMs = now - this.#heardAt;
    const patienceMs = this.#params.patienceMs ?? silenceMs;
    if (silentMs > (this.#arriving ? Math.max(lateMs, patienceMs) : patienceMs)) return this.#end('silent');
    if (silentMs > 1.2 * heartbeatMs) void this.#listen();
    else [this.#packets, this.#arriving] = [undefined, false];
    this.send({ case: 'heartbeat', value: { number: ++this.#number } });
    if (++this.#ticks % (reportMs / heartbeatMs) === 0) void this.#report();
  }

  async #listen(): Promise<void> {
    const packets = packetsOf((await this.#look()).values());
    this.#arriving = this.#packets !== undefined && packets > this.#packets;
    this.#packets = packets;
  }

  async #report(): Promise<void> {
    const after = countersOf((await this.#look()).values(), performance.now());
    if (this.#counters) this.send({ case: 'stats', value: statsBetween(this.#counters, after) });
    this.#counters = after;
  }

  /** look reads the browser's statistics, and tells the way that packets take. */
  async #look(): Promise<RTCStatsReport> {
    const report = await this.#peer.getStats();
    const path = pathOf(report.values());
    if (path && !this.#over) this.#params.onPath?.(path);
    return report;
  }

  #end(ending: Ending): void {
    if (this.#over) return;
    this.#stop(ending);
    this.#params.onEnd(ending);
  }

  #stop(ending: Ending): void {
    this.#over = true;
    this.#stopTicking?.();
    this.#giveUp(new LinkEnded(ending));
  }
}

/** LinkEnded rejects `connect` when the link ended before the relay's hello. */
export class LinkEnded extends Error {
  readonly ending: Ending;

  constructor(ending: Ending) {
    super(`media link ended: ${typeof ending === 'string' ? ending : GoodbyeReason[ending]}`);
    this.ending = ending;
  }
}

// What does not parse is not for this client, but it was heard.
function read(data: unknown): ServerMessage | undefined {
  if (!(data instanceof ArrayBuffer)) return undefined;
  try {
    return fromBinary(ServerMessageSchema, new Uint8Array(data));
  } catch {
    return undefined;
  }
}

import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type ClientMessage, ClientMessageSchema, ServerMessageSchema } from '../../gen/tongke/relay/v1/channel_pb';

type OneOf = Exclude<ClientMessage['kind'], { case: undefined }>;
type Said = { [Kind in OneOf as Kind['case']]: Kind['value'] };
type ServerKind = MessageInitShape<typeof ServerMessageSchema>['kind'];

/** FakeTrack is a media track without media. */
export class FakeTrack extends EventTarget {
  readonly kind: string;
  readonly id: string;
  muted = true;
  readyState = 'live';
  contentHint = '';

  constructor(kind: 'audio' | 'video', id = '') {
    super();
    this.kind = kind;
    this.id = id;
  }

  stop(): void {
    this.readyState = 'ended';
  }

  /** asTrack hands it to code that wants the real thing. */
  get asTrack(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}

class FakeChannel {
  readyState = 'connecting';
  binaryType = '';
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onclose: (() => void) | undefined;
  readonly sent: ClientMessage[] = [];

  send(bytes: Uint8Array): void {
    this.sent.push(fromBinary(ClientMessageSchema, bytes));
  }
}

class FakeTransceiver {
  mid: string | null = null;
  codecs: unknown;
  readonly init: RTCRtpTransceiverInit;
  readonly receiver: { track: FakeTrack };
  readonly sender = {
    track: null as MediaStreamTrack | null,
    replaceTrack: async (track: MediaStreamTrack | null) => {
      this.sender.track = track;
    },
  };

  constructor(kind: 'audio' | 'video', init: RTCRtpTransceiverInit) {
    this.init = init;
    this.receiver = { track: new FakeTrack(kind) };
  }

  setCodecPreferences(codecs: unknown): void {
    this.codecs = codecs;
  }
}

/** FakePeer is a peer connection whose other end is played by the test. */
export class FakePeer {
  static readonly all: FakePeer[] = [];
  connectionState = 'new';
  onconnectionstatechange: (() => void) | undefined;
  localDescription: { sdp: string } | null = null;
  answer = '';
  closed = false;
  refusesChanges = false;
  stats: unknown[] = [];
  readonly transceivers: FakeTransceiver[] = [];
  readonly channels = new Map<string, FakeChannel>();

  constructor() {
    FakePeer.all.push(this);
  }

  /** make is what a Link is given instead of the browser's constructor. */
  static readonly make = () => new FakePeer() as unknown as RTCPeerConnection;

  static get last(): FakePeer {
    const peer = FakePeer.all.at(-1);
    if (!peer) throw new Error('no peer was made');
    return peer;
  }

  addTransceiver(kind: 'audio' | 'video', init: RTCRtpTransceiverInit): FakeTransceiver {
    const transceiver = new FakeTransceiver(kind, init);
    this.transceivers.push(transceiver);
    return transceiver;
  }

  createDataChannel(label: string): FakeChannel {
    const channel = new FakeChannel();
    this.channels.set(label, channel);
    return channel;
  }

  async createOffer(): Promise<{ type: 'offer'; sdp: string }> {
    return { type: 'offer', sdp: `offer ${FakePeer.all.indexOf(this)}` };
  }

  async setLocalDescription(changed?: { sdp: string }): Promise<void> {
    if (changed && this.refusesChanges) throw new TypeError('refused');
    for (const [index, transceiver] of this.transceivers.entries()) transceiver.mid = String(index);
    this.localDescription = { sdp: `offer ${FakePeer.all.indexOf(this)}` };
  }

  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.answer = sdp;
  }

  async getStats(): Promise<Map<string, unknown>> {
    return new Map(this.stats.map((entry, i) => [String(i), entry]));
  }

  close(): void {
    this.closed = true;
    const { control } = this;
    control.readyState = 'closed';
    control.onclose?.();
  }

  get control(): FakeChannel {
    const channel = this.channels.get('control');
    if (!channel) throw new Error('no control channel');
    return channel;
  }

  /** said gives what the client sent on the control channel, of one kind. */
  said<K extends keyof Said>(kind: K): Said[K][] {
    const said = this.control.sent.map((message) => message.kind).filter((one) => one.case === kind);
    return said.map((one) => one.value as Said[K]);
  }

  /** receive plays a message of the relay. */
  receive(kind: ServerKind): void {
    const bytes = toBinary(ServerMessageSchema, create(ServerMessageSchema, { kind }));
    this.control.onmessage?.({ data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) });
  }

  /** greet opens the control channel and names the slots, as the relay does. */
  greet(): void {
    this.control.readyState = 'open';
    const slots = this.transceivers
      .filter(({ init }) => init.direction === 'recvonly')
      .map(({ receiver, mid }, _, all) => {
        const sameKind = all.filter((one) => one.receiver.track.kind === receiver.track.kind);
        const number = sameKind.findIndex((one) => one.mid === mid);
        return { slotId: `${receiver.track.kind}${number}`, mid: mid ?? '' };
      });
    this.receive({ case: 'hello', value: { connectionId: 'con_1', slots } });
  }

  /** trackIn is the track that a slot receives. */
  trackIn(slotId: string): FakeTrack {
    const kind = slotId.replace(/\d+$/, '');
    const receiving = this.transceivers.filter(
      ({ init, receiver }) => init.direction === 'recvonly' && receiver.track.kind === kind,
    );
    const track = receiving[Number(slotId.slice(kind.length))]?.receiver.track;
    if (!track) throw new Error(`no slot ${slotId}`);
    return track;
  }
}

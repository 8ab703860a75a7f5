import { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';

/** Seat decides how many pictures a participant can receive at once. */
export type Seat = 'screen' | 'teacher' | 'listener';

const videoSlots: Record<Seat, number> = { screen: 3, teacher: 10, listener: 2 };
const audioSlots = 4;

/** Sections are the m-lines of the one offer, in the order that client and relay agreed on. */
export interface Sections {
  /** What this participant may send; a section without a track sends nothing. */
  readonly sending: ReadonlyMap<MediaKind, RTCRtpTransceiver>;
  readonly receiving: readonly RTCRtpTransceiver[];
  /** Channel 0: slots, wants, heartbeats, reports. */
  readonly control: RTCDataChannel;
  /** Channel 1: what is worthless when late, such as a pointer. */
  readonly pointer: RTCDataChannel;
}

/** Three layers of the camera: a quarter, a half and the full size. */
const cameraLayers: RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 100_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 250_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
];
const screenLayer: RTCRtpEncodingParameters[] = [{ maxBitrate: 2_500_000, maxFramerate: 15 }];

/** peerOptions: everything in one bundle; the relay is ICE-lite and reachable, so no helpers are needed. */
export const peerOptions: RTCConfiguration = { bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', iceServers: [] };

/** addSections gives a fresh connection the agreed shape. Nothing is negotiated after its one offer. */
export function addSections(peer: RTCPeerConnection, seat: Seat, codecs: Codecs = browserCodecs()): Sections {
  const add = (media: 'audio' | 'video', init: RTCRtpTransceiverInit) => {
    const transceiver = peer.addTransceiver(media, init);
    if (codecs[media].length > 0) transceiver.setCodecPreferences(codecs[media]);
    return transceiver;
  };
  const sending = new Map<MediaKind, RTCRtpTransceiver>([
    [MediaKind.MICROPHONE, add('audio', { direction: 'sendonly' })],
    [
      MediaKind.CAMERA,
      add('video', { direction: 'sendonly', ...(seat !== 'listener' && { sendEncodings: cameraLayers }) }),
    ],
    [MediaKind.SCREEN, add('video', { direction: 'sendonly', sendEncodings: screenLayer })],
    [MediaKind.SCREEN_AUDIO, add('audio', { direction: 'sendonly' })],
  ]);
  const receiving = [
    ...Array.from({ length: audioSlots }, () => add('audio', { direction: 'recvonly' })),
    ...Array.from({ length: videoSlots[seat] }, () => add('video', { direction: 'recvonly' })),
  ];
  const control = peer.createDataChannel('control', { negotiated: true, id: 0 });
  const pointer = peer.createDataChannel('pointer', { negotiated: true, id: 1, ordered: false, maxRetransmits: 0 });
  return { sending, receiving, control, pointer };
}

/** Codecs to offer. An untrimmed offer of a teacher is 65 kB and costs the relay tens of milliseconds. */
export interface Codecs {
  readonly audio: RTCRtpCodec[];
  readonly video: RTCRtpCodec[];
}

/** What the relay forwards, in the order of preference. A parameter that is absent has the value that its codec gives it. */
const forwarded: readonly { name: string; fits?: (params: string) => boolean }[] = [
  { name: 'audio/opus' },
  { name: 'audio/red' },
  { name: 'video/vp8' },
  {
    name: 'video/h264',
    fits: (params) => /packetization-mode=1/.test(params) && /profile-level-id=42e01f/i.test(params),
  },
  { name: 'video/vp9', fits: (params) => !/profile-id=[^0]/.test(params) },
  { name: 'video/av1', fits: (params) => !/profile=[^0]/.test(params) },
  { name: 'video/rtx' },
];

/** trimmed keeps what the relay forwards: Opus with its redundancy; VP8, H.264, VP9, AV1, with retransmission. */
export function trimmed(audio: readonly RTCRtpCodec[], video: readonly RTCRtpCodec[]): Codecs {
  const keep = (list: readonly RTCRtpCodec[]) =>
    forwarded.flatMap(({ name, fits = () => true }) =>
      list.filter((codec) => codec.mimeType.toLowerCase() === name && fits(codec.sdpFmtpLine ?? '')),
    );
  return { audio: keep(audio), video: keep(video) };
}

export function browserCodecs(): Codecs {
  return trimmed(
    RTCRtpReceiver.getCapabilities('audio')?.codecs ?? [],
    RTCRtpReceiver.getCapabilities('video')?.codecs ?? [],
  );
}

/** makeOffer makes the one offer of a connection. A browser that takes no changed offer gets on without repaired sound. */
export async function makeOffer(peer: RTCPeerConnection): Promise<string> {
  const { sdp = '' } = await peer.createOffer();
  try {
    await peer.setLocalDescription({ type: 'offer', sdp: repairingSound(sdp) });
  } catch {
    await peer.setLocalDescription();
  }
  return peer.localDescription?.sdp ?? '';
}

/** repairingSound offers to repeat Opus that is lost: browsers can, and do so only where the offer says it. */
export function repairingSound(sdp: string): string {
  return sdp
    .split(/^(?=m=)/m)
    .map((section) =>
      section.replace(/^a=rtpmap:(\d+) opus\/48000\/2(\r?\n)/m, (line, opus: string, end: string) =>
        new RegExp(`^a=rtcp-fb:${opus} nack\\r?$`, 'm').test(section) ? line : `${line}a=rtcp-fb:${opus} nack${end}`,
      ),
    )
    .join('');
}

/**
 * repeatingSound puts RED (RFC 2198) before Opus in one section of an answer, or behind it: browsers send what comes first.
 * `encodings[].codec`, which is meant for such changes, is taken by Chromium and changes nothing.
 */
export function repeatingSound(answer: string, mid: string, on: boolean): string {
  return answer
    .split(/^(?=m=)/m)
    .map((section) => {
      const red = /^a=rtpmap:(\d+) red\/48000/m.exec(section)?.[1];
      if (!red || !new RegExp(`^a=mid:${mid}\\r?$`, 'm').test(section)) return section;
      return section.replace(/^(m=audio \S+ \S+)((?: \d+)+)/, (_, head: string, types: string) => {
        const others = types
          .trim()
          .split(' ')
          .filter((type) => type !== red);
        return [head, ...(on ? [red, ...others] : [...others, red])].join(' ');
      });
    })
    .join('');
}

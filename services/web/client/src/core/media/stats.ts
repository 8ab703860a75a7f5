import { create } from '@bufbuild/protobuf';
import { type ClientStats, ClientStatsSchema } from '../../gen/tongke/relay/v1/relay_pb';

/** Counters are what getStats sums up since the connection began. */
export interface Counters {
  readonly atMs: number;
  readonly freezes: number;
  readonly framesDecoded: number;
  readonly concealedSamples: number;
  readonly totalSamples: number;
  /** Height of the largest picture arriving now. */
  readonly maxHeight: number;
}

// What this client reads of RTCInboundRtpStreamStats (W3C webrtc-stats).
interface Inbound {
  readonly type: string;
  readonly kind?: string;
  readonly freezeCount?: number;
  readonly framesDecoded?: number;
  readonly framesPerSecond?: number;
  readonly frameHeight?: number;
  readonly concealedSamples?: number;
  readonly totalSamplesReceived?: number;
  readonly packetsReceived?: number;
}

/** packetsOf is how many packets of media have arrived since the connection began. */
export function packetsOf(report: Iterable<Inbound>): number {
  let packets = 0;
  for (const entry of report) if (entry.type === 'inbound-rtp') packets += entry.packetsReceived ?? 0;
  return packets;
}

export function countersOf(report: Iterable<Inbound>, atMs: number): Counters {
  let [freezes, framesDecoded, concealedSamples, totalSamples, maxHeight] = [0, 0, 0, 0, 0];
  for (const entry of report) {
    if (entry.type !== 'inbound-rtp') continue;
    freezes += entry.freezeCount ?? 0;
    framesDecoded += entry.framesDecoded ?? 0;
    concealedSamples += entry.concealedSamples ?? 0;
    totalSamples += entry.totalSamplesReceived ?? 0;
    if (entry.kind === 'video' && (entry.framesPerSecond ?? 0) > 0)
      maxHeight = Math.max(maxHeight, entry.frameHeight ?? 0);
  }
  return { atMs, freezes, framesDecoded, concealedSamples, totalSamples, maxHeight };
}

/** statsBetween is the report on the span between two readings. */
export function statsBetween(before: Counters, after: Counters): ClientStats {
  const grown = (from: number, to: number) => Math.max(0, to - from);
  return create(ClientStatsSchema, {
    freezes: grown(before.freezes, after.freezes),
    framesDecoded: grown(before.framesDecoded, after.framesDecoded),
    concealedSamples: BigInt(grown(before.concealedSamples, after.concealedSamples)),
    totalSamples: BigInt(grown(before.totalSamples, after.totalSamples)),
    maxHeightReceived: after.maxHeight,
    spanMs: Math.round(grown(before.atMs, after.atMs)),
  });
}

/** Path is the way that packets take to the relay. */
export interface Path {
  readonly protocol: 'udp' | 'tcp';
  /** The relay's port; it has the same number for UDP and TCP. */
  readonly port: number;
}

// What this client reads of RTCTransportStats, RTCIceCandidatePairStats and RTCIceCandidateStats.
interface Connecting {
  readonly id: string;
  readonly type: string;
  readonly selectedCandidatePairId?: string;
  readonly nominated?: boolean;
  readonly state?: string;
  readonly remoteCandidateId?: string;
  readonly protocol?: string;
  readonly port?: number;
}

/** pathOf finds the candidate pair in use; undefined before there is one. */
export function pathOf(report: Iterable<Connecting>): Path | undefined {
  const entries = new Map([...report].map((entry) => [entry.id, entry]));
  const all = [...entries.values()];
  const selected = all.find(({ type }) => type === 'transport')?.selectedCandidatePairId;
  // A browser that does not name the pair in use has one that both ends agreed on.
  const agreed = () => all.find((one) => one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded');
  const pair = (selected && entries.get(selected)) || agreed();
  const { protocol, port } = entries.get(pair?.remoteCandidateId ?? '') ?? {};
  if ((protocol !== 'udp' && protocol !== 'tcp') || port === undefined) return undefined;
  return { protocol, port };
}

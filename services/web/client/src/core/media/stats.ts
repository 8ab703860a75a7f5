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

// What a page receives, by its browser's statistics.
import type { Page } from '@playwright/test';

interface Measured extends Window {
  peers?: RTCPeerConnection[];
}

/** Samples of sound since the connection began. */
export interface Played {
  readonly samples: number;
  /** Those among them that the browser made up. */
  readonly concealed: number;
}

/** soundOf reads the statistics of a page's newest connection; the page must be measured. */
export async function soundOf(page: Page): Promise<Played> {
  return page.evaluate(async () => {
    const peer = (window as Measured).peers?.findLast((one) => one.connectionState === 'connected');
    const out = { samples: 0, concealed: 0 };
    for (const report of (await peer?.getStats())?.values() ?? []) {
      if (report.type !== 'inbound-rtp' || report.kind !== 'audio' || !report.packetsReceived) continue;
      out.samples += report.totalSamplesReceived;
      out.concealed += report.concealedSamples;
    }
    return out;
  });
}

/** How the picture in an element arrives. */
export interface Arriving {
  /** Such as "video/VP8". */
  readonly codec?: string;
  /** Packets that came only when they were asked for again. */
  readonly repaired: number;
}

/** arrivingIn reads the statistics of the stream in an element; the page must be measured. */
export async function arrivingIn(page: Page, selector: string): Promise<Arriving> {
  return page.evaluate(async (selector) => {
    const stream = document.querySelector<HTMLVideoElement>(selector)?.srcObject;
    const track = stream instanceof MediaStream ? stream.getVideoTracks()[0]?.id : undefined;
    const peer = (window as Measured).peers?.findLast((one) => one.connectionState === 'connected');
    const all = (await peer?.getStats()) ?? new Map();
    const own = [...all.values()].find((one) => one.type === 'inbound-rtp' && one.trackIdentifier === track);
    return { codec: all.get(own?.codecId)?.mimeType, repaired: own?.retransmittedPacketsReceived ?? 0 };
  }, selector);
}

/** concealedBetween is the share of the sound that the browser made up between two readings, from 0 to 1. */
export function concealedBetween(before: Played, after: Played): number {
  return (after.concealed - before.concealed) / Math.max(1, after.samples - before.samples);
}

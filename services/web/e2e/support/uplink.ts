// What a page sends: which layers of its camera are live.
import type { Page } from '@playwright/test';

interface Measured extends Window {
  peers?: RTCPeerConnection[];
}

/** notePeers keeps the media connections of a page; it runs in the page before anything else. */
export function notePeers(): void {
  const here: Measured = window;
  const Real = window.RTCPeerConnection;
  here.peers = [];
  window.RTCPeerConnection = class extends Real {
    constructor(config?: RTCConfiguration) {
      super(config);
      here.peers?.push(this);
    }
  };
}

/** What a camera sends now. */
export interface Uplink {
  /** Frames per second by layer, "q", "h" and "f", of those that send. */
  layers: Record<string, number>;
  /** What the browser believes that its line carries, in bits per second. */
  estimate?: number;
}

/** uplinkOf reads the statistics of a page's newest connection. */
export async function uplinkOf(page: Page): Promise<Uplink> {
  return page.evaluate(async () => {
    const peer = (window as Measured).peers?.findLast((one) => one.connectionState === 'connected');
    const out: Uplink = { layers: {} };
    for (const report of (await peer?.getStats())?.values() ?? []) {
      if (report.type === 'outbound-rtp' && report.rid && report.framesPerSecond > 0) {
        out.layers[report.rid] = report.framesPerSecond;
      }
      if (report.type === 'candidate-pair' && report.nominated) out.estimate = report.availableOutgoingBitrate;
    }
    return out;
  });
}

/** soundOf is how many octets a packet of a page's microphone holds, over two seconds. */
export async function soundOf(page: Page): Promise<number> {
  const sent = () =>
    page.evaluate(async () => {
      const out = { packets: 0, octets: 0 };
      const peer = (window as Measured).peers?.findLast((one) => one.connectionState === 'connected');
      for (const report of (await peer?.getStats())?.values() ?? []) {
        if (report.type !== 'outbound-rtp' || report.kind !== 'audio') continue;
        out.packets += report.packetsSent - (report.retransmittedPacketsSent ?? 0);
        out.octets += report.bytesSent - (report.retransmittedBytesSent ?? 0);
      }
      return out;
    });
  const before = await sent();
  await page.waitForTimeout(2_000);
  const after = await sent();
  return (after.octets - before.octets) / (after.packets - before.packets);
}

/** missingOf is the share of the sound's packets that never came to a page, over ten seconds. */
export async function missingOf(page: Page): Promise<number> {
  const heard = () =>
    page.evaluate(async () => {
      const out = { lost: 0, received: 0 };
      const peer = (window as Measured).peers?.findLast((one) => one.connectionState === 'connected');
      for (const report of (await peer?.getStats())?.values() ?? []) {
        if (report.type !== 'inbound-rtp' || report.kind !== 'audio') continue;
        out.lost += report.packetsLost ?? 0;
        out.received += report.packetsReceived ?? 0;
      }
      return out;
    });
  const before = await heard();
  await page.waitForTimeout(10_000);
  const after = await heard();
  const lost = after.lost - before.lost;
  return lost / (lost + after.received - before.received);
}

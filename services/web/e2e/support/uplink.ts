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

// When a page showed new frames: precise to some milliseconds, where a witness who looks now and then is not.
import { expect, type Page } from '@playwright/test';

/** FrameWatch tells moments in the computer's time: all browsers of a journey and the test share its clock. */
export interface FrameWatch {
  /** The last moment before this one at which a new frame was there. */
  lastBefore(ms: number): Promise<number>;
  /** The first moment after this one at which a new frame is there; waits for it. */
  firstAfter(ms: number): Promise<number>;
}

interface Noting {
  tongkeFrames?: Record<string, number[]>;
}

const lookEveryMs = 20;

/** watchFrames notes from now on whenever the video element that a selector finds has got further. */
export async function watchFrames(page: Page, selector: string): Promise<FrameWatch> {
  await page.evaluate(
    ({ selector, everyMs }) => {
      const noting = window as Noting;
      noting.tongkeFrames ??= {};
      const moments: number[] = [];
      noting.tongkeFrames[selector] = moments;
      let before: [Element | null, number] = [null, 0];
      setInterval(() => {
        const video = document.querySelector<HTMLVideoElement>(selector);
        const frames = video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
        if (frames > 0 && (video !== before[0] || frames !== before[1])) moments.push(Date.now());
        before = [video, frames];
      }, everyMs);
    },
    { selector, everyMs: lookEveryMs },
  );
  const moments = () => page.evaluate((selector) => (window as Noting).tongkeFrames?.[selector] ?? [], selector);
  return {
    lastBefore: async (ms) => (await moments()).filter((moment) => moment <= ms).at(-1) ?? 0,
    async firstAfter(ms) {
      const first = async () => (await moments()).find((moment) => moment > ms) ?? 0;
      await expect.poll(first, { message: `a new frame in ${selector}`, intervals: [100] }).toBeGreaterThan(ms);
      return first();
    },
  };
}

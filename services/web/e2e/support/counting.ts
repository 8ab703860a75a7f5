// Every frame that a page shows, by what is in it: the counter and the hue of its source.
import type { Page } from '@playwright/test';
import { picture } from './media';

/** One frame as it was shown. */
interface Shown {
  /** In the computer's time. */
  readonly atMs: number;
  readonly counter: number;
  readonly rgb: readonly number[];
  /** Height of the stream, which tells its layer. */
  readonly height: number;
}

/** What was shown in some span of time. */
export interface Showing {
  /** New pictures per second. */
  readonly rate: number;
  /** The longest time without a new one. */
  readonly longestMs: number;
  /** Pictures of another hue: torn ones, or somebody else's. */
  readonly strange: number;
  /** How often the counter went back. */
  readonly back: number;
  /** Heights of the stream, without repetition. */
  readonly heights: readonly number[];
}

interface Counting {
  tongkeShown?: Shown[];
}

/** How far the hue of a source may be off after its way through an encoder. */
const hueTolerance = 90;

/** FrameCounter reads the frames of a video element from its making on. */
export class FrameCounter {
  readonly #page: Page;
  readonly #rgb: readonly number[];

  private constructor(page: Page, rgb: readonly number[]) {
    this.#page = page;
    this.#rgb = rgb;
  }

  /** Of a page's element that shall show a source of a hue. */
  static async of(page: Page, selector: string, rgb: readonly number[]): Promise<FrameCounter> {
    await page.evaluate(readFrames, { selector, ...picture });
    return new FrameCounter(page, rgb);
  }

  /** What was shown in the last so many milliseconds. */
  async last(ms: number): Promise<Showing> {
    const to = Date.now();
    const all = await this.#page.evaluate(() => (window as Counting).tongkeShown ?? []);
    return showing(all, this.#rgb, to - ms, to);
  }

  /** What is shown from now on for so many milliseconds. */
  async next(ms: number): Promise<Showing> {
    await this.#page.waitForTimeout(ms);
    return this.last(ms);
  }
}

function showing(all: readonly Shown[], rgb: readonly number[], from: number, to: number): Showing {
  const span = all.filter(({ atMs }) => atMs >= from && atMs <= to);
  const steps = span.slice(1).map(({ atMs, counter }, i) => ({
    atMs,
    step: (counter - (span[i]?.counter ?? counter) + picture.frames) % picture.frames,
  }));
  const back = steps.filter(({ step }) => step > picture.frames / 2).length;
  const strange = span.filter((one) => Math.hypot(...rgb.map((c, i) => c - (one.rgb[i] ?? 0))) > hueTolerance).length;
  const fresh = steps.filter(({ step }) => step > 0 && step <= picture.frames / 2).map(({ atMs }) => atMs);
  const edges = [from, ...fresh, to];
  return {
    rate: (fresh.length * 1000) / (to - from),
    longestMs: Math.max(...edges.slice(1).map((at, i) => at - (edges[i] ?? at))),
    strange,
    back,
    heights: [...new Set(span.map(({ height }) => height))],
  };
}

/** Runs in the page. The element may come later, and may be replaced by another. */
function readFrames({ selector, width, height, square, bits }: { selector: string } & typeof picture): void {
  const shown: Shown[] = [];
  (window as Counting).tongkeShown = shown;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width / 4, height / 4];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const at = (x: number, y: number) => [...(context?.getImageData(x / 4, y / 4, 1, 1).data.slice(0, 3) ?? [])];
  const read = (video: HTMLVideoElement) => {
    context?.drawImage(video, 0, 0, width / 4, height / 4);
    let counter = 0;
    for (let bit = 0; bit < bits; bit++) {
      const [r = 0, g = 0, b = 0] = at((bit + 0.5) * square, square / 2);
      if ((r + g + b) / 3 > 128) counter |= 1 << bit;
    }
    shown.push({ atMs: Date.now(), counter, rgb: at(width * 0.75, height * 0.35), height: video.videoHeight });
    video.requestVideoFrameCallback(() => read(video));
  };
  let known: HTMLVideoElement | null = null;
  setInterval(() => {
    const video = document.querySelector<HTMLVideoElement>(selector);
    if (video === known) return;
    known = video;
    video?.requestVideoFrameCallback(() => read(video));
  }, 100);
}

// Every moment of sound that a page plays: whether somebody's tone is in it, and how much of it the browser made up.
import type { Page } from '@playwright/test';
import { people, type Who } from './media';

/** What was heard in some span of time. */
export interface Heard {
  /** The longest time without the tone. */
  readonly longestGapMs: number;
  /** Share of the time with the tone, from 0 to 1. */
  readonly share: number;
  /** How much of the time was listened to: a busy page misses some. */
  readonly attention: number;
}

/** One block of samples. */
interface Block {
  /** In the computer's time. */
  readonly atMs: number;
  readonly tone: boolean;
}

interface Listening {
  tongkeSounds?: Set<HTMLAudioElement>;
  tongkeBlocks?: Block[];
}

const blockSize = 2048;

/** Listener hears a page's sound from its making on. */
export class Listener {
  readonly #page: Page;
  readonly #blockMs: number;

  private constructor(page: Page, blockMs: number) {
    this.#page = page;
    this.#blockMs = blockMs;
  }

  /** For the tone of somebody who is heard already. */
  static async to(page: Page, who: Who): Promise<Listener> {
    return new Listener(page, await page.evaluate(listen, { hz: people[who].hz, blockSize }));
  }

  /** What was heard in the last so many milliseconds. */
  async last(ms: number): Promise<Heard> {
    const from = Date.now() - ms;
    const all = await this.#page.evaluate(() => (window as Listening).tongkeBlocks ?? []);
    const blocks = all.filter(({ atMs }) => atMs >= from);
    let [gap, longest] = [0, 0];
    for (const { tone } of blocks) {
      gap = tone ? 0 : gap + 1;
      longest = Math.max(longest, gap);
    }
    return {
      longestGapMs: longest * this.#blockMs,
      share: blocks.filter(({ tone }) => tone).length / Math.max(1, blocks.length),
      attention: (blocks.length * this.#blockMs) / ms,
    };
  }
}

/** Runs in the page, and returns how long a block is in milliseconds. */
async function listen({ hz, blockSize }: { hz: number; blockSize: number }): Promise<number> {
  const here = window as Listening;
  const blocks: Block[] = [];
  here.tongkeBlocks = blocks;
  const context = new AudioContext();
  await context.resume();
  // An audio worklet would need a script of its own, which the page's policy refuses.
  const ear = context.createScriptProcessor(blockSize, 1, 1);
  ear.onaudioprocess = ({ inputBuffer }) => {
    const samples = inputBuffer.getChannelData(0);
    // Goertzel: the power of one frequency against that of all.
    const w = 2 * Math.cos((2 * Math.PI * hz) / context.sampleRate);
    let [s1, s2, power] = [0, 0, 0];
    for (const sample of samples) {
      [s1, s2] = [sample + w * s1 - s2, s1];
      power += sample * sample;
    }
    const tone = (2 * (s1 * s1 + s2 * s2 - w * s1 * s2)) / (samples.length * samples.length);
    const mean = power / samples.length;
    blocks.push({ atMs: Date.now(), tone: mean > 1e-4 && tone > mean / 2 });
  };
  ear.connect(context.destination);
  for (const { srcObject } of here.tongkeSounds ?? []) {
    if (srcObject instanceof MediaStream) context.createMediaStreamSource(srcObject).connect(ear);
  }
  return (blockSize * 1000) / context.sampleRate;
}

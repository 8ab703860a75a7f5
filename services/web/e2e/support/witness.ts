// What somebody in front of a page sees and hears, read from the pixels and samples that the page plays.
import { expect, type Page } from '@playwright/test';
import { people, picture, type Who } from './media';

/** Eyes is what a witness needs of a page. */
export interface Eyes {
  evaluate<R, A>(look: (arg: A) => R | Promise<R>, arg: A): Promise<R>;
}

/**
 * quietEyes look at a page without touching it. Playwright's own look counts as a touch of the page, after which a
 * browser plays sound unasked.
 */
export async function quietEyes(page: Page): Promise<Eyes> {
  const session = await page.context().newCDPSession(page);
  return {
    async evaluate(look, arg) {
      const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
        expression: `(${look})(${JSON.stringify(arg)})`,
        awaitPromise: true,
        returnByValue: true,
        userGesture: false,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
  };
}

export interface Picture {
  who: Who | 'unknown';
  counter: number;
  /** Height of the stream, which tells its layer. */
  height: number;
}

/** Reads whose picture a video element shows, and its frame counter. Null while it shows nothing. */
export async function readPicture(page: Eyes, selector: string): Promise<Picture | null> {
  const raw = await page.evaluate(
    ({ selector, width, height, square, bits }) => {
      const video = document.querySelector<HTMLVideoElement>(selector);
      if (!video?.videoWidth) return null;
      const canvas = document.createElement('canvas');
      canvas.width = width;
      canvas.height = height;
      const context = canvas.getContext('2d', { willReadFrequently: true });
      if (!context) return null;
      context.drawImage(video, 0, 0, width, height);
      const at = (x: number, y: number) => [...context.getImageData(x, y, 1, 1).data.slice(0, 3)];
      let counter = 0;
      for (let bit = 0; bit < bits; bit++) {
        const [r = 0, g = 0, b = 0] = at(Math.round((bit + 0.5) * square), Math.round(square / 2));
        if ((r + g + b) / 3 > 128) counter |= 1 << bit;
      }
      return { hue: at(Math.round(width * 0.75), Math.round(height * 0.35)), counter, height: video.videoHeight };
    },
    { selector, ...picture },
  );
  if (!raw) return null;
  let who: Picture['who'] = 'unknown';
  let nearest = 90;
  for (const [name, { rgb }] of Object.entries(people)) {
    const distance = Math.hypot(...rgb.map((c, i) => c - (raw.hue[i] ?? 0)));
    if (distance < nearest) [nearest, who] = [distance, name as Who];
  }
  return { who, counter: raw.counter, height: raw.height };
}

/** Steps of the frame counter after which a picture counts as alive. */
const aliveSteps = 4;

/** Waits until an element shows somebody's picture and its frame counter has advanced several times. */
export async function expectPicture(page: Eyes, selector: string, who: Who, timeout = 25_000): Promise<void> {
  let last: number | undefined;
  let steps = 0;
  await expect
    .poll(
      async () => {
        const now = await readPicture(page, selector);
        if (now?.who !== who) return now ? `shows ${now.who}` : 'shows nothing';
        const step = last === undefined ? 0 : (now.counter - last + picture.frames) % picture.frames;
        if (step > 0 && step < picture.frames / 2) steps++;
        last = now.counter;
        return steps >= aliveSteps ? `shows ${who}, alive` : `shows ${who}, ${steps} steps`;
      },
      { message: `picture of ${who} in ${selector}`, intervals: [150], timeout },
    )
    .toBe(`shows ${who}, alive`);
}

/** What hears() keeps in a page, beside the set that the init script fills. */
interface Ears {
  tongkeSounds?: Set<HTMLAudioElement>;
  tongkeEar?: { analyser: AnalyserNode; sources: Map<MediaStreamTrack, MediaStreamAudioSourceNode> };
}

/** Notes every audio element that plays: they are not part of the document. Runs before the page's own scripts. */
export function noteSounds(): void {
  const sounds = new Set<HTMLAudioElement>();
  (window as unknown as Ears).tongkeSounds = sounds;
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (this instanceof HTMLAudioElement) sounds.add(this);
    return play.call(this);
  };
}

/** Whose tones the page plays at this moment. */
export async function hears(page: Eyes): Promise<Who[]> {
  const tones = Object.entries(people).map(([who, { hz }]) => ({ who: who as Who, hz }));
  return page.evaluate((tones) => {
    const ears = window as unknown as Ears;
    if (!ears.tongkeEar) {
      const analyser = new AudioContext().createAnalyser();
      analyser.fftSize = 8192;
      analyser.smoothingTimeConstant = 0;
      ears.tongkeEar = { analyser, sources: new Map() };
    }
    const { analyser, sources } = ears.tongkeEar;
    const context = analyser.context as AudioContext;
    void context.resume();
    const playing = new Set<MediaStreamTrack>();
    for (const element of ears.tongkeSounds ?? []) {
      if (element.paused || element.muted || element.volume === 0) continue;
      for (const track of (element.srcObject as MediaStream | null)?.getAudioTracks() ?? []) {
        playing.add(track);
        if (sources.has(track)) continue;
        const source = context.createMediaStreamSource(new MediaStream([track]));
        source.connect(analyser);
        sources.set(track, source);
      }
    }
    for (const [track, source] of sources) {
      if (playing.has(track)) continue;
      source.disconnect();
      sources.delete(track);
    }
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const bin = (hz: number) => Math.round((hz * analyser.fftSize) / context.sampleRate);
    const voice = [...bins.slice(bin(200), bin(4000))].sort((a, b) => a - b);
    const floor = voice[Math.floor(voice.length / 2)] ?? 0;
    return tones
      .filter(({ hz }) => {
        const level = Math.max(...bins.slice(bin(hz) - 2, bin(hz) + 3));
        return level > -60 && level > floor + 25;
      })
      .map(({ who }) => who);
  }, tones);
}

/** Waits until the page plays exactly the tones of these people. */
export async function expectHears(page: Eyes, who: Who[], timeout = 20_000): Promise<void> {
  await expect
    .poll(() => hears(page), { message: 'tones that the page plays', intervals: [200], timeout })
    .toEqual(Object.keys(people).filter((one) => who.includes(one as Who)));
}

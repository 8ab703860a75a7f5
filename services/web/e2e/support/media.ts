// Cameras and microphones whose content can be checked at the other end.
// A camera shows its person's hue over most of the picture, a frame counter as eight black or white squares, and
// a lively strip, because encoders drop layers of pictures in which nothing happens. A microphone plays one tone.
import { existsSync, mkdirSync, openSync, closeSync, writeSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

export const mediaDir = join(__dirname, '..', '..', '..', '..', '.cache', 'e2e-media');

/** Who sends what. The hues are far apart even after chroma subsampling. */
export const people = {
  teacher: { rgb: [200, 40, 40], hz: 1000 },
  room1: { rgb: [40, 170, 60], hz: 1400 },
  room2: { rgb: [50, 70, 210], hz: 600 },
} as const;
export type Who = keyof typeof people;

const width = 960;
const height = 540;
const frames = 48;
const fps = 15;
export const counterBits = 8;
// Squares of the counter: the upper left corner, one row.
const square = 56;

export const cameraFile = (who: Who) => join(mediaDir, `${who}.y4m`);
export const microphoneFile = (who: Who) => join(mediaDir, `${who}.wav`);

export function makeMedia(): void {
  mkdirSync(mediaDir, { recursive: true });
  for (const who of Object.keys(people) as Who[]) {
    if (!existsSync(cameraFile(who))) writeCamera(who);
    if (!existsSync(microphoneFile(who))) writeMicrophone(who);
  }
}

function writeCamera(who: Who): void {
  const [r, g, b] = people[who].rgb;
  // BT.601, limited range.
  const y0 = Math.round(16 + (65.738 * r + 129.057 * g + 25.064 * b) / 256);
  const u0 = Math.round(128 + (-37.945 * r - 74.494 * g + 112.439 * b) / 256);
  const v0 = Math.round(128 + (112.439 * r - 94.154 * g - 18.285 * b) / 256);
  const file = openSync(cameraFile(who), 'w');
  writeSync(file, `YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`);
  let noise = 1;
  for (let n = 0; n < frames; n++) {
    const y = Buffer.alloc(width * height, y0);
    const u = Buffer.alloc((width * height) / 4, u0);
    const v = Buffer.alloc((width * height) / 4, v0);
    for (let bit = 0; bit < counterBits; bit++) {
      const shade = (n >> bit) & 1 ? 235 : 16;
      for (let row = 0; row < square; row++) y.fill(shade, row * width + bit * square, row * width + (bit + 1) * square);
    }
    for (let row = 0; row < square / 2; row++) {
      u.fill(128, (row * width) / 2, (row * width) / 2 + (counterBits * square) / 2);
      v.fill(128, (row * width) / 2, (row * width) / 2 + (counterBits * square) / 2);
    }
    // The lively strip: blocks of changing brightness along the bottom fifth.
    for (let row = Math.floor(height * 0.8); row < height; row += 12) {
      for (let column = 0; column < width; column += 24) {
        noise = (noise * 1103515245 + 12345) & 0x7fffffff;
        const shade = 40 + (noise >> 16) % 160;
        for (let k = 0; k < 12 && row + k < height; k++) y.fill(shade, (row + k) * width + column, (row + k) * width + column + 24);
      }
    }
    writeSync(file, 'FRAME\n');
    writeSync(file, y);
    writeSync(file, u);
    writeSync(file, v);
  }
  closeSync(file);
}

function writeMicrophone(who: Who): void {
  const rate = 48_000;
  const samples = rate * 2;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++) wav.writeInt16LE(Math.round(9000 * Math.sin((2 * Math.PI * people[who].hz * i) / rate)), 44 + i * 2);
  writeFileSync(microphoneFile(who), wav);
}

export interface Picture {
  who: Who | 'unknown';
  counter: number;
  width: number;
  height: number;
}

/** Reads whose picture a video element shows, and its frame counter. Null while it shows nothing. */
export async function readPicture(page: Page, selector: string): Promise<Picture | null> {
  const raw = await page.evaluate(
    ({ selector, width, height, square, bits }) => {
      const video = document.querySelector<HTMLVideoElement>(selector);
      if (!video || !video.videoWidth) return null;
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
      return { hue: at(Math.round(width * 0.75), Math.round(height * 0.45)), counter, width: video.videoWidth, height: video.videoHeight };
    },
    { selector, width, height, square, bits: counterBits },
  );
  if (!raw) return null;
  let who: Picture['who'] = 'unknown';
  let nearest = 90;
  for (const [name, { rgb }] of Object.entries(people)) {
    const distance = Math.hypot(...rgb.map((c, i) => c - (raw.hue[i] ?? 0)));
    if (distance < nearest) [nearest, who] = [distance, name as Who];
  }
  return { who, counter: raw.counter, width: raw.width, height: raw.height };
}

/** The loudest frequency that an audio or video element plays, in Hz; 0 when silent. */
export async function readTone(page: Page, selector: string): Promise<number> {
  return page.evaluate(async (selector) => {
    const element = document.querySelector<HTMLMediaElement>(selector);
    const stream = element?.srcObject as MediaStream | null;
    if (!stream || stream.getAudioTracks().length === 0) return 0;
    const context = new AudioContext();
    await context.resume();
    const source = context.createMediaStreamSource(stream);
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0;
    source.connect(analyser);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    await context.close();
    let loudest = 0;
    bins.forEach((value, index) => {
      if (value > (bins[loudest] ?? -Infinity)) loudest = index;
    });
    return (bins[loudest] ?? -200) > -70 ? (loudest * context.sampleRate) / 8192 : 0;
  }, selector);
}

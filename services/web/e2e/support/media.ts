// Cameras and microphones whose content can be checked at the other end.
// A camera shows its person's hue over most of the picture, a frame counter as eight black or white squares, and
// a lively strip, because encoders drop layers of pictures in which nothing happens; the rest is scenery. A microphone
// plays one tone.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { drawPupils, drawTeacher } from './scenery';

// A new name where the content changes.
const mediaDir = join(__dirname, '..', '..', '..', '..', '.cache', 'e2e-media-3');

/** Who sends what. The hues are far apart even after chroma subsampling; no tone is a harmonic of another. */
export const people = {
  teacher: { rgb: [200, 40, 40], hz: 1000 },
  room1: { rgb: [40, 170, 60], hz: 1400 },
  room2: { rgb: [50, 70, 210], hz: 600 },
} as const;
export type Who = keyof typeof people;

/** Geometry of the camera's picture; the counter is a row of squares in the upper left corner. */
export const picture = { width: 960, height: 540, square: 56, bits: 8, frames: 48, fps: 15 } as const;

export const cameraFile = (who: Who) => join(mediaDir, `${who}.y4m`);
export const microphoneFile = (who: Who) => join(mediaDir, `${who}.wav`);

/** makeMedia writes what is missing; files appear whole or not at all. */
export function makeMedia(): void {
  mkdirSync(mediaDir, { recursive: true });
  for (const who of Object.keys(people) as Who[]) {
    if (!existsSync(cameraFile(who))) whole(cameraFile(who), (path) => writeCamera(path, who));
    if (!existsSync(microphoneFile(who))) whole(microphoneFile(who), (path) => writeMicrophone(path, who));
  }
}

function whole(path: string, write: (path: string) => void): void {
  const part = `${path}.${process.pid}`;
  write(part);
  renameSync(part, path);
}

function writeCamera(path: string, who: Who): void {
  const { width, height, square, bits, frames, fps } = picture;
  const [r, g, b] = people[who].rgb;
  // BT.601, limited range.
  const y0 = Math.round(16 + (65.738 * r + 129.057 * g + 25.064 * b) / 256);
  const u0 = Math.round(128 + (-37.945 * r - 74.494 * g + 112.439 * b) / 256);
  const v0 = Math.round(128 + (112.439 * r - 94.154 * g - 18.285 * b) / 256);
  const file = openSync(path, 'w');
  writeSync(file, `YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`);
  let noise = 1;
  for (let n = 0; n < frames; n++) {
    const y = Buffer.alloc(width * height, y0);
    const u = Buffer.alloc((width * height) / 4, u0);
    const v = Buffer.alloc((width * height) / 4, v0);
    const draw = who === 'teacher' ? drawTeacher : drawPupils;
    draw({ width, height, y }, y0, n / frames);
    for (let bit = 0; bit < bits; bit++) {
      const shade = (n >> bit) & 1 ? 235 : 16;
      for (let row = 0; row < square; row++)
        y.fill(shade, row * width + bit * square, row * width + (bit + 1) * square);
    }
    for (let row = 0; row < square / 2; row++) {
      u.fill(128, (row * width) / 2, (row * width) / 2 + (bits * square) / 2);
      v.fill(128, (row * width) / 2, (row * width) / 2 + (bits * square) / 2);
    }
    // The lively strip: blocks of changing brightness along the bottom fifth.
    for (let row = Math.floor(height * 0.8); row < height; row += 12) {
      for (let column = 0; column < width; column += 24) {
        noise = (noise * 1103515245 + 12345) & 0x7fffffff;
        const shade = y0 - 50 + ((noise >> 16) % 100);
        for (let k = 0; k < 12 && row + k < height; k++) {
          y.fill(shade, (row + k) * width + column, (row + k) * width + column + 24);
        }
      }
    }
    for (const part of ['FRAME\n', y, u, v]) writeSync(file, part as Buffer);
  }
  closeSync(file);
}

function writeMicrophone(path: string, who: Who): void {
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
  const step = (2 * Math.PI * people[who].hz) / rate;
  for (let i = 0; i < samples; i++) wav.writeInt16LE(Math.round(9000 * Math.sin(step * i)), 44 + i * 2);
  writeFileSync(path, wav);
}

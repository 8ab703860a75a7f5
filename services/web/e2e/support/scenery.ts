// A drawing in shades of one hue, so that the pictures look like a lesson and their hue can still be read.
// All measures are shares of the picture's width or height.

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Brightness of each pixel. */
  readonly y: Buffer;
}

/** A teacher beside a board; `beat` runs from 0 to 1 and moves the arm. */
export function drawTeacher(canvas: Canvas, shade: number, beat: number): void {
  const swing = Math.sin(beat * 2 * Math.PI) * 0.03;
  rectangle(canvas, 0.3, 0.16, 0.98, 0.66, shade - 34);
  rectangle(canvas, 0.305, 0.17, 0.975, 0.65, shade);
  for (const [line, length] of [0.2, 0.26, 0.14].entries()) {
    rectangle(canvas, 0.36, 0.27 + line * 0.1, 0.36 + length, 0.282 + line * 0.1, shade + 90);
  }
  ellipse(canvas, 0.18, 0.82, 0.11, 0.34, shade - 42);
  rectangle(canvas, 0.24, 0.5 + swing, 0.34, 0.55 + swing, shade - 42);
  ellipse(canvas, 0.18, 0.4, 0.052, 0.115, shade + 60);
}

/** Two rows of pupils, seen from the front of the room; now and then one nods. */
export function drawPupils(canvas: Canvas, shade: number, beat: number): void {
  for (const [row, { seats, left, top }] of [
    { seats: 6, left: 0.1, top: 0.5 },
    { seats: 5, left: 0.18, top: 0.6 },
  ].entries()) {
    for (let seat = 0; seat < seats; seat++) {
      const x = left + seat * 0.16;
      const nod = Math.sin((beat + (seat * 5 + row * 3) / 17) * 2 * Math.PI) * 0.006;
      ellipse(canvas, x, top + 0.28, 0.05, 0.22, shade - 44 + row * 12);
      ellipse(canvas, x, top + nod, 0.026, 0.056, shade + 46 + row * 14);
    }
  }
}

function rectangle(
  { width, height, y }: Canvas,
  left: number,
  top: number,
  right: number,
  bottom: number,
  shade: number,
) {
  for (let row = Math.round(top * height); row < Math.round(bottom * height); row++) {
    y.fill(shade, row * width + Math.round(left * width), row * width + Math.round(right * width));
  }
}

function ellipse({ width, height, y }: Canvas, x: number, middle: number, rx: number, ry: number, shade: number): void {
  const first = Math.max(0, Math.ceil((middle - ry) * height));
  const last = Math.min(height - 1, Math.floor((middle + ry) * height));
  for (let row = first; row <= last; row++) {
    const half = rx * Math.sqrt(Math.max(0, 1 - ((row / height - middle) / ry) ** 2));
    y.fill(shade, row * width + Math.round((x - half) * width), row * width + Math.round((x + half) * width));
  }
}

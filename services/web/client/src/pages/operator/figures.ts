/** Figures as the board writes them; a dash where nothing was measured. */

export const dash = '–';

export function milliseconds(value: number | undefined): string {
  return value === undefined ? dash : `${Math.round(value)} ms`;
}

/** A fraction 0..1 as percent; one decimal below ten, since 0.4 % and 2 % are different worlds. */
export function percent(fraction: number | undefined): string {
  if (fraction === undefined) return dash;
  const value = fraction * 100;
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10}%`;
}

/** kbit/s, as Mbit/s from one on. */
export function bitrate(kbps: number | undefined): string {
  if (kbps === undefined) return dash;
  return kbps >= 1_000 ? `${(kbps / 1_000).toFixed(1)}M` : `${kbps}k`;
}

/** kbit/s in a sentence. */
export function megabits(kbps: number): string {
  return `${(kbps / 1_000).toFixed(1)} Mbit/s`;
}

export function height(pixels: number | undefined): string {
  return pixels === undefined ? dash : `${pixels}p`;
}

export function pair(first: string, second: string): string {
  return first === dash && second === dash ? dash : `${first} / ${second}`;
}

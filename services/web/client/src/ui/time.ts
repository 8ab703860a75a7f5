/** Spans of time on the page; moments are told by core/zone.ts. */
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { timestampMs } from '@bufbuild/protobuf/wkt';

const pad = (value: number) => String(value).padStart(2, '0');

/** Milliseconds of an optional timestamp; NaN when it is unset, which no comparison accepts. */
export function millis(time: Timestamp | undefined): number {
  return time ? timestampMs(time) : Number.NaN;
}

/** "4:07", or "1:04:07" from one hour on; negative spans count as none. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

/** Whole minutes until a moment, rounded up, so that "1 minute" is never already over. */
export function minutesUntil(ms: number, now: number): number {
  return Math.ceil((ms - now) / 60_000);
}

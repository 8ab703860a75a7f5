/** Times on the page: server clock in, the reader's own time zone out. */
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { timestampMs } from '@bufbuild/protobuf/wkt';

const pad = (value: number) => String(value).padStart(2, '0');

/** Milliseconds of an optional timestamp; NaN when it is unset, which no comparison accepts. */
export function millis(time: Timestamp | undefined): number {
  return time ? timestampMs(time) : Number.NaN;
}

/** "09:05". */
export function clock(time: Timestamp | number | undefined): string {
  const ms = typeof time === 'number' ? time : millis(time);
  if (Number.isNaN(ms)) return '–';
  const date = new Date(ms);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** "09:05:07". */
export function clockSeconds(time: Timestamp | number | undefined): string {
  const ms = typeof time === 'number' ? time : millis(time);
  return Number.isNaN(ms) ? '–' : `${clock(ms)}:${pad(new Date(ms).getSeconds())}`;
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

/** Midnight to midnight of the day that holds the moment, in the reader's zone. */
export function dayOf(ms: number): { from: Date; to: Date } {
  const from = new Date(ms);
  from.setHours(0, 0, 0, 0);
  const to = new Date(from);
  to.setDate(to.getDate() + 1);
  return { from, to };
}

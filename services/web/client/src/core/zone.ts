import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { timestampMs } from '@bufbuild/protobuf/wkt';

/** A moment as contracts and clocks give it: a timestamp that may be unset, or milliseconds. */
export type Moment = Timestamp | number | undefined;

interface WallTime {
  /** "2026-11-23". */
  readonly date: string;
  /** "09:05:07". */
  readonly time: string;
}

/**
 * Zone turns moments into what the clock on a campus's wall shows, and back. Computers in classrooms and laptops of
 * travelling teachers may have another time zone; no page shows theirs.
 */
export class Zone {
  readonly #format: Intl.DateTimeFormat;

  /** A name that this browser does not know, or none, gives the computer's own zone. */
  constructor(name: string) {
    this.#format = formatIn(name) ?? (formatIn(undefined) as Intl.DateTimeFormat);
  }

  /** The IANA name, such as "Asia/Shanghai". */
  get name(): string {
    return this.#format.resolvedOptions().timeZone;
  }

  /** "09:05"; a dash for an unset moment. */
  readonly clock = (moment: Moment): string => this.#wall(moment)?.time.slice(0, 5) ?? '–';

  /** "09:05:07". */
  readonly clockSeconds = (moment: Moment): string => this.#wall(moment)?.time ?? '–';

  /** "2026-11-23", as date inputs want it. */
  readonly date = (ms: number): string => this.#wall(ms)?.date ?? '';

  /**
   * Milliseconds at which the wall shows "2026-11-23" and "09:05"; NaN when one of them is not complete. Of an hour
   * that a change of clocks repeats it is the first, of one that is skipped the same distance behind the change.
   */
  readonly moment = (date: string, time: string): number => {
    const wall = Date.parse(`${date}T${time}:00Z`);
    if (Number.isNaN(wall)) return Number.NaN;
    // The offset of the day before and after: they differ only around a change of clocks.
    const candidates = [wall - this.#offset(wall - dayMs), wall - this.#offset(wall + dayMs)];
    return candidates.find((ms) => ms + this.#offset(ms) === wall) ?? (candidates[0] as number);
  };

  /** Midnight to midnight of a date. */
  readonly dayOf = (date: string): { fromMs: number; toMs: number } => ({
    fromMs: this.moment(date, '00:00'),
    toMs: this.moment(laterDate(date, 1), '00:00'),
  });

  /** Whether this computer's own clock shows the same at this moment. */
  readonly isComputers = (ms: number): boolean => this.#offset(ms) === -new Date(ms).getTimezoneOffset() * 60_000;

  /** Whether both walls show the same at this moment. */
  readonly agrees = (other: Zone, ms: number): boolean => this.#offset(ms) === other.#offset(ms);

  /** "China Standard Time", in the words of a language. */
  readonly title = (language: string, ms: number): string => {
    const format = new Intl.DateTimeFormat(language, { timeZone: this.name, timeZoneName: 'long' });
    return format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? this.name;
  };

  /** How far the wall is ahead of UTC, in milliseconds. */
  #offset(ms: number): number {
    const wall = this.#wall(ms);
    return wall ? Date.parse(`${wall.date}T${wall.time}Z`) - Math.floor(ms / 1_000) * 1_000 : 0;
  }

  #wall(moment: Moment): WallTime | undefined {
    const ms = typeof moment === 'object' ? timestampMs(moment) : moment;
    if (ms === undefined || Number.isNaN(ms)) return undefined;
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
    for (const { type, value } of this.#format.formatToParts(ms)) parts[type] = value;
    return {
      date: `${parts.year}-${parts.month}-${parts.day}`,
      time: `${parts.hour}:${parts.minute}:${parts.second}`,
    };
  }
}

const dayMs = 86_400_000;

/** laterDate counts days in a calendar: "2026-11-30" and 1 give "2026-12-01". */
export function laterDate(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

const zones = new Map<string, Zone>();

/** zoneNamed gives the one Zone of a name: making a formatter is slow. */
export function zoneNamed(name: string): Zone {
  const zone = zones.get(name) ?? new Zone(name);
  zones.set(name, zone);
  return zone;
}

function formatIn(timeZone: string | undefined): Intl.DateTimeFormat | undefined {
  if (timeZone === '') return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch {
    return undefined;
  }
}

// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { laterDate, Zone } from './zone';

const morning = Date.UTC(2026, 10, 23, 1, 5, 7); // 09:05:07 in Shanghai

// What a computer believes changes nothing.
describe.each(['America/New_York', 'Asia/Shanghai', 'Pacific/Kiritimati', 'UTC'])(
  'on a computer in %s',
  (computers) => {
    const shanghai = new Zone('Asia/Shanghai');
    beforeEach(() => vi.stubEnv('TZ', computers));
    afterEach(() => vi.unstubAllEnvs());

    it('shows the campus’s clock and date', () => {
      expect(shanghai.clock(morning)).toBe('09:05');
      expect(shanghai.clock(timestampFromMs(morning))).toBe('09:05');
      expect(shanghai.clockSeconds(morning)).toBe('09:05:07');
      expect(shanghai.date(Date.UTC(2026, 10, 22, 15, 59))).toBe('2026-11-22');
      expect(shanghai.date(Date.UTC(2026, 10, 22, 16, 0))).toBe('2026-11-23');
      expect(shanghai.clock(Date.UTC(2026, 10, 22, 16, 0))).toBe('00:00');
    });

    it('takes what is typed for the campus’s time', () => {
      expect(shanghai.moment('2026-11-23', '09:05')).toBe(Date.UTC(2026, 10, 23, 1, 5));
      expect(new Zone('Asia/Urumqi').moment('2026-11-23', '09:05')).toBe(Date.UTC(2026, 10, 23, 3, 5));
      expect(shanghai.dayOf('2026-11-30')).toEqual({
        fromMs: Date.UTC(2026, 10, 29, 16),
        toMs: Date.UTC(2026, 10, 30, 16),
      });
    });

    it('knows whether the computer’s clock shows the same', () => {
      expect(shanghai.isComputers(morning)).toBe(computers === 'Asia/Shanghai');
    });
  },
);

describe('Zone', () => {
  it('comes back to the same moment, through changes of clocks too', () => {
    const berlin = new Zone('Europe/Berlin');
    for (let ms = Date.UTC(2026, 2, 28); ms < Date.UTC(2026, 2, 31); ms += 1_800_000) {
      expect(berlin.moment(berlin.date(ms), berlin.clock(ms))).toBe(ms);
    }
    // 02:30 is skipped on 29 March and repeated on 25 October.
    expect(berlin.moment('2026-03-29', '02:30')).toBe(Date.UTC(2026, 2, 29, 1, 30));
    expect(berlin.moment('2026-10-25', '02:30')).toBe(Date.UTC(2026, 9, 25, 0, 30));
    const { fromMs, toMs } = berlin.dayOf('2026-10-25');
    expect(toMs - fromMs).toBe(25 * 3_600_000);
  });

  it('has a dash for what is unset, and no moment for what is not typed yet', () => {
    const zone = new Zone('Asia/Shanghai');
    expect([zone.clock(undefined), zone.clockSeconds(Number.NaN)]).toEqual(['–', '–']);
    expect([zone.moment('2026-11-23', ''), zone.moment('', '09:05')]).toEqual([Number.NaN, Number.NaN]);
  });

  it('of an unknown or empty name is the computer’s own', () => {
    for (const name of ['', 'Moon/Base']) expect(new Zone(name).isComputers(morning)).toBe(true);
  });

  it('has a title in both languages', () => {
    const zone = new Zone('Asia/Shanghai');
    expect([zone.title('zh-CN', morning), zone.title('en', morning)]).toEqual(['中国标准时间', 'China Standard Time']);
  });

  it('counts dates over the ends of months and years', () => {
    expect([laterDate('2026-11-30', 1), laterDate('2027-01-01', -1)]).toEqual(['2026-12-01', '2026-12-31']);
  });
});

it('nothing else in this client asks the computer what time of day it is', () => {
  const asks = /\.[gs]et(Hours|Minutes|Date|Day|Month|FullYear)\(|toLocale(Date|Time)?String|toDateString|toTimeString/;
  const src = new URL('..', import.meta.url);
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^(?!gen).*\.tsx?$/.test(name),
  );
  expect(files.length).toBeGreaterThan(100);
  const asking = files.filter((name) => asks.test(readFileSync(new URL(name, src), 'utf8')));
  expect(asking).toEqual(['core/zone.test.ts']);
});

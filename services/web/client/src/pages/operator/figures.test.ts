import { describe, expect, it } from 'vitest';
import { bitrate, height, megabits, milliseconds, pair, percent } from './figures';

describe('figures', () => {
  it('show a dash where nothing was measured, never a zero', () => {
    expect([milliseconds(undefined), percent(undefined), bitrate(undefined), height(undefined)]).toEqual(
      Array(4).fill('–'),
    );
    expect(pair('–', '–')).toBe('–');
    expect(pair('1%', '–')).toBe('1% / –');
  });

  it('keep small losses apart', () => {
    expect([0, 0.004, 0.02, 0.123].map(percent)).toEqual(['0%', '0.4%', '2%', '12%']);
  });

  it('are read in the unit that fits', () => {
    expect([80, 999, 1_450].map(bitrate)).toEqual(['80k', '999k', '1.4M']);
    expect(milliseconds(12.6)).toBe('13 ms');
    expect(megabits(444)).toBe('0.4 Mbit/s');
  });
});

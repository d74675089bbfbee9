import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { percentile } from '../percentiles.js';
import { TimeHistogram } from './time.histogram.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const times = fc.array(fc.double({ min: 0.001, max: 100_000, noNaN: true }), { minLength: 1 });

describe('TimeHistogram', () => {
  it('tells every percentile to 0.1 %, and a microsecond', () => {
    fc.assert(
      fc.property(times, fc.constantFrom(1, 50, 90, 99, 99.9, 100), (values, percent) => {
        const told = TimeHistogram.of(values).percentile(percent);
        // It rounds the rank, where `percentile` takes the next one.
        const exact = [percentile(values, percent), percentile(values, percent - 50 / values.length)];
        const errors = exact.map((ms) => Math.abs(told - ms) - ms * 0.001);
        expect(Math.min(...errors)).toBeLessThanOrEqual(0.0011);
      }),
    );
  });

  it('says of merged rounds what it would say of all their values', () => {
    fc.assert(
      fc.property(fc.array(times, { maxLength: 4 }), (rounds) => {
        const merged = TimeHistogram.merged(rounds.map((round) => TimeHistogram.of(round)));
        expect(merged.count).toBe(rounds.flat().length);
        expect(merged.curve()).toEqual(TimeHistogram.of(rounds.flat()).curve());
      }),
    );
  });

  it('takes what clocks make less than nothing for the least time, and more than an hour for an hour', () => {
    expect(TimeHistogram.of([-0.3]).percentile(100)).toBe(0.001);
    expect(TimeHistogram.of([1e9]).percentile(100)).toBeCloseTo(3_600_000, -4);
  });

  it('draws a curve that only rises, ever closer to 100 %, as far as there are values', () => {
    const curve = TimeHistogram.of(upTo(1_000)).curve();
    expect(curve[0]?.percent).toBe(10);
    expect(curve.at(-1)).toEqual({ percent: 100, ms: expect.closeTo(1_000, -1) });
    expect(curve.at(-2)?.percent).toBeCloseTo(99.874, 3);
    for (const [i, { percent, ms }] of curve.entries()) {
      const before = curve[i - 1];
      if (before === undefined) continue;
      expect(percent).toBeGreaterThan(before.percent);
      expect(ms).toBeGreaterThanOrEqual(before.ms);
    }
  });

  it('is one point for one value, and none for nothing', () => {
    expect(TimeHistogram.of([5]).curve()).toEqual([{ percent: 100, ms: expect.closeTo(5, 1) }]);
    expect(TimeHistogram.of([]).curve()).toEqual([]);
    expect(TimeHistogram.of([]).percentile(99)).toBeNaN();
  });
});

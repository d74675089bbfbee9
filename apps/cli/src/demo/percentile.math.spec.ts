import { describe, expect, it } from '@jest/globals';
import { percentile, rounded } from './percentile.math.js';

describe('a percentile', () => {
  it('is a value that was measured, whatever the order', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([50, 99, 100].map((percent) => percentile(values, percent))).toEqual([50, 99, 100]);
    expect(values[0]).toBe(100);
  });

  it('of few values is the nearest rank', () => {
    expect([0, 50, 51, 99].map((percent) => percentile([10, 20], percent))).toEqual([10, 10, 20, 20]);
    expect(percentile([7], 1)).toBe(7);
  });

  it('of nothing is null, not 0, which would look like perfect', () => {
    expect(percentile([], 50)).toBeNull();
  });

  it('counts negative values, which the uncertainty of the clocks can make', () => {
    expect(percentile([-0.4, 0.2, 1], 50)).toBe(0.2);
  });

  it('is rounded to tenths, without a negative zero', () => {
    expect(rounded(1.26)).toBe(1.3);
    expect(rounded(-0.01)).toBe(0);
    expect(Object.is(rounded(-0.01), 0)).toBe(true);
    expect(rounded(null)).toBeNull();
  });
});

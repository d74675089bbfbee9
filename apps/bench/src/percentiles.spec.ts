import { describe, expect, it } from '@jest/globals';
import { figuresOf, median, percentile } from './percentiles.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => count - i);

describe('percentile', () => {
  it('is a measured value: the one that so many percent are not above', () => {
    expect(percentile(upTo(1_000), 99)).toBe(990);
    expect(percentile(upTo(1_000), 100)).toBe(1_000);
    expect(percentile(upTo(4), 50)).toBe(2);
    expect(percentile([7], 1)).toBe(7);
  });

  it('sorts numbers as numbers and leaves its input alone', () => {
    const values = [100, 9, 20];
    expect(percentile(values, 50)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  it('is no number when nothing was measured', () => {
    expect(percentile([], 99)).toBeNaN();
  });
});

describe('figuresOf', () => {
  it('tells the middle, the tail and the worst, to a tenth of a millisecond', () => {
    expect(figuresOf([1.04, 2.06, 3])).toEqual({ p50: 2.1, p99: 3, max: 3 });
  });
});

describe('median', () => {
  it('is the middle of an odd number of values', () => {
    expect(median([30, 10, 20])).toBe(20);
  });

  it('lies between the two in the middle of an even number', () => {
    expect(median([40, 10, 20, 30])).toBe(25);
  });
});

import { describe, expect, it } from '@jest/globals';
import { offsetOf } from './clock.bounds.js';

/** A server whose clock is the own one plus `offset`, asked at `sentMs` and looking at its clock after `outMs`. */
const asked = (offset: number, sentMs: number, outMs: number, backMs: number) => ({
  sentMs,
  answeredMs: sentMs + outMs + backMs,
  serverNow: Math.floor(sentMs + outMs + offset),
});

describe('offsetOf', () => {
  it('finds the offset to within what it says, whichever way was the slow one', () => {
    const offset = 1_000_000.37;
    for (const [outMs, backMs] of [
      [0.2, 9],
      [9, 0.2],
      [3, 3],
    ] as const) {
      const samples = Array.from({ length: 30 }, (_, i) => asked(offset, i * 7.13, outMs, backMs));
      const found = offsetOf(samples);
      expect(Math.abs(found.offsetMs - offset)).toBeLessThanOrEqual(found.uncertaintyMs);
    }
  });

  it('is exact to about a millisecond when one of many answers was quick', () => {
    const samples = [
      ...Array.from({ length: 20 }, (_, i) => asked(500, i * 31.7, 20, 20)),
      asked(500, 900.5, 0.3, 0.3),
    ];
    expect(offsetOf(samples).uncertaintyMs).toBeLessThan(1.1);
  });

  it('cannot tell anything without a sample', () => {
    expect(() => offsetOf([])).toThrow(RangeError);
  });
});

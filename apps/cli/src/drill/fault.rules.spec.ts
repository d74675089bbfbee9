import { describe, expect, it } from '@jest/globals';
import { bestOf, isInTime, rulesOf } from './fault.rules.js';

describe('a round of a fault with a limit of time', () => {
  it('is in time up to the limits of its fault, and always where there are none', () => {
    const isTakenOverInTime = (takeoverMs: number | undefined) =>
      isInTime({ takeoverMs, tickGapMs: 9_000 }, rulesOf('kill-owner'));
    expect([2_000, 2_001, undefined].map(isTakenOverInTime)).toEqual([true, false, true]);
    const hasTicksInTime = (tickGapMs: number) =>
      isInTime({ takeoverMs: 9_000, tickGapMs }, rulesOf('rolling-restart'));
    expect([3_000, 3_001].map(hasTicksInTime)).toEqual([true, false]);
    expect(isInTime({ takeoverMs: 9_000, tickGapMs: 9_000 }, rulesOf('redis-freeze'))).toBe(true);
  });

  it('counts by the best of each of its times', () => {
    const slow = { takeoverMs: 2_300, tickGapMs: 500 };
    expect(bestOf([slow, { takeoverMs: 1_500, tickGapMs: 800 }])).toEqual({
      takeoverMs: 1_500,
      tickGapMs: 500,
    });
    expect(bestOf([slow, { takeoverMs: undefined, tickGapMs: 700 }])).toEqual(slow);
    expect(bestOf([{ takeoverMs: undefined, tickGapMs: 700 }])).toEqual({
      takeoverMs: undefined,
      tickGapMs: 700,
    });
  });

  it('breaks the promise if it is too late each time', () => {
    const tries = [2_300, 2_100, 2_400].map((takeoverMs) => ({ takeoverMs, tickGapMs: 0 }));
    expect(isInTime(bestOf(tries), rulesOf('freeze-owner'))).toBe(false);
  });
});

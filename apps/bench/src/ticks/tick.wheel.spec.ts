import { describe, expect, it } from '@jest/globals';
import { TickWheel } from './tick.wheel.js';

const at = (endsAt: number) => ({ endsAt });
const instants = (wheel: TickWheel<{ endsAt: number }>, now: number) =>
  wheel.due(now).map(({ item, tickAt }) => [item.endsAt, tickAt]);

describe('TickWheel', () => {
  it('gives each item one tick per interval, at whole intervals before its end', () => {
    const wheel = new TickWheel([at(10_700), at(10_200)], 1_000, 5_000);
    expect(wheel.nextAt).toBe(5_200);
    expect(instants(wheel, 5_199.9)).toEqual([]);
    expect(instants(wheel, 5_200)).toEqual([[10_200, 5_200]]);
    expect(wheel.nextAt).toBe(5_700);
    expect(instants(wheel, 6_200)).toEqual([
      [10_700, 5_700],
      [10_200, 6_200],
    ]);
    expect(instants(wheel, 6_200)).toEqual([]);
  });

  it('also of an end that is over by a part of an interval', () => {
    expect(new TickWheel([at(4_900)], 1_000, 5_000).nextAt).toBe(5_900);
  });

  it('leaves out what is late by more than half an interval, and goes on', () => {
    const wheel = new TickWheel([at(10_000)], 1_000, 5_000);
    expect(instants(wheel, 7_501)).toEqual([]);
    expect(instants(wheel, 8_500)).toEqual([[10_000, 8_000]]);
  });

  it('has nothing to do without items', () => {
    const wheel = new TickWheel([], 1_000, 5_000);
    expect(wheel.nextAt).toBe(Number.POSITIVE_INFINITY);
    expect(wheel.due(9_000)).toEqual([]);
  });
});

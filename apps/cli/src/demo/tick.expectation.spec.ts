import { describe, expect, it } from '@jest/globals';
import { plannedTicks, type StateMark, tickNumber, ticksWithin } from './tick.expectation.js';

const T0 = 1_700_000_000_000;

function mark(version: number, phase: string, fields: Partial<StateMark>): StateMark {
  return { version, phase, opensAt: T0, endsAt: null, tickMs: 1_000, serverNow: T0, ...fields };
}

describe('the planned ticks', () => {
  const started = mark(1, 'lead-in', { endsAt: T0 + 5_000, serverNow: T0 - 1_000 });
  const opened = mark(2, 'open', { endsAt: T0 + 5_000 });
  const closed = mark(9, 'closed', { endsAt: T0 + 5_000, serverNow: T0 + 5_003 });

  it('of a plain run are on the whole seconds before the deadline, none at the opening or in the lead-in', () => {
    expect(plannedTicks([started, opened, closed])).toEqual([1, 2, 3, 4].map((s) => T0 + s * 1_000));
    const long = mark(2, 'open', { endsAt: T0 + 20_000 });
    expect(plannedTicks([long])).toHaveLength(19);
  });

  it('do not depend on the order in which the events were heard', () => {
    expect(plannedTicks([closed, opened, started])).toEqual(plannedTicks([started, opened, closed]));
  });

  it('stop in a pause and go on by the new deadline', () => {
    // 5 s, paused after 2.4 s for 1 s: the deadline moves by 1 s, the grid with it.
    const paused = mark(3, 'paused', { serverNow: T0 + 2_400 });
    const resumed = mark(4, 'open', { endsAt: T0 + 6_000, serverNow: T0 + 3_400 });
    expect(plannedTicks([opened, paused, resumed])).toEqual(
      [1_000, 2_000, 4_000, 5_000].map((ms) => T0 + ms),
    );
  });

  it('are one more after an extension of one interval', () => {
    const extended = mark(3, 'open', { endsAt: T0 + 6_000, serverNow: T0 + 2_500 });
    expect(plannedTicks([opened, extended])).toHaveLength(5);
    const shortened = mark(3, 'open', { endsAt: T0 + 3_500, serverNow: T0 + 2_600 });
    expect(plannedTicks([opened, shortened])).toEqual([1_000, 2_000].map((ms) => T0 + ms));
  });

  it('are none after the instant at which the host stopped the question', () => {
    const stopped = mark(3, 'closed', { endsAt: T0 + 5_000, serverNow: T0 + 1_500 });
    expect(plannedTicks([opened, stopped])).toEqual([T0 + 1_000]);
  });

  it('are none where the question has none', () => {
    expect(plannedTicks([mark(2, 'open', { endsAt: T0 + 5_000, tickMs: 0 })])).toEqual([]);
    expect(plannedTicks([mark(2, 'open', { endsAt: T0 + 900 })])).toEqual([]);
  });

  it('count for a player while it is in the room', () => {
    const planned = plannedTicks([opened]);
    expect(ticksWithin(planned, [{ fromAt: T0 - 60_000, toAt: T0 + 60_000 }])).toBe(4);
    const aroundADrop = [
      { fromAt: T0 - 60_000, toAt: T0 + 1_500 },
      { fromAt: T0 + 3_500, toAt: T0 + 60_000 },
    ];
    expect(ticksWithin(planned, aroundADrop)).toBe(2);
    expect(ticksWithin(planned, [])).toBe(0);
  });
});

describe('the number of a tick', () => {
  it('is the same when it is sent up to half an interval late, or a hair early by another clock', () => {
    expect([3_001, 3_000, 2_996, 2_500].map((ms) => tickNumber(ms, 1_000))).toEqual([3, 3, 3, 3]);
    expect(tickNumber(2_499, 1_000)).toBe(2);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { HeardTick } from '../players/player.orders.js';
import { checkTicks } from './tick.checks.js';

const ENDS_AT = 100_000;
const WINDOW = { fromAt: 90_000, untilAt: 91_000, endsAt: ENDS_AT, tickMs: 200, members: 2 };

const checked = (ticks: readonly HeardTick[]) => checkTicks([{ ticks, window: WINDOW }]);

/** The ticks due at 90,000, 90,200, ... 90,800. */
const heard = (member: number, lateMs = 0): HeardTick[] =>
  [90_000, 90_200, 90_400, 90_600, 90_800].map((at) => [
    member,
    ENDS_AT,
    at + Math.floor(lateMs),
    at + lateMs + 1,
  ]);

describe('checkTicks', () => {
  it('finds every tick of the window, and how late members had it', () => {
    const report = checked([...heard(0), ...heard(1, 9)]);
    expect(report).toMatchObject({ expected: 10, heard: 10, missed: 0, doubled: 0 });
    expect(report.lateMs).toEqual({ p50: 1, p99: 10, max: 10 });
  });

  it('knows a tick although it was sent late by nearly half an interval, or early by what clocks differ', () => {
    expect(checked([...heard(0, 99), ...heard(1, -2)])).toMatchObject({ missed: 0, doubled: 0 });
  });

  it('counts what a member did not hear, and what it heard twice', () => {
    const ticks = [...heard(0), ...heard(1)];
    expect(checked(ticks.slice(1))).toMatchObject({ heard: 9, missed: 1 });
    expect(checked([...ticks, ...ticks.slice(0, 1)])).toMatchObject({ missed: 0, doubled: 1 });
  });

  it('takes one that Redis published late, when the next was due, for late and not for doubled', () => {
    const onTime = [...heard(0), ...heard(1)];
    const late = onTime.map(
      (tick): HeardTick =>
        tick[2] === 90_400
          ? [tick[0], ENDS_AT, 90_565, 90_566]
          : tick[2] === 90_600
            ? [tick[0], ENDS_AT, 90_603, 90_604]
            : tick,
    );
    const report = checked(late);
    expect(report).toMatchObject({ expected: 10, heard: 10, missed: 0, doubled: 0 });
    expect(report.lateMs.max).toBeGreaterThan(100);
  });

  it('counts a tick that was published a second time by itself: none before it is missing', () => {
    // Of the last of a long row, so that it cannot be one that came late.
    const at = (from: number, count: number): HeardTick[] =>
      Array.from({ length: count }, (_, i) => [0, ENDS_AT, from + 200 * i, from + 200 * i + 1]);
    const window = { ...WINDOW, fromAt: 90_000, untilAt: 94_000, members: 1 };
    const again: HeardTick = [0, ENDS_AT, 93_802, 93_803];
    const report = checkTicks([{ ticks: [...at(90_000, 20), again], window }]);
    expect(report).toMatchObject({ expected: 20, heard: 20, missed: 0, doubled: 1 });
  });

  it('leaves out ticks before and after the window, and those of another deadline', () => {
    const outside: HeardTick[] = [
      [0, ENDS_AT, 89_800, 89_801],
      [0, ENDS_AT, 91_000, 91_001],
      [0, ENDS_AT + 1_000, 90_400, 90_401],
    ];
    expect(checked(outside)).toMatchObject({ expected: 10, heard: 0, missed: 10 });
  });

  it('takes several windows together', () => {
    const later = { ...WINDOW, fromAt: 91_000, untilAt: 91_200 };
    const tick: HeardTick = [0, ENDS_AT, 91_000, 91_030];
    const parts = [
      { ticks: [...heard(0), ...heard(1)], window: WINDOW },
      { ticks: [tick], window: later },
    ];
    expect(checkTicks(parts)).toMatchObject({ expected: 12, heard: 11, missed: 1, lateMs: { max: 30 } });
  });
});

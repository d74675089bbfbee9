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

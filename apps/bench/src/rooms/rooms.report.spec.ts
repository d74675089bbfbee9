import { describe, expect, it } from '@jest/globals';
import { type RungReading, roomsResult, roomsTables, takeOverSize, tickRound } from './rooms.report.js';

const about = {
  measuredAt: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  command: 'npm run bench -- rooms',
  machine: { cpu: 'cpu', cores: 2, platform: 'linux x64', node: 'v24', redis: '7.0.15', load: 0 },
  seed: 7,
  seconds: 10,
  players: 20,
  tickMs: 1_000,
};

const IDLE = { workerMs: 8, redisMs: 4 };

/** @param us CPU of the scheduler for one tick, of Redis half of it; besides what both spend each second anyway */
function rung(rooms: number, us: number, more: Partial<RungReading> = {}): RungReading {
  const seconds = rooms === 10_000 ? 5 : 10;
  const ticks = rooms * seconds;
  const cpu = {
    workerMs: IDLE.workerMs * seconds + (ticks * us) / 1_000,
    redisMs: IDLE.redisMs * seconds + (ticks * us) / 2_000,
  };
  return { rooms, seconds, ticks, skipped: 0, doubled: 0, wrong: 0, cpu, ...more };
}

const round = (few: number, many: number) => [rung(0, 0), rung(100, few), rung(10_000, many)];
const death = { ownedMs: 1_200, silentMs: [1_300, 1_500, 2_100], lost: 0 };
const memory = [
  { rooms: 100, idle: { used: 900, keys: 700 }, open: { used: 2_100, keys: 1_800 }, answered: null },
];

const result = (rounds: RungReading[][], kill = death, isSmoke = false) =>
  roomsResult({ memory, rounds, takeOvers: [takeOverSize(100, [kill])], isSmoke }, about);

describe('tickRound', () => {
  it('takes off what is spent when no room ticks, for as long as each size was watched', () => {
    const { idle, costs, ratios } = tickRound(round(40, 10));
    expect(idle).toEqual({ schedulerMs: 8, redisMs: 4 });
    expect(costs.map(({ net }) => net.schedulerUs)).toEqual([expect.closeTo(40, 6), expect.closeTo(10, 6)]);
    expect(costs.map(({ net }) => net.redisUs)).toEqual([expect.closeTo(20, 6), expect.closeTo(5, 6)]);
    expect(costs.map(({ gross }) => gross.schedulerUs)).toEqual([
      expect.closeTo(40 + 80, 6),
      expect.closeTo(10 + 0.8, 6),
    ]);
    expect(ratios.net.scheduler).toBeCloseTo(0.25, 6);
    expect(ratios.gross.scheduler).toBeCloseTo(10.8 / 120, 6);
  });

  it('refuses a round that does not know what idling costs', () => {
    expect(() => tickRound([rung(100, 10)])).toThrow(RangeError);
  });
});

describe('roomsResult', () => {
  it("judges the median of the rounds' ratios, without the rest", () => {
    const { ticks } = result([round(10, 10), round(10, 90), round(10, 12)]);
    expect(ticks.ratios.net).toEqual({ scheduler: 1.2, redis: 1.2 });
    expect(ticks.isGoalMet).toEqual({ scheduler: false, redis: false });
    // With what is spent anyway, few rooms look dear and the goal would be met by doing nothing.
    expect(ticks.ratios.gross.scheduler).toBeLessThan(0.2);
    expect(result([round(10, 11.4)]).ticks.isGoalMet).toEqual({ scheduler: true, redis: true });
  });

  it('has no goal for other sizes, nor in a smoke run', () => {
    expect(result([[rung(0, 0), rung(100, 10)]]).ticks.isGoalMet).toBeNull();
    expect(result([round(10, 90)], death, true).ticks.isGoalMet).toBeNull();
  });

  it('merges the rooms of all kills', () => {
    const size = takeOverSize(10, [death, { ownedMs: 1_000, silentMs: [1_100], lost: 0 }]);
    expect(size.silent).toEqual({ p50: 1_300, p99: 2_100, max: 2_100 });
    expect(size.owned).toEqual({ p50: 1_000, p99: 1_200, max: 1_200 });
    expect(size.kills.map(({ rooms }) => rooms)).toEqual([3, 1]);
  });

  it.each<[string, Partial<RungReading>, typeof death]>([
    ['a tick came twice', { doubled: 1 }, death],
    ['a tick was of another deadline', { wrong: 1 }, death],
    ['there were no ticks', { ticks: 0 }, death],
    ['a room never ticked again', {}, { ...death, lost: 1 }],
  ])('is broken when %s', (_, broken, kill) => {
    const bad = result([[rung(0, 0), rung(100, 10), rung(10_000, 10, broken)]], kill);
    expect(bad.isKept).toBe(false);
    expect(roomsTables(bad)).toContain('BROKEN');
  });

  it('is kept when ticks were skipped', () => {
    const kept = result([[rung(0, 0), rung(100, 10), rung(10_000, 10, { skipped: 5 })]]);
    expect(kept.isKept).toBe(true);
    expect(roomsTables(kept)).toMatch(/Goal, at most 1.15: scheduler met/);
  });
});

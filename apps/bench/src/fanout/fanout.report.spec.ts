import { describe, expect, it } from '@jest/globals';
import type { Slot } from './fanout.contest.js';
import {
  fanoutResult,
  fanoutRound,
  fanoutSizeResult,
  fanoutTables,
  type MeasuredFanout,
  socketMemory,
} from './fanout.report.js';
import type { HeardTicks } from './room.ticks.js';

const ABOUT = {
  members: 50,
  rate: 5_000,
  seconds: 10,
  seed: 7,
  measuredAt: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  command: 'npm run bench -- fanout',
  machine: { cpu: 'a CPU', cores: 2, platform: 'linux x64', node: 'v24', redis: '7', load: 0 },
};
const SOCKETS = 100;
const SIZE = { sockets: SOCKETS, tickMs: 1_000 };
const MEMORY = [1, 2, 3].map((kib) => ({ residentKib: kib, inUseKib: kib / 2 }));

const HEARD: HeardTicks & { connected: number } = {
  ticks: 20,
  deliveries: 1_000,
  missing: 0,
  doubled: 0,
  skipped: 0,
  spreadsMs: [1, 1, 2],
  bytes: 274,
  connected: SOCKETS,
};

/** Each server spends so much (ms) in ten seconds while its own rooms tick, and a tenth of a millisecond a second while not. */
const slots = (busyMs: readonly number[], heard: Partial<typeof HEARD> = {}): Slot[] =>
  busyMs.map((_, slot) => ({
    spent: busyMs.map((ms, i) => ({ processMs: i === slot ? ms : 1, mainMs: 0, windowMs: 10_000 })),
    heard: { ...HEARD, ...(slot === 0 ? heard : {}) },
  }));

const round = (busyMs: readonly number[], heard: Partial<typeof HEARD> = {}): MeasuredFanout[] =>
  fanoutRound(slots(busyMs, heard), SOCKETS);
const GOOD = [round([21, 21, 11]), round([31, 21, 11]), round([22, 21, 6])];
const resultOf = (rounds: readonly MeasuredFanout[][], isSmoke = false) =>
  fanoutResult([fanoutSizeResult(SIZE, rounds, MEMORY, isSmoke)], ABOUT);

describe('a delivery', () => {
  it('costs what a server spends more than while nothing ticks', () => {
    const [quizbell, socketIo, ws] = round([21, 41, 11]);
    expect(quizbell).toMatchObject({ name: 'quizbell', deliveryUs: 20, wholeUs: 21, idleUs: 1 });
    expect(socketIo).toMatchObject({ name: 'socket.io', deliveryUs: 40, spread: { p50: 1, p99: 2 } });
    expect(ws).toMatchObject({ name: 'ws', deliveryUs: 10 });
  });

  it('is compared within each round, and the median of the ratios counts', () => {
    const [size] = resultOf(GOOD).sizes;
    expect(size?.ratios).toEqual({ 'socket.io': 1.05, ws: 3 });
    expect(size?.wholeRatios).toEqual({ 'socket.io': 1.048, ws: 2.818 });
    expect(size?.isGoalMet).toBe(true);
    expect(size?.summaries.map(({ deliveryUs }) => deliveryUs)).toEqual([21, 20, 10]);
    expect(size?.summaries[0]).toMatchObject({ memory: MEMORY[0], spread: { p50: 1, p99: 2 } });
    expect(fanoutTables(resultOf(GOOD))).toContain('goal 1.05: met');
  });

  it('misses the goal when it costs more than bare Socket.IO by more than that; in a smoke run times mean nothing', () => {
    const slow = [...GOOD, round([32, 21, 11]), round([33, 21, 11])];
    expect(resultOf(slow).sizes[0]?.isGoalMet).toBe(false);
    expect(fanoutTables(resultOf(slow))).toContain('goal 1.05: missed');
    expect(resultOf(slow).isKept).toBe(true);
    expect(resultOf(slow, true).sizes[0]?.isGoalMet).toBeNull();
  });
});

describe('what members heard', () => {
  it('is right when everybody had each tick once', () => {
    expect(resultOf(GOOD)).toMatchObject({ isKept: true, broken: [] });
    expect(resultOf([round([21, 21, 11], { skipped: 2 })]).isKept).toBe(true);
  });

  it.each([
    ['1 deliveries missing', { missing: 1 }],
    ['2 twice', { doubled: 2 }],
    ['3 ticks skipped', { skipped: 3 }],
    ['0 ticks skipped', { ticks: 0, deliveries: 0, spreadsMs: [] }],
    ['99 connected', { connected: 99 }],
  ])('is broken: %s', (what, heard) => {
    const result = resultOf([...GOOD, round([21, 21, 11], heard)]);
    expect(result.broken).toEqual([expect.stringContaining(what)]);
    expect(result.broken[0]).toContain('round 4, quizbell');
    expect(result.isKept).toBe(false);
    expect(fanoutTables(result)).toContain(what);
  });
});

describe('the memory of a socket', () => {
  it('is what the server has more than before the first came', () => {
    const before = { inUse: 10 * 1_024, resident: 100 * 1_024 };
    const after = { inUse: 60 * 1_024, resident: 250 * 1_024 };
    expect(socketMemory(before, after, 100)).toEqual({ residentKib: 1.5, inUseKib: 0.5 });
  });
});

import { describe, expect, it } from '@jest/globals';
import {
  brokenOf,
  costsOf,
  type Kind,
  type Part,
  type PlayerRound,
  playerResult,
  playerTable,
} from './player.report.js';
import type { Heard } from './steady.orders.js';

const SIZES = { players: 100, questionMs: 20_000, tickMs: 1_000 };
const ABOUT = {
  ...SIZES,
  rooms: 2,
  syncEveryMs: 60_000,
  seed: 7,
  measuredAt: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  command: 'npm run bench -- player',
  machine: { cpu: 'a CPU', cores: 2, platform: 'linux x64', node: 'v24', redis: '7', load: 0 },
};

const heard = (more: Partial<Heard> = {}): Heard => ({
  started: 100,
  ticks: 0,
  closed: 100,
  others: {},
  connected: 100,
  ...more,
});

const QUIET = heard({ started: 0, closed: 0 });
const round = (cpu: { empty: number; idle: number; tickless: number; ticking: number }): PlayerRound => ({
  windowMs: 25_000,
  empty: { processMs: cpu.empty, mainMs: cpu.empty / 2 },
  synced: 33,
  idle: { processMs: cpu.idle, mainMs: cpu.idle / 2, heard: { tickless: QUIET, ticking: QUIET } },
  tickless: {
    processMs: cpu.tickless,
    mainMs: cpu.tickless / 2,
    heard: { tickless: heard(), ticking: QUIET },
  },
  ticking: {
    processMs: cpu.ticking,
    mainMs: cpu.ticking / 2,
    heard: { tickless: QUIET, ticking: heard({ ticks: 1_900 }) },
  },
});
const GOOD = round({ empty: 50, idle: 70, tickless: 74, ticking: 110 });

/** As it should be, but for what those players of that gateway heard. */
const heardOtherwise = (part: Part, kind: Kind, more: Partial<Heard>): PlayerRound => {
  const work = GOOD[part];
  return { ...GOOD, [part]: { ...work, heard: { ...work.heard, [kind]: { ...work.heard[kind], ...more } } } };
};

describe('what a player costs', () => {
  it('is what a question adds for each, and what the connection takes in the time of a question', () => {
    expect(costsOf(GOOD, SIZES).process).toEqual({
      // 20 ms of 200 players in 25 s.
      connectionUs: 80,
      ticklessUs: 40,
      tickingUs: 400,
      ratio: 0.1,
      ratioWithConnection: 0.25,
    });
  });

  it('is told by the median of the rounds', () => {
    const rounds = [
      GOOD,
      round({ empty: 50, idle: 70, tickless: 78, ticking: 110 }),
      round({ empty: 50, idle: 70, tickless: 210, ticking: 110 }),
    ];
    const result = playerResult(rounds, ABOUT);
    expect(result.median.main).toMatchObject({ ticklessUs: 40, tickingUs: 200, ratio: 0.2 });
    expect(result.median.process).toMatchObject({ ticklessUs: 80, tickingUs: 400, ratio: 0.2 });
    expect(result.rounds.map((one) => one.process.ratio)).toEqual([0.1, 0.2, 3.5]);
    expect(playerTable(result)).toContain('missed');
    expect(playerTable(playerResult([GOOD], ABOUT))).toContain('met');
  });
});

describe('what players heard', () => {
  it('is right when everybody heard the question, and only who wanted them the ticks', () => {
    expect(brokenOf(GOOD, SIZES)).toEqual([]);
    expect(playerResult([GOOD], ABOUT).isKept).toBe(true);
    expect(brokenOf(heardOtherwise('ticking', 'ticking', { ticks: 1_710 }), SIZES)).toEqual([]);
  });

  it('lets each room of a short question go without one tick, and not without two', () => {
    const short = { ...SIZES, questionMs: 2_500 };
    const ticks = (count: number) => brokenOf(heardOtherwise('ticking', 'ticking', { ticks: count }), short);
    expect([ticks(200), ticks(100)]).toEqual([[], []]);
    expect(ticks(99)).toEqual([expect.stringContaining('question:tick: 99, not 100 to 200')]);
    expect(ticks(201)).toHaveLength(1);
  });

  it.each<[string, PlayerRound]>([
    [
      'tickless players of the tickless gateway, question:tick',
      heardOtherwise('tickless', 'tickless', { ticks: 1 }),
    ],
    [
      'tickless players of the tickless gateway, question:closed',
      heardOtherwise('tickless', 'tickless', { closed: 99 }),
    ],
    [
      'tickless players of the tickless gateway, question:started',
      heardOtherwise('tickless', 'tickless', { started: 0 }),
    ],
    [
      'ticking players of the tickless gateway, question:started',
      heardOtherwise('tickless', 'ticking', { started: 1 }),
    ],
    [
      'tickless players of the idle gateway, question:closed',
      heardOtherwise('idle', 'tickless', { closed: 100 }),
    ],
    [
      'ticking players of the ticking gateway, connected',
      heardOtherwise('ticking', 'ticking', { connected: 99 }),
    ],
    [
      'ticking players of the ticking gateway, question:tick',
      heardOtherwise('ticking', 'ticking', { ticks: 1_709 }),
    ],
    [
      'ticking players of the ticking gateway, question:tick',
      heardOtherwise('ticking', 'ticking', { ticks: 1_901 }),
    ],
  ])('is broken: %s', (what, broken) => {
    expect(brokenOf(broken, SIZES)).toEqual([expect.stringContaining(what)]);
    const result = playerResult([GOOD, broken], ABOUT);
    expect(result.isKept).toBe(false);
    expect(playerTable(result)).toContain(what);
  });
});

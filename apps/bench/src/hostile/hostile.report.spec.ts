import { describe, expect, it } from '@jest/globals';
import { type HostileResult, hostileResult, hostileTable } from './hostile.report.js';
import type { TickReport } from './tick.checks.js';

const ticks: TickReport = {
  expected: 100,
  heard: 100,
  missed: 0,
  doubled: 0,
  lateMs: { p50: 2, p99: 30, max: 40 },
};
const attack = {
  framesAsked: 1_000,
  framesSent: 1_000,
  kinds: { 'deep JSON': 600 },
  floodFrames: 400,
  connectionsCut: 7,
  tookMs: 3_000,
  isCutShort: false,
};
const memory = { heapBefore: 40, heapAfter: 43, rssBefore: 160, rssHighest: 400, rssAfter: 390 };

type Measured = Parameters<typeof hostileResult>[0];

const measured: Measured = {
  measuredAt: 'then',
  commit: 'c',
  command: 'x',
  machine: { cpu: 'a cpu', cores: 2, platform: 'p', node: 'v', redis: 'r', load: 0 },
  seed: 1,
  connections: 20,
  members: 50,
  tickMs: 200,
  attack,
  refusals: { too_large: 3 },
  limits: {},
  memory,
  ticks: { quiet: ticks, storms: ticks, floods: ticks, attacked: ticks },
  membersLeft: 50,
  servesAfterwards: true,
};

const resultOf = (change: Partial<Measured>): HostileResult =>
  hostileResult({ ...measured, ...change }, false);

describe('hostileResult', () => {
  it('keeps the promise when all was sent and nothing happened', () => {
    expect(resultOf({})).toMatchObject({ isKept: true, goal: { isMet: true } });
  });

  it('judges no times in a smoke run', () => {
    expect(hostileResult(measured, true).goal.isMet).toBeNull();
  });

  it('asks for nine of ten frames: cut connections take a few with them', () => {
    expect(resultOf({ attack: { ...attack, framesSent: 900 } }).isKept).toBe(true);
    expect(resultOf({ attack: { ...attack, framesSent: 899 } }).isKept).toBe(false);
  });

  it('promises nothing of an attack that the time ended', () => {
    expect(resultOf({ attack: { ...attack, isCutShort: true } }).isKept).toBe(false);
  });

  // What could not be read was once taken for memory that had not grown: no comparison with NaN is true.
  it.each([
    [Number.NaN, 43],
    [40, Number.NaN],
    [Number.POSITIVE_INFINITY, 43],
    [40, 72.1],
  ])('promises bounded memory by what was read only (%d MiB, then %d MiB)', (heapBefore, heapAfter) => {
    expect(resultOf({ memory: { ...memory, heapBefore, heapAfter } }).isKept).toBe(false);
  });

  it.each([
    ['a member who was cut', { membersLeft: 49 }],
    ['a gateway that does not serve any more', { servesAfterwards: false }],
    ['a tick that came twice', { ticks: { ...measured.ticks, attacked: { ...ticks, doubled: 1 } } }],
    ['most ticks missed', { ticks: { ...measured.ticks, attacked: { ...ticks, heard: 50, missed: 50 } } }],
  ] as const)('is broken by %s', (_, change) => {
    expect(resultOf(change).isKept).toBe(false);
  });
});

describe('hostileTable', () => {
  it('says that the promise was kept', () => {
    const table = hostileTable(resultOf({}));
    expect(table).toContain('1000 hostile frames (400 of them floods)');
    expect(table).not.toContain('BROKEN');
  });

  it('says what there is to see of a broken one', () => {
    const result = resultOf({
      attack: { ...attack, framesSent: 10 },
      memory: { ...memory, heapAfter: Number.NaN },
    });
    expect(hostileTable(result)).toContain(
      'BROKEN: 10 of 1000 frames sent, 50 of 50 members left, 0 ticks doubled, 0 of 100 missed, memory unknown, serves on.',
    );
  });
});

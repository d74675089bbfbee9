import { describe, expect, it } from '@jest/globals';
import type { ClosingReport } from './closing.observer.js';
import type { ContestantKind } from './contestants/contestant.types.js';
import { parseLoad } from './deadlines.loads.js';
import {
  contestLine,
  deadlinesResult,
  deadlinesTables,
  loadResult,
  type MeasuredContest,
  measuredContest,
} from './deadlines.report.js';

const contest = (
  kind: ContestantKind,
  ms: number,
  {
    name = kind as string,
    broken = {} as Partial<ClosingReport>,
    unseen = [] as readonly string[],
    cpuMs = 1,
  } = {},
): MeasuredContest =>
  measuredContest(
    { kind, name },
    {
      closings: {
        lost: [],
        doubled: [],
        early: [],
        wrong: [],
        publishedMs: [ms],
        receivedMs: [ms],
        ...broken,
      },
      clients: { lost: unseen, seenMs: [2 * ms] },
      cpu: { workerMs: cpuMs, redisMs: 2 * cpuMs },
    },
  );

const LOAD = parseLoad('1000');
const about = {
  measuredAt: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  command: 'npm run bench -- deadlines',
  machine: { cpu: 'cpu', cores: 2, platform: 'linux x64', node: 'v24', redis: '7.0.15', load: 0 },
  seed: 7,
  gateways: 2,
  clients: 100,
};
const tablesOf = (rounds: readonly (readonly MeasuredContest[])[]) => {
  const result = deadlinesResult([loadResult(LOAD, rounds, false)], about);
  return { result, text: deadlinesTables(result) };
};

describe('measuredContest', () => {
  it('shares the CPU time among the closings', () => {
    const report = { receivedMs: [1, 2, 3, 4], publishedMs: [1, 2, 3, 4] };
    expect(contest('zset', 1, { broken: report, cpuMs: 2 }).cpu).toEqual({ workerUs: 500, redisUs: 1_000 });
  });
});

describe('loadResult', () => {
  it("sets BullMQ's best concurrency of each round against us", () => {
    const round = [400, 150, 200].map((ms, i) => contest('bullmq', ms, { name: `bullmq, ${i}` }));
    const { ratios, rounds, summaries } = loadResult(LOAD, [[contest('quizbell', 20), ...round]], false);
    expect(ratios).toMatchObject([{ kind: 'bullmq', ownerP99: 7.5, clientsP99: 7.5, workerCpu: 1 }]);
    expect(rounds[0]).toHaveLength(4);
    expect(summaries.map(({ kind }) => kind)).toEqual(['quizbell', 'bullmq']);
  });

  it('does not take a concurrency that lost everything for the best', () => {
    const nothing = contest('bullmq', 1, { broken: { receivedMs: [], publishedMs: [], lost: ['a'] } });
    for (const round of [
      [nothing, contest('bullmq', 90)],
      [contest('bullmq', 90), nothing],
    ]) {
      const { ratios } = loadResult(LOAD, [[contest('quizbell', 9), ...round]], false);
      expect(ratios[0]?.ownerP99).toBe(10);
    }
  });

  it("judges the median of the rounds' ratios, so that one bad round decides nothing", () => {
    const rounds = [
      [10, 300],
      [900, 800],
      [11, 220],
    ].map(([ours = 0, theirs = 0]) => [contest('quizbell', ours), contest('bullmq', theirs)]);
    const load = loadResult(LOAD, rounds, false);
    expect(load.ratios[0]?.ownerP99).toBe(20);
    expect(load).toMatchObject({ isOwnerGoalMet: true, isClientGoalMet: true });
    expect(load.summaries[0]?.owner.p99).toBe(11);
  });

  it('keeps the curves of all rounds together', () => {
    const { summaries } = loadResult(LOAD, [[contest('zset', 10)], [contest('zset', 30)]], false);
    const [first, ...others] = summaries[0]?.ownerCurve ?? [];
    expect(first?.ms).toBeCloseTo(10, 1);
    expect(others.at(-1)?.ms).toBeCloseTo(30, 1);
  });

  it('judges nothing in a smoke run, without BullMQ, and without a goal for the load', () => {
    const both = [contest('quizbell', 1), contest('bullmq', 100)];
    const unjudged = { isOwnerGoalMet: null, isClientGoalMet: null };
    expect(loadResult(LOAD, [both], true)).toMatchObject(unjudged);
    expect(loadResult(LOAD, [[contest('quizbell', 1)]], false)).toMatchObject(unjudged);
    expect(loadResult(parseLoad('30'), [both], false)).toMatchObject(unjudged);
    expect(loadResult(LOAD, [both], false)).not.toMatchObject(unjudged);
    expect(loadResult(LOAD, [[contest('bullmq', 1)]], false).ratios).toEqual([]);
  });
});

describe('deadlinesResult', () => {
  it('misses a goal without breaking a promise', () => {
    const { result, text } = tablesOf([[contest('quizbell', 20), contest('bullmq', 300)]]);
    expect(result.isKept).toBe(true);
    expect(text).toContain('at the owner is 15 times ours, goal 20: missed (aim 30)');
    expect(text).toContain('at clients is 15 times ours, goal 10: met');
  });

  it.each(['lost', 'doubled', 'early', 'wrong'] as const)('breaks the promise when a room was %s', (what) => {
    const broken = contest('quizbell', 1, { broken: { [what]: ['a'] } });
    const { result, text } = tablesOf([[broken, contest('bullmq', 9)]]);
    expect(result.isKept).toBe(false);
    expect(text).toContain('BROKEN');
    expect(contestLine(broken)).toContain(`${what} 1`);
  });

  it('breaks the promise when a client heard nothing', () => {
    expect(tablesOf([[contest('quizbell', 1, { unseen: ['a'] })]]).result.isKept).toBe(false);
  });

  it('tells what key-expiry events lose, and breaks no promise by it; but nobody may be early', () => {
    const lossy = contest('key-expiry', 1, { broken: { lost: ['a'] }, unseen: ['a'] });
    const { result, text } = tablesOf([[lossy]]);
    expect(result.isKept).toBe(true);
    expect(text).toContain('lost 1');
    const early = contest('key-expiry', 1, { broken: { early: ['a'] } });
    expect(tablesOf([[early]]).result.isKept).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import { TimeHistogram } from '../stats/time.histogram.js';
import type { LoadReport } from './answers.contest.js';
import {
  answersResult,
  answersRound,
  answersTable,
  loadStep,
  type MeasuredPart,
  partResult,
  type Ramp,
  saturationOf,
} from './answers.report.js';

const report = (more: Partial<LoadReport> = {}): LoadReport => ({
  verdicts: 1_000,
  others: [],
  latency: TimeHistogram.of([1, 2, 3]),
  sentLate: TimeHistogram.of([0.5]),
  tookMs: 1_000,
  work: { serverMs: 100, schedulerMs: 10, redisMs: 40, redisReads: 500 },
  wallMs: 1_100,
  ...more,
});
const idle = report({
  verdicts: 0,
  work: { serverMs: 5, schedulerMs: 1, redisMs: 2, redisReads: 10 },
  wallMs: 550,
});

describe('partResult', () => {
  it('takes off, of what the verdicts cost, what an idle server costs in the same time', () => {
    const { cost, idleMsPerSecond, achieved } = partResult(1_000, report(), idle);
    expect(cost).toEqual({ serverUs: 90, schedulerUs: 8, redisUs: 36, redisReads: 0.48 });
    expect(idleMsPerSecond).toBe(9.1);
    expect(achieved).toBe(1_000);
  });

  it('has no scheduler where there is none', () => {
    const none = { serverMs: 20, schedulerMs: null, redisMs: 0, redisReads: 0 };
    expect(partResult(1_000, report({ work: none }), report({ work: none })).cost.schedulerUs).toBeNull();
  });
});

describe('loadStep', () => {
  it('counts the verdicts that came until the last of them', () => {
    expect(loadStep(1_000, report({ tookMs: 2_000 }))).toMatchObject({
      offered: 1_000,
      achieved: 500,
      max: 3,
    });
  });

  it('has come to nothing where no verdict came', () => {
    const step = loadStep(1_000, report({ verdicts: 0, latency: TimeHistogram.of([]) }));
    expect(step).toMatchObject({ achieved: 0, p99: Number.NaN });
  });
});

const ramp = (saturatedAt: number | null, ...served: number[]): Ramp => ({
  saturatedAt,
  steps: [...served.map((rate) => [rate, rate] as const), [saturatedAt ?? 0, 0] as const].map(
    ([offered, achieved]) => ({ offered, achieved, p50: 1, p99: 1, max: 1, sentLateP99: 0 }),
  ),
});

describe('saturationOf', () => {
  it('is the median of the ramps', () => {
    const ramps = [ramp(4_000, 2_000, 3_000), ramp(5_000, 2_000, 4_500), ramp(3_000, 2_000, 2_500)];
    expect(saturationOf(ramps)).toEqual({ tooMuch: 4_000, served: 3_000 });
  });

  it('is unknown when one of them did not find it, and when there was none', () => {
    expect(saturationOf([ramp(4_000, 2_000), ramp(null, 32_000)])).toBeNull();
    expect(saturationOf([])).toBeNull();
  });
});

const about = {
  measuredAt: 'then',
  commit: 'c',
  command: 'x',
  machine: { cpu: 'a cpu', cores: 2, platform: 'p', node: 'v', redis: 'r', load: 0 },
  seed: 1,
  players: 2_000,
  rooms: 20,
};
const part = (serverUs: number, p99Ms = 1): MeasuredPart => {
  const measured = report({ latency: TimeHistogram.of([p99Ms]) });
  const cost = { serverUs, schedulerUs: 1, redisUs: 1, redisReads: 1 };
  return { report: measured, result: { ...partResult(1_000, measured, idle), cost } };
};
const resultOf = (
  rounds: [quizbell: MeasuredPart, echo: MeasuredPart][],
  others: string[] = [],
  isSmoke = false,
) =>
  answersResult(
    {
      ramps: { quizbell: [ramp(2_000, 1_000)], echo: [] },
      rate: 1_000,
      rounds: rounds.map(([quizbell, echo]) => ({ quizbell, echo })),
      others,
    },
    isSmoke,
    about,
  );

describe('answersResult', () => {
  it('compares within each round, and takes the median of the ratios', () => {
    expect(answersRound(part(60).result, part(40).result).cpuRatio).toBe(1.5);
    const result = resultOf([
      [part(100), part(50)],
      [part(60), part(20)],
      [part(10), part(1)],
    ]);
    expect(result.median.cpuRatio).toBe(3);
    expect(result.median.quizbell.cost.serverUs).toBe(60);
    expect(result.isGoalMet).toEqual({ cpu: false, p99: true });
  });

  it('meets its goals at 2.5 times the echo and 20 ms, and not above', () => {
    expect(resultOf([[part(100, 19.9), part(40)]]).isGoalMet).toEqual({ cpu: true, p99: true });
    expect(resultOf([[part(101, 21), part(40)]]).isGoalMet).toEqual({ cpu: false, p99: false });
  });

  it('judges no times of a smoke run', () => {
    expect(resultOf([[part(100), part(1)]], [], true).isGoalMet).toBeNull();
  });

  it('is not kept when an answer did not count, and says what it was told', () => {
    const result = resultOf([[part(1), part(1)]], ['[{"verdict":"late"}]']);
    expect(result.isKept).toBe(false);
    expect(answersTable(result)).toContain('[{"verdict":"late"}]');
    expect(resultOf([[part(1), part(1)]]).isKept).toBe(true);
  });

  it('tells where it is saturated, or that this was not found', () => {
    const table = answersTable(resultOf([[part(1), part(1)]]));
    expect(table).toContain('Quizbell: 1000 a second are served, 2000 are too much');
    expect(table).toContain('Echo: saturation not found');
  });
});

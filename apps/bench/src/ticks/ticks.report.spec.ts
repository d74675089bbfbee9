import { describe, expect, it } from '@jest/globals';
import type { TickReport } from './tick.observer.js';
import {
  type MeasuredTicks,
  measuredTicks,
  tickSizeResult,
  ticksResult,
  ticksTables,
} from './ticks.report.js';

const about = {
  measuredAt: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  command: 'npm run bench -- ticks',
  machine: { cpu: 'cpu', cores: 2, platform: 'linux x64', node: 'v24', redis: '7.0.15', load: 0 },
  seed: 7,
  seconds: 10,
  tickMs: 1_000,
};

function measured(name: MeasuredTicks['name'], cpuUs: number, more: Partial<TickReport> = {}): MeasuredTicks {
  const ticks = { jitterMs: [1, 2, 3, 4], skipped: 0, doubled: 0, early: 0, wrong: 0, ...more };
  const ms = (cpuUs * ticks.jitterMs.length) / 1_000;
  return measuredTicks(name, { ticks, cpu: { workerMs: ms, redisMs: 2 * ms } }, 1_000);
}

const ours = (cpuUs: number, more: Partial<TickReport> = {}) => measured('quizbell', cpuUs, more);
const theirs = (cpuUs: number) => measured('socket.io', cpuUs);

describe('measuredTicks', () => {
  it('shares the CPU time among the ticks that were heard', () => {
    expect(ours(10).cpu).toEqual({ workerUs: 10, redisUs: 20 });
  });

  it('takes a skipped tick for one that is half an interval late', () => {
    const skipping = ours(10, { jitterMs: [1, 1], skipped: 1 });
    expect(skipping).toMatchObject({ ticks: 2, skipped: 1, jitter: { p50: 1, max: 500 } });
    expect(skipping.times.count).toBe(3);
  });
});

describe('tickSizeResult', () => {
  const rounds = [
    [ours(10), theirs(30)],
    [ours(90), theirs(30)],
    [ours(12), theirs(30)],
  ] as const;

  it("judges the median of the rounds' ratios", () => {
    const size = tickSizeResult(10_000, rounds, false);
    expect(size.ratios).toEqual({ workerCpu: 0.4, redisCpu: 0.4 });
    expect(size.isGoalMet).toEqual({ jitter: true, skipped: true, cpu: true });
    expect(size.summaries.map(({ curve }) => curve.at(-1)?.percent)).toEqual([100, 100]);
  });

  it('misses each goal by itself', () => {
    const met = (one: MeasuredTicks) => tickSizeResult(10_000, [[one, theirs(30)]], false).isGoalMet;
    expect(met(ours(16))).toEqual({ jitter: true, skipped: true, cpu: false });
    expect(met(ours(10, { jitterMs: [21] }))).toMatchObject({ jitter: false, skipped: true });
    const one = Array.from({ length: 200 }, () => 1);
    expect(met(ours(10, { jitterMs: one, skipped: 1 }))).toMatchObject({ jitter: true, skipped: false });
  });

  it('has no goal with other sizes, nor in a smoke run', () => {
    expect(tickSizeResult(1_000, rounds, false).isGoalMet).toBeNull();
    expect(tickSizeResult(10_000, rounds, true).isGoalMet).toBeNull();
  });
});

describe('ticksResult', () => {
  const result = (one: MeasuredTicks) =>
    ticksResult([tickSizeResult(10_000, [[one, theirs(30)]], false)], about);

  it('keeps the promise when ticks are skipped, or early by what clocks differ', () => {
    const skipping = result(ours(10, { skipped: 3, early: 1 }));
    expect(skipping.isKept).toBe(true);
    expect(ticksTables(skipping)).toMatch(/none skipped missed/);
  });

  it.each<[string, Partial<TickReport>]>([
    ['twice', { doubled: 1 }],
    ['of another deadline', { wrong: 1 }],
    ['not at all', { jitterMs: [], skipped: 4 }],
  ])('breaks it when one was sent %s', (_, broken) => {
    expect(result(ours(10, broken)).isKept).toBe(false);
    expect(ticksTables(result(ours(10, broken)))).toContain('BROKEN');
  });
});

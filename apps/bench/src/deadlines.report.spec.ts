import { describe, expect, it } from '@jest/globals';
import type { ClosingReport } from './closing.observer.js';
import { contestResult, deadlinesResult, type RunResult, runResult, summary } from './deadlines.report.js';

const report = (ms: number, broken: Partial<ClosingReport> = {}): ClosingReport => ({
  lost: [],
  doubled: [],
  early: [],
  wrong: [],
  publishedMs: [ms],
  receivedMs: [ms],
  ...broken,
});

const run = (ours: number, ...theirs: number[]): RunResult =>
  runResult(
    contestResult('quizbell', report(ours)),
    theirs.map((ms, i) => contestResult(`bullmq, concurrency ${i}`, report(ms))),
  );

const context = {
  measuredAt: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  command: 'npm run bench -- deadlines',
  machine: { cpu: 'cpu', cores: 2, platform: 'linux x64', node: 'v24', redis: '7.0.15', load: 0 },
  rooms: 1,
  isSmoke: false,
};

describe('runResult', () => {
  it("sets BullMQ's best concurrency of the run against us", () => {
    const { best, ratio } = run(20, 400, 150, 200);
    expect(best.name).toBe('bullmq, concurrency 1');
    expect(ratio).toBe(7.5);
  });
});

describe('deadlinesResult', () => {
  it('judges the medians of the runs, so that one bad run decides nothing', () => {
    const result = deadlinesResult([run(10, 70), run(90, 80), run(11, 75)], context);
    expect(result.median).toMatchObject({
      quizbell: { p99: 11 },
      bullmq: { p99: 75 },
      ratio: 6.8,
      ratioOfRuns: 6.8,
    });
    expect(result.goal.isMet).toBe(true);
  });

  it('misses the goal without breaking a promise', () => {
    const result = deadlinesResult([run(20, 100)], context);
    expect(result).toMatchObject({ goal: { isMet: false }, isKept: true });
    expect(summary(result)).toContain('goal 6: missed');
  });

  it('does not judge the times of a smoke run', () => {
    expect(deadlinesResult([run(20, 100)], { ...context, isSmoke: true }).goal.isMet).toBeNull();
  });

  it.each(['lost', 'doubled', 'early', 'wrong'] as const)('breaks the promise when a room was %s', (what) => {
    const broken = contestResult('quizbell', report(1, { [what]: ['a'] }));
    const result = deadlinesResult([runResult(broken, [contestResult('bullmq', report(9))])], context);
    expect(result.isKept).toBe(false);
    expect(summary(result)).toContain('BROKEN');
  });
});

import { describe, expect, it } from '@jest/globals';
import type { StartsReport } from './start.contest.js';
import { startResult, startSizeResult, startTable } from './start.report.js';

const report = (lastMs: number[], unheard: string[] = []): StartsReport => ({
  lastMs,
  firstMs: lastMs.map((ms) => ms / 2),
  unheard,
});
const about = {
  measuredAt: 'then',
  commit: 'c',
  command: 'x',
  machine: { cpu: 'a cpu', cores: 2, platform: 'p', node: 'v', redis: 'r', load: 0 },
  seed: 1,
  gateways: 2,
};

describe('startSizeResult', () => {
  const result = startSizeResult(10, [
    { quizbell: report([4, 4, 4]), bare: report([2, 2, 2]) },
    { quizbell: report([9, 9, 9]), bare: report([3, 3, 3]) },
    { quizbell: report([5, 5, 5]), bare: report([5, 5, 5]) },
  ]);

  it('compares within each round, and takes the median of the ratios', () => {
    expect(result.rounds.map(({ ratio }) => ratio.p50)).toEqual([2, 3, 1]);
    expect(result.ratio).toEqual({ p50: 2, p99: 2 });
  });

  it('tells the times of all rounds together, until the first player and until the last', () => {
    expect(result.all.quizbell.starts).toBe(9);
    expect(result.all.quizbell.last).toMatchObject({ p50: 5, max: 9 });
    expect(result.all.bare.first).toMatchObject({ p50: 1.5, max: 2.5 });
  });
});

describe('startResult', () => {
  const size = (unheard: string[]) => ({
    players: 10,
    rounds: [{ quizbell: report([1], unheard), bare: report([1]) }],
  });

  it('is kept when everybody heard everything', () => {
    expect(startResult([size([])], about).isKept).toBe(true);
  });

  it('is broken when somebody did not, and says who', () => {
    const result = startResult([size([]), size(['quizbell: started 9 times, not 10'])], about);
    expect(result.isKept).toBe(false);
    expect(startTable(result)).toContain('quizbell: started 9 times, not 10');
  });
});

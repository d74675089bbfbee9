import { describe, expect, it } from '@jest/globals';
import { costOf, fitCosts, type Observation, squaredError } from './unit.costs.js';

const NAMES = ['fixed', 'sockets', 'answers'] as const;
type Unit = (typeof NAMES)[number];

const TRUE = { fixed: 10, sockets: 0.02, answers: 0.2 };
const seen = (sockets: number, answers: number, factor = 1): Observation<Unit> => {
  const units = { fixed: 1, sockets, answers };
  return { units, cost: factor * costOf(TRUE, units) };
};

describe('fitCosts', () => {
  it('finds what each unit costs', () => {
    const costs = fitCosts(NAMES, [seen(500, 0), seen(500, 50), seen(1_500, 0), seen(1_500, 150)]);
    for (const unit of NAMES) expect(costs[unit]).toBeCloseTo(TRUE[unit], 8);
  });

  it('weighs relative errors: a large observation that is off does not spoil the small ones', () => {
    const small = [seen(0, 0), seen(100, 0), seen(100, 10)];
    const costs = fitCosts(NAMES, [...small, ...small, seen(100_000, 0, 1.1)]);
    for (const { units, cost } of small) expect(costOf(costs, units) / cost).toBeCloseTo(1, 1);
  });

  it('never lets a unit give something back', () => {
    // More answers, and it cost less: noise.
    const costs = fitCosts(NAMES, [seen(500, 0), seen(500, 50, 0.2), seen(1_500, 0), seen(1_500, 150, 0.2)]);
    expect(costs.answers).toBe(0);
    expect(Math.min(...Object.values(costs))).toBe(0);
  });

  it('finds the least of all relative errors: no cost by itself can be made better', () => {
    const noisy = [
      seen(10, 0, 1.4),
      seen(500, 0, 0.8),
      seen(500, 50, 1.1),
      seen(1_500, 150, 0.7),
      seen(90_000, 10, 1.5),
      seen(90_000, 9_000, 0.6),
    ];
    const costs = fitCosts(NAMES, noisy);
    const least = squaredError(costs, noisy);
    for (const unit of NAMES) {
      for (const change of [0.999, 1.001]) {
        const other = { ...costs, [unit]: costs[unit] === 0 ? 1e-6 : costs[unit] * change };
        expect(squaredError(other, noisy)).toBeGreaterThanOrEqual(least);
      }
    }
    const relative = noisy.map(({ units, cost }) => (costOf(costs, units) / cost - 1) ** 2);
    expect(least).toBeCloseTo(
      relative.reduce((sum, one) => sum + one, 0),
      12,
    );
  });

  it('leaves out a unit that never occurred, and one that cannot be told from another', () => {
    const costs = fitCosts(NAMES, [seen(500, 0), seen(1_500, 0)]);
    expect(costs).toEqual({ fixed: expect.closeTo(10, 6), sockets: expect.closeTo(0.02, 8), answers: 0 });
    const same = [100, 200].map((n) => ({ units: { fixed: 0, sockets: n, answers: n }, cost: 3 * n }));
    expect(costOf(fitCosts(NAMES, same), { fixed: 0, sockets: 10, answers: 10 })).toBeCloseTo(30, 6);
  });

  it('refuses to guess from nothing', () => {
    expect(() => fitCosts(NAMES, [])).toThrow(RangeError);
  });
});

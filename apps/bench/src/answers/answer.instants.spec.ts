import { describe, expect, it } from '@jest/globals';
import { seeded } from '../seeded.random.js';
import { answerInstants } from './answer.instants.js';

const LOAD = { answers: 2_000, perSecond: 1_000 };

describe('answerInstants', () => {
  it('lets each player answer once at most, at an instant anywhere in the time', () => {
    const due = answerInstants(LOAD, 3_000, seeded(1));
    expect(due).toHaveLength(2_000);
    expect(new Set(due.map(({ player }) => player)).size).toBe(2_000);
    expect(due.every(({ player }) => player >= 0 && player < 3_000)).toBe(true);
    expect(due.every(({ at }) => at >= 0 && at < 2_000)).toBe(true);
    const early = due.filter(({ at }) => at < 500).length;
    expect(early).toBeGreaterThan(400);
    expect(early).toBeLessThan(600);
  });

  it('takes players from everywhere, and everybody if as many are asked for', () => {
    const some = answerInstants({ ...LOAD, answers: 300 }, 3_000, seeded(1));
    expect(some.filter(({ player }) => player >= 1_500).length).toBeGreaterThan(100);
    const all = answerInstants(LOAD, 2_000, seeded(1));
    expect(new Set(all.map(({ player }) => player)).size).toBe(2_000);
    expect(() => answerInstants(LOAD, 1_999, seeded(1))).toThrow(RangeError);
  });

  it('is the same with the same seed, and another with another', () => {
    expect(answerInstants(LOAD, 3_000, seeded(7))).toEqual(answerInstants(LOAD, 3_000, seeded(7)));
    expect(answerInstants(LOAD, 3_000, seeded(7))).not.toEqual(answerInstants(LOAD, 3_000, seeded(8)));
  });
});

import { describe, expect, it } from '@jest/globals';
import { isSaturated, type LoadStep, searchSaturation } from './saturation.search.js';

const step = (offered: number, more: Partial<LoadStep> = {}): LoadStep => ({
  offered,
  achieved: offered,
  p50: 1,
  p99: 10,
  max: 20,
  sentLateP99: 1,
  ...more,
});
/** A server that judges so many a second and no more. */
const server = (most: number) => async (offered: number) =>
  step(offered, { achieved: Math.min(most, offered) });

describe('isSaturated', () => {
  it('is when fewer than 95 of 100 come, or one in a hundred takes longer than 250 ms', () => {
    expect(isSaturated(step(1_000, { achieved: 950, p99: 250 }))).toBe(false);
    expect(isSaturated(step(1_000, { achieved: 949 }))).toBe(true);
    expect(isSaturated(step(1_000, { p99: 250.1 }))).toBe(true);
  });

  it('is when nothing came', () => {
    expect(isSaturated(step(1_000, { achieved: 0, p99: Number.NaN }))).toBe(true);
  });
});

describe('searchSaturation', () => {
  it('doubles the rate until it is too much, then halves the distance three times', async () => {
    const { steps, saturatedAt } = await searchSaturation(server(4_900));
    expect(steps.map(({ offered }) => offered)).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 6_000, 5_000, 5_500,
    ]);
    expect(saturatedAt).toBe(5_500);
  });

  it('believes that a rate is too much when it is so twice', async () => {
    let asked = 0;
    const { saturatedAt } = await searchSaturation(async (offered) =>
      step(offered, { achieved: ++asked === 2 ? 0 : Math.min(4_900, offered) }),
    );
    expect(asked).toBeGreaterThan(2);
    expect(saturatedAt).toBe(5_500);
  });

  it('finds none of a server that is never at its end, and asks for no more than 32,000', async () => {
    const { steps, saturatedAt } = await searchSaturation(server(1e9));
    expect(saturatedAt).toBeNull();
    expect(steps.at(-1)?.offered).toBe(32_000);
  });

  it('finds it below the first rate too', async () => {
    expect((await searchSaturation(server(100))).saturatedAt).toBe(125);
    expect((await searchSaturation(server(0))).saturatedAt).toBe(63);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RateLimits, SharedRates } from '#libs/room';
import { durationMs } from '#libs/timer-core';

/** Rates under which nothing but the named limits exists. */
export const ratesOf = (rates: Partial<SharedRates>): SharedRates => ({
  connections: null,
  joins: null,
  rooms: null,
  rest: null,
  wrong_pins: null,
  wrong_pins_overall: null,
  ...rates,
});

export interface LimitsHarness {
  limits: RateLimits;
  close(): Promise<void>;
}

const MINUTE_MS = durationMs(60_000);
const SECOND_MS = durationMs(1_000);

/** What every adapter of `RateLimits` must do. */
export function describeRateLimits(
  name: string,
  create: (rates: SharedRates) => Promise<LimitsHarness>,
): void {
  describe(`limits in ${name}`, () => {
    let harness: LimitsHarness;
    let limits: RateLimits;

    beforeAll(async () => {
      harness = await create(
        ratesOf({
          joins: { count: 3, perMs: MINUTE_MS },
          rooms: { count: 1, perMs: MINUTE_MS },
          rest: { count: 2, perMs: SECOND_MS },
        }),
      );
      limits = harness.limits;
    });
    afterAll(() => harness.close());

    const takes = async (count: number, key: string) => {
      const answers = [];
      for (let i = 0; i < count; i++) answers.push(await limits.take('joins', key));
      return answers;
    };

    it('let through what they allow, and then say how long to wait', async () => {
      const answers = await takes(5, 'a');
      expect(answers.map((answer) => answer.allowed)).toEqual([true, true, true, false, false]);
      for (const answer of answers.slice(3)) {
        const { retryAfterMs } = answer as { retryAfterMs: number };
        expect(Number.isInteger(retryAfterMs)).toBe(true);
        expect(retryAfterMs).toBeGreaterThan(0);
        expect(retryAfterMs).toBeLessThanOrEqual(MINUTE_MS);
      }
    });

    it('count each key and each limit by itself', async () => {
      await takes(4, 'b');
      expect(await limits.take('joins', 'c')).toEqual({ allowed: true });
      expect(await limits.take('rooms', 'b')).toEqual({ allowed: true });
      expect(await limits.take('rooms', 'b')).toMatchObject({ allowed: false });
    });

    it('let exactly so many of a crowd through', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => limits.take('joins', 'crowd')));
      expect(answers.filter((answer) => answer.allowed)).toHaveLength(3);
    });

    it('can be looked at without taking', async () => {
      expect(await limits.peek('joins', 'd')).toEqual({ allowed: true, taken: 0 });
      await takes(2, 'd');
      expect(await limits.peek('joins', 'd')).toEqual({ allowed: true, taken: 2 });
      expect(await limits.peek('joins', 'd')).toEqual({ allowed: true, taken: 2 });
      await takes(1, 'd');
      expect(await limits.peek('joins', 'd')).toMatchObject({ allowed: false, taken: 3 });
    });

    it('begin anew when the window has ended, however much was refused in it', async () => {
      for (let i = 0; i < 10; i++) await limits.take('rest', 'e');
      const answer = await limits.take('rest', 'e');
      const waitMs = answer.allowed ? 0 : answer.retryAfterMs;
      expect(waitMs).toBeLessThanOrEqual(SECOND_MS);
      const deadline = performance.now() + 20 * SECOND_MS;
      let again = answer;
      while (!again.allowed && performance.now() < deadline) {
        const { retryAfterMs } = again;
        await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
        again = await limits.take('rest', 'e');
      }
      expect(again).toEqual({ allowed: true });
    });

    it('that are off let everything through', async () => {
      for (let i = 0; i < 20; i++)
        expect(await limits.take('connections', 'f')).toMatchObject({ allowed: true });
      expect(await limits.peek('wrong_pins', 'f')).toEqual({ allowed: true, taken: 0 });
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { at } from '../test/room.arbitrary.js';
import { durationMs, type EpochMs, isTickTooLate, nextTickAt } from './index.js';

const question = (length: number, tickMs: number, opensAt = at(0)) => ({
  opensAt,
  endsAt: at(length),
  tickMs: durationMs(tickMs),
});

function walk(of: ReturnType<typeof question>, from: EpochMs): EpochMs[] {
  const ticks: EpochMs[] = [];
  let next = nextTickAt(of, from);
  while (next !== null) {
    // Without this a plan that stands still would not fail but take all memory.
    if (next <= (ticks.at(-1) ?? from)) throw new Error(`the tick after ${ticks.at(-1) ?? from} is ${next}`);
    ticks.push(next);
    next = nextTickAt(of, next);
  }
  return ticks;
}

describe('ticks', () => {
  it('of 20 s at 1,000 ms are 19, at whole seconds before the deadline', () => {
    const ticks = walk(question(20_000, 1_000), at(0));
    expect(ticks).toEqual(Array.from({ length: 19 }, (_, i) => at(1_000 * (i + 1))));
  });

  it('lie at endsAt - k * tickMs for each k >= 1 after the opening and nowhere else', () => {
    const lengths = fc.integer({ min: 100, max: 20_000 });
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 100, max: 3_000 }),
        fc.nat({ max: 5_000 }),
        (length, tickMs, lead) => {
          const expected: number[] = [];
          for (let tick = length - tickMs; tick > 0; tick -= tickMs) expected.unshift(at(tick));
          const of = question(length, tickMs);
          // Asking from within the lead-in gives no tick in it.
          expect(walk(of, at(-lead))).toEqual(expected);
          expect(walk(of, at(0))).toEqual(expected);
        },
      ),
    );
  });

  it('asked from any instant, the next one is the first after it', () => {
    const instants = fc.integer({ min: -1_000, max: 11_000 });
    fc.assert(
      fc.property(instants, fc.integer({ min: 100, max: 3_000 }), (ms, tickMs) => {
        const all = walk(question(10_000, tickMs), at(0));
        expect(nextTickAt(question(10_000, tickMs), at(ms))).toBe(all.find((tick) => tick > at(ms)) ?? null);
      }),
    );
  });

  it('there are none with an interval of 0, nor with one as long as the question', () => {
    expect(nextTickAt(question(20_000, 0), at(0))).toBeNull();
    expect(nextTickAt(question(20_000, 20_000), at(0))).toBeNull();
    expect(nextTickAt(question(20_001, 20_000), at(0))).toBe(at(1));
  });

  it('are skipped when late by more than half an interval', () => {
    expect(isTickTooLate(at(0), at(500), 1_000)).toBe(false);
    expect(isTickTooLate(at(0), at(501), 1_000)).toBe(true);
    expect(isTickTooLate(at(0), at(-5), 1_000)).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ADOPT_AFTER_MS, type ClockSample, OffsetEstimate, STEP_GUARD_MS } from './offset.estimate.js';

/** A sample of a clock with this offset at `at`, whose way there and back takes so long (ms). */
const sample = (at: number, offset: number, out = 0.2, back = 0.2): ClockSample => ({
  sentAt: at,
  receivedAt: at + out + back,
  serverAt: at + out + offset,
});

const way = fc.double({ min: 0.05, max: 80, noNaN: true });

describe('the estimate of an offset', () => {
  it('is never further off than half the shortest round trip, however uneven the ways are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.array(fc.tuple(way, way), { minLength: 1 }),
        (offset, ways) => {
          const [[out, back], ...rest] = ways as [[number, number], ...[number, number][]];
          const estimate = new OffsetEstimate(sample(0, offset, out, back));
          let shortest = out + back;
          rest.forEach(([o, b], i) => {
            estimate.take(sample(i + 1, offset, o, b));
            shortest = Math.min(shortest, o + b);
          });
          // What the bounds were widened by for drift, and the rounding of large numbers.
          expect(Math.abs(estimate.offset - offset)).toBeLessThanOrEqual(
            shortest / 2 + ways.length * 0.001 + 1e-3,
          );
        },
      ),
    );
  });

  it('follows a clock that is slewed by 500 ppm', () => {
    const estimate = new OffsetEstimate(sample(0, 0));
    for (let at = 250; at <= 60_000; at += 250) {
      expect(estimate.take(sample(at, at * 0.000_5)).kind).toBe('steady');
      expect(Math.abs(estimate.offset - at * 0.000_5)).toBeLessThan(1);
    }
  });

  it.each([60_000, -60_000])('does not follow a step of %i ms at once, and calls it by its size', (jump) => {
    const estimate = new OffsetEstimate(sample(0, 5_000));
    const verdict = estimate.take(sample(250, 5_000 + jump));
    expect(verdict).toEqual({ kind: 'step', jumpMs: jump });
    expect(Math.abs(estimate.offset - 5_000)).toBeLessThan(1);
  });

  it('forgets a step that was taken back', () => {
    const estimate = new OffsetEstimate(sample(0, 0));
    expect(estimate.take(sample(250, 60_000)).kind).toBe('step');
    for (let at = 500; at < 5_000; at += 250) expect(estimate.take(sample(at, 0)).kind).toBe('steady');
    expect(estimate.take(sample(5_000, 60_000)).kind).toBe('step');
  });

  it('follows a step that lasts', () => {
    const estimate = new OffsetEstimate(sample(0, 0));
    const kinds: string[] = [];
    for (let at = 250; at <= 250 + ADOPT_AFTER_MS + 250; at += 250)
      kinds.push(estimate.take(sample(at, 60_000)).kind);
    expect(kinds).toEqual(['step', 'step', 'step', 'step', 'adopted', 'steady']);
    expect(Math.abs(estimate.offset - 60_000)).toBeLessThan(1);
  });

  it('takes a slow answer for no step', () => {
    const estimate = new OffsetEstimate(sample(0, 0));
    expect(estimate.take(sample(250, 0, 3 * STEP_GUARD_MS, 0.1)).kind).toBe('steady');
    expect(estimate.take(sample(1_000, 0, 0.1, 3 * STEP_GUARD_MS)).kind).toBe('steady');
    expect(Math.abs(estimate.offset)).toBeLessThan(1);
  });
});

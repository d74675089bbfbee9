import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seeded } from '../seeded.random.js';
import { DelayLine } from './delay.line.js';

const BAD = { delayMs: 100, spreadMs: 80, rareShare: 0.01, rareMs: 300 };

describe('a line that holds what passes through it', () => {
  it('holds each piece for as long as it should, when nothing is in front of it', () => {
    const line = new DelayLine(BAD, seeded(1));
    const held = Array.from({ length: 20_000 }, (_, i) => line.releaseAt(i * 1_000) - i * 1_000);
    const usual = held.filter((ms) => ms <= 180);
    expect(Math.min(...held)).toBeGreaterThanOrEqual(20);
    expect(Math.min(...held)).toBeLessThan(21);
    expect(Math.max(...usual)).toBeGreaterThan(179);
    expect(Math.max(...held)).toBeLessThanOrEqual(480);
    expect(usual.reduce((sum, ms) => sum + ms, 0) / usual.length).toBeCloseTo(100, -1);
    expect((held.length - usual.length) / held.length).toBeGreaterThan(0.006);
    expect((held.length - usual.length) / held.length).toBeLessThan(0.014);
  });

  it('never lets anything overtake, and holds the same for the same seed', () => {
    const gaps = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 2, maxLength: 100 });
    fc.assert(
      fc.property(fc.nat(), gaps, (seed, waits) => {
        const [one, other] = [new DelayLine(BAD, seeded(seed)), new DelayLine(BAD, seeded(seed))];
        let nowMs = 0;
        let lastAt = 0;
        for (const waitMs of waits) {
          nowMs += waitMs;
          const at = one.releaseAt(nowMs);
          expect(at).toBeGreaterThanOrEqual(lastAt);
          expect(at).toBeGreaterThanOrEqual(nowMs + 20);
          expect(other.releaseAt(nowMs)).toBe(at);
          lastAt = at;
        }
      }),
    );
  });
});

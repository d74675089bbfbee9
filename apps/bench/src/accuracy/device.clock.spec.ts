import { describe, expect, it } from '@jest/globals';
import { skewDate } from './device.clock.js';

const DAY_MS = 86_400_000;

describe('skewDate', () => {
  it('sets the time of day wrong however it is asked for, and nothing else', () => {
    const RightDate = globalThis.Date;
    const rightNow = skewDate(3 * DAY_MS);
    try {
      const before = RightDate.now();
      for (const wrong of [Date.now(), Date.parse(new Date().toISOString())]) {
        expect(wrong - before).toBeGreaterThanOrEqual(3 * DAY_MS);
        expect(wrong - before).toBeLessThan(3 * DAY_MS + 60_000);
      }
      expect(rightNow() - before).toBeLessThan(60_000);
      expect(new Date(7).getMilliseconds()).toBe(7);
      expect(Date.UTC(1970, 0, 1)).toBe(0);
    } finally {
      globalThis.Date = RightDate;
    }
  });
});

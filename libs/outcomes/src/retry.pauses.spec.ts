import { describe, expect, it } from '@jest/globals';
import { retryPauseMs } from './retry.pauses.js';

const retry = { attempts: 24, retryMs: 1_000, retryMaxMs: 3_600_000 };

describe('the pauses between tries', () => {
  it('double from the first to the longest', () => {
    const pauses = [1, 2, 3, 12, 13, 24, 1_000].map((tries) => retryPauseMs(retry, tries, 0.5));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 2_048_000, 3_600_000, 3_600_000, 3_600_000]);
  });

  it('are up to a quarter shorter or longer, by chance', () => {
    expect(retryPauseMs(retry, 1, 0)).toBe(750);
    expect(retryPauseMs(retry, 1, 0.999_999)).toBe(1_250);
  });

  it('make the default number of tries last for hours', () => {
    const pauses = Array.from({ length: retry.attempts - 1 }, (_, i) => retryPauseMs(retry, i + 1, 0.5));
    const hours = pauses.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
    expect(hours).toBeGreaterThan(12);
    expect(hours).toBeLessThan(13);
  });
});

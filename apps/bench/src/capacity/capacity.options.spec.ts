import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../suite.types.js';
import { parseCapacityOptions } from './capacity.options.js';

describe('the options of capacity', () => {
  it('are what it is measured and planned with, unless they say otherwise', () => {
    expect(parseCapacityOptions([])).toMatchObject({
      sizes: [2_500, 5_000, 10_000],
      rounds: 5,
      seconds: 5,
      plan: [10_000, 100_000, 1_000_000],
      scenario: {
        roomSize: 50,
        questionMs: 20_000,
        pauseMs: 10_000,
        tickMs: 1_000,
        answerShare: 1,
        retentionMs: 86_400_000,
      },
      prices: { coreHour: 0.04, gbHour: 0.005, egressGb: 0.05, busyHours: 120, headroom: 0.6 },
    });
    const args = `--sizes 30,40,50 --plan 7 --room-size 10 --question 30 --pause 0 --answer-percent 50
      --retention 1 --headroom 80 --busy-hours 10 --core-hour 1 --gb-hour 0.25 --egress-gb 0`;
    expect(parseCapacityOptions(args.split(/\s+/))).toMatchObject({
      sizes: [30, 40, 50],
      plan: [7],
      scenario: { roomSize: 10, questionMs: 30_000, pauseMs: 0, answerShare: 0.5, retentionMs: 3_600_000 },
      prices: { coreHour: 1, gbHour: 0.25, egressGb: 0, busyHours: 10, headroom: 0.8 },
    });
  });

  it.each([
    ['--sizes', '500,1500'],
    ['--sizes', '500,400,4500'],
    ['--headroom', '0'],
    ['--core-hour', '-1'],
    ['--egress-gb', 'free'],
    ['--plan', '0'],
  ])('refuse %p %p', (...args) => {
    expect(() => parseCapacityOptions(args)).toThrow(CannotRun);
  });
});

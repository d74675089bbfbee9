import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../suite.types.js';
import { parseAccuracyOptions } from './accuracy.options.js';
import { accuracyResult, accuracyTable } from './accuracy.report.js';
import { type DeviceReadings, type Errors, SHOWN_BY } from './device.orders.js';

const errors = (sdk: number, others = 500): Errors =>
  Object.fromEntries(SHOWN_BY.map((by) => [by, by === 'sdk' ? sdk : others])) as Errors;

const reading = (fields: Partial<DeviceReadings>): DeviceReadings => ({
  isStepping: false,
  early: errors(8),
  late: errors(-2),
  sampled: { afterMs: 5_500, errorMs: -3 },
  claimedMs: 25,
  samples: 34,
  ...fields,
});

const about = {
  measuredAt: 'then',
  commit: 'c',
  command: 'x',
  machine: { cpu: 'a cpu', cores: 2, platform: 'p', node: 'v', redis: 'r', load: 0 },
  seed: 1,
  readAfterMs: { early: 1_000, late: 30_000 },
  clocks: { skewsMs: [1], stepsMs: [1], stepAfterMs: 1 },
  link: {
    delayMs: 100,
    spreadMs: 80,
    rareShare: 0.01,
    rareMs: 300,
    held: { pieces: 1, p50: 1, p99: 1, max: 1 },
  },
  truth: { uncertaintyMs: 0.011, movedMs: 0.012, gatewayOffMs: 0.5 },
};

describe('accuracyResult', () => {
  it('tells the size of errors, and devices whose clock was set apart from the others', () => {
    const result = accuracyResult([reading({}), reading({ isStepping: true, late: errors(9, 7) })], about);
    const [sdk] = result.ways;
    expect(sdk).toMatchObject({
      by: 'sdk',
      early: { p50: 8 },
      late: { steady: { max: 2 }, stepping: { max: 9 } },
    });
    expect(result.ways).toHaveLength(SHOWN_BY.length);
    expect(result.ways.at(-1)?.late).toMatchObject({ steady: { p50: 500 }, stepping: { p50: 7 } });
    expect(result.sampled).toMatchObject({ devices: 2, errorMs: { p99: 3 }, afterMs: { max: 5_500 } });
    expect(result).toMatchObject({ devices: 2, isGoalMet: true, isKept: true });
    expect(accuracyTable(result)).toContain('p99 at most 15 ms: met');
  });

  it('misses the goal by too large an error, and by a device that never got its samples', () => {
    const far = reading({ sampled: { afterMs: 1, errorMs: 15.2 } });
    expect(accuracyResult([far], about).isGoalMet).toBe(false);
    expect(accuracyResult([reading({}), reading({ sampled: null })], about).isGoalMet).toBe(false);
  });

  it('is broken when a device was further off than it said, or did not say', () => {
    const liar = reading({ late: errors(-28), claimedMs: 26 });
    expect(accuracyResult([reading({}), liar], about)).toMatchObject({
      isKept: false,
      claimed: { broken: 1 },
    });
    expect(accuracyResult([reading({ claimedMs: null })], about).isKept).toBe(false);
    // By less than the truth and the gateway's clock may be off.
    expect(accuracyResult([reading({ late: errors(26.5), claimedMs: 26 })], about).isKept).toBe(true);
    expect(accuracyResult([], about).isKept).toBe(false);
  });
});

describe('parseAccuracyOptions', () => {
  it('has 400 devices read 30 s after joining unless told otherwise', () => {
    expect(parseAccuracyOptions([])).toMatchObject({ devices: 400, lateMs: 30_000, seed: 1, isSmoke: false });
    const smoke = parseAccuracyOptions(['--smoke', '--devices', '6', '--seed', '0']);
    expect(smoke).toMatchObject({ devices: 6, lateMs: 10_000, seed: 0, isSmoke: true });
  });

  it.each([['--devices', '1'], ['--seed', 'x'], ['--fast']])(
    'refuses what is not meant: %s %s',
    (...args) => {
      expect(() => parseAccuracyOptions(args)).toThrow(CannotRun);
    },
  );
});

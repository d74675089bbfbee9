import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  parsedArgs,
  wholeNumber,
} from '../option.parser.js';

/** What `accuracy` measures. */
export interface AccuracyOptions extends CommonOptions {
  /** Each shows the same question in all ways that are compared. */
  readonly devices: number;
  /** They join one after the other, over so long, milliseconds. */
  readonly joinOverMs: number;
  /** The later of the two readings, milliseconds after joining. */
  readonly lateMs: number;
  /** After so long the clock of every other device is set, milliseconds after joining. */
  readonly stepAfterMs: number;
  readonly seed: number;
}

const DEFAULTS = { devices: 400, joinOverMs: 35_000, lateMs: 30_000, stepAfterMs: 12_000 };
const SMOKE = { devices: 40, joinOverMs: 4_000, lateMs: 10_000, stepAfterMs: 5_000 };
const DEVICES_RANGE = { min: 2, max: 2_000 };
const SEED_RANGE = { min: 0, max: 2 ** 31 };
const DEFAULT_SEED = 1;

/** @throws CannotRun for anything that is not meant */
export function parseAccuracyOptions(args: readonly string[]): AccuracyOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    devices: { type: 'string' },
    seed: { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  return {
    ...commonOptions(values),
    ...base,
    devices:
      values.devices === undefined ? base.devices : wholeNumber('--devices', values.devices, DEVICES_RANGE),
    seed: values.seed === undefined ? DEFAULT_SEED : wholeNumber('--seed', values.seed, SEED_RANGE),
  };
}

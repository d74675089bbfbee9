import { type CommonOptions, number, SEED, suiteOptions } from '../option.parser.js';

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
const DEFAULT_SEED = 1;

const OPTIONS = {
  devices: number(2, 2_000),
  seed: SEED,
};

/** @throws CannotRun for anything that is not meant */
export function parseAccuracyOptions(args: readonly string[]): AccuracyOptions {
  const { common, given } = suiteOptions(args, OPTIONS);
  return { ...common, ...(common.isSmoke ? SMOKE : DEFAULTS), seed: DEFAULT_SEED, ...given };
}

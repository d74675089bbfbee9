import { type CommonOptions, number, numbers, ROUNDS, SEED, suiteOptions, TEXT } from '../option.parser.js';

/** What `ticks` measures. */
export interface TicksOptions extends CommonOptions {
  /** Sizes, one after the other: so many active rooms. */
  readonly rooms: readonly number[];
  /** So long each. */
  readonly seconds: number;
  readonly rounds: number;
  /** Which room ticks when. */
  readonly seed: number;
  /** A folder for CPU profiles of the scheduler. */
  readonly profile: string | undefined;
}

const DEFAULTS = { rooms: [100, 1_000, 10_000], seconds: 10, rounds: 5 };
const SMOKE = { rooms: [100], seconds: 2, rounds: 1 };

const OPTIONS = {
  rooms: numbers(1, 20_000),
  seconds: number(1, 60),
  rounds: ROUNDS,
  seed: SEED,
  profile: TEXT,
};

/** @throws CannotRun for anything that is not meant */
export function parseTicksOptions(args: readonly string[], randomSeed: number): TicksOptions {
  const { common, given } = suiteOptions(args, OPTIONS);
  const base = common.isSmoke ? SMOKE : DEFAULTS;
  return { ...common, ...base, seed: randomSeed, profile: undefined, ...given };
}

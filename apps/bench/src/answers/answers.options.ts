import {
  type CommonOptions,
  number,
  ROUNDS,
  SEED,
  suiteOptions,
  TEXT,
  wholeNumber,
} from '../option.parser.js';

/** What `answers` measures. */
export interface AnswersOptions extends CommonOptions {
  /** At each server. */
  readonly players: number;
  readonly rooms: number;
  /** How often saturation is looked for. */
  readonly ramps: number;
  /** Measured at half of it. */
  readonly rounds: number;
  /** Answers a second of the rounds; undefined: half of Quizbell's saturation. */
  readonly rate: number | undefined;
  /** Who answers when. */
  readonly seed: number;
  /** A folder for CPU profiles of the gateway. */
  readonly profile: string | undefined;
}

const DEFAULTS = { players: 6_000, rooms: 100, ramps: 2, rounds: 5 };
const SMOKE = { players: 200, rooms: 4, ramps: 0, rounds: 1, rate: 200 };

const OPTIONS = {
  players: number(1, 10_000),
  rooms: number(1, 500),
  ramps: number(0, 20),
  rounds: ROUNDS,
  rate: number(1, 100_000),
  seed: SEED,
  profile: TEXT,
};

/** @throws CannotRun for anything that is not meant */
export function parseAnswersOptions(args: readonly string[], randomSeed: number): AnswersOptions {
  const { common, given } = suiteOptions(args, OPTIONS);
  const base = common.isSmoke ? SMOKE : { ...DEFAULTS, rate: undefined };
  // Where the rate is given, nothing depends on saturation.
  const ramps = given.rate === undefined ? base.ramps : 0;
  const options = { ...common, ...base, ramps, seed: randomSeed, profile: undefined, ...given };
  if (options.rate === undefined) wholeNumber('--ramps', `${options.ramps}`, { ...OPTIONS.ramps, min: 1 });
  return options;
}

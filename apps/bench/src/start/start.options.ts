import { type CommonOptions, number, numbers, ROUNDS, SEED, suiteOptions } from '../option.parser.js';

/** What `start` measures. */
export interface StartOptions extends CommonOptions {
  /** Sizes of the room, one after the other: so many players. */
  readonly players: readonly number[];
  readonly rounds: number;
  /** Of each round. */
  readonly starts: number;
  /** How long the host waits each time. */
  readonly seed: number;
}

const DEFAULTS = { players: [10, 100, 1_000, 5_000], rounds: 5, starts: 16 };
const SMOKE = { players: [10], rounds: 1, starts: 5 };

const OPTIONS = {
  players: numbers(2, 10_000),
  rounds: ROUNDS,
  starts: number(1, 1_000),
  seed: SEED,
};

/** @throws CannotRun for anything that is not meant */
export function parseStartOptions(args: readonly string[], randomSeed: number): StartOptions {
  const { common, given } = suiteOptions(args, OPTIONS);
  const base = common.isSmoke ? SMOKE : DEFAULTS;
  return { ...common, ...base, seed: randomSeed, ...given };
}

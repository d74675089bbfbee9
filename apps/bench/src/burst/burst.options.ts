import { type CommonOptions, number, ROUNDS, suiteOptions } from '../option.parser.js';

/** What `burst` measures. */
export interface BurstOptions extends CommonOptions {
  readonly players: number;
  readonly rounds: number;
}

const DEFAULTS = { players: 5_000, rounds: 3 };
const SMOKE = { players: 300, rounds: 1 };

const OPTIONS = {
  players: number(2, 10_000),
  rounds: ROUNDS,
};

/** @throws CannotRun for anything that is not meant */
export function parseBurstOptions(args: readonly string[]): BurstOptions {
  const { common, given } = suiteOptions(args, OPTIONS);
  return { ...common, ...(common.isSmoke ? SMOKE : DEFAULTS), ...given };
}

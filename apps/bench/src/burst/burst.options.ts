import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  parsedArgs,
  wholeNumber,
} from '../option.parser.js';

/** What `burst` measures. */
export interface BurstOptions extends CommonOptions {
  readonly players: number;
  readonly rounds: number;
}

const DEFAULTS = { players: 5_000, rounds: 3 };
const SMOKE = { players: 300, rounds: 1 };
const PLAYERS_RANGE = { min: 2, max: 10_000 };
const ROUNDS_RANGE = { min: 1, max: 100 };

/** @throws CannotRun for anything that is not meant */
export function parseBurstOptions(args: readonly string[]): BurstOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    players: { type: 'string' },
    rounds: { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  return {
    ...commonOptions(values),
    players:
      values.players === undefined ? base.players : wholeNumber('--players', values.players, PLAYERS_RANGE),
    rounds: values.rounds === undefined ? base.rounds : wholeNumber('--rounds', values.rounds, ROUNDS_RANGE),
  };
}

import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  numbersOf,
  parsedArgs,
  wholeNumber,
} from '../option.parser.js';

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
const PLAYERS_RANGE = { min: 2, max: 10_000 };
const ROUNDS_RANGE = { min: 1, max: 100 };
const STARTS_RANGE = { min: 1, max: 1_000 };
const SEED_RANGE = { min: 0, max: 2 ** 31 };

/** @throws CannotRun for anything that is not meant */
export function parseStartOptions(args: readonly string[], randomSeed: number): StartOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    players: { type: 'string' },
    rounds: { type: 'string' },
    starts: { type: 'string' },
    seed: { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  const number = numbersOf<'rounds' | 'starts' | 'seed'>(values);
  return {
    ...commonOptions(values),
    players:
      values.players?.split(',').map((text) => wholeNumber('--players', text, PLAYERS_RANGE)) ?? base.players,
    rounds: number('rounds', ROUNDS_RANGE) ?? base.rounds,
    starts: number('starts', STARTS_RANGE) ?? base.starts,
    seed: number('seed', SEED_RANGE) ?? randomSeed,
  };
}

import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  numbersOf,
  parsedArgs,
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

const DEFAULTS = { players: 6_000, rooms: 100, ramps: 2, rounds: 7 };
const SMOKE = { players: 200, rooms: 4, ramps: 0, rounds: 1, rate: 200 };
const PLAYERS_RANGE = { min: 1, max: 10_000 };
const ROOMS_RANGE = { min: 1, max: 500 };
const RAMPS_RANGE = { min: 0, max: 20 };
const ROUNDS_RANGE = { min: 1, max: 100 };
const RATE_RANGE = { min: 1, max: 100_000 };
const SEED_RANGE = { min: 0, max: 2 ** 31 };

/** @throws CannotRun for anything that is not meant */
export function parseAnswersOptions(args: readonly string[], randomSeed: number): AnswersOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    players: { type: 'string' },
    rooms: { type: 'string' },
    ramps: { type: 'string' },
    rounds: { type: 'string' },
    rate: { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string' },
  });
  const base = values.smoke ? SMOKE : { ...DEFAULTS, rate: undefined };
  const number = numbersOf<'players' | 'rooms' | 'ramps' | 'rounds' | 'rate' | 'seed'>(values);
  const rate = number('rate', RATE_RANGE) ?? base.rate;
  // Where the rate is given, nothing depends on saturation.
  const ramps = number('ramps', RAMPS_RANGE) ?? (rate === undefined ? base.ramps : 0);
  return {
    ...commonOptions(values),
    players: number('players', PLAYERS_RANGE) ?? base.players,
    rooms: number('rooms', ROOMS_RANGE) ?? base.rooms,
    ramps: rate === undefined ? wholeNumber('--ramps', `${ramps}`, { ...RAMPS_RANGE, min: 1 }) : ramps,
    rounds: number('rounds', ROUNDS_RANGE) ?? base.rounds,
    rate,
    seed: number('seed', SEED_RANGE) ?? randomSeed,
    profile: values.profile,
  };
}

import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  numbersOf,
  parsedArgs,
} from '../option.parser.js';

/** What `player` measures. */
export interface PlayerOptions extends CommonOptions {
  /** Of each kind at each gateway. */
  readonly players: number;
  /** Of each kind at each gateway. */
  readonly rooms: number;
  readonly rounds: number;
  readonly questionMs: number;
  /** How often a player without ticks compares clocks. */
  readonly syncEveryMs: number;
  /** Of the instants at which clocks are compared. */
  readonly seed: number;
  /** A folder for a CPU profile of the gateway. */
  readonly profile: string | undefined;
}

/** What the SDK does when its clock is settled, on a connection with round trips of up to 30 ms. */
const SYNC_EVERY_S = 300;
const DEFAULTS = { players: 2_000, rooms: 40, rounds: 9, questionMs: 20_000 };
const SMOKE = { players: 100, rooms: 2, rounds: 3, questionMs: 2_500 };
const PLAYERS_RANGE = { min: 1, max: 5_000 };
const ROOMS_RANGE = { min: 1, max: 500 };
const ROUNDS_RANGE = { min: 1, max: 100 };
const SYNC_RANGE = { min: 1, max: 3_600 };
const SEED_RANGE = { min: 0, max: 2 ** 31 };

/** @throws CannotRun for anything that is not meant */
export function parsePlayerOptions(args: readonly string[], randomSeed: number): PlayerOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    players: { type: 'string' },
    rooms: { type: 'string' },
    rounds: { type: 'string' },
    'sync-every': { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  const number = numbersOf<'players' | 'rooms' | 'rounds' | 'seed' | 'sync-every'>(values);
  return {
    ...commonOptions(values),
    players: number('players', PLAYERS_RANGE) ?? base.players,
    rooms: number('rooms', ROOMS_RANGE) ?? base.rooms,
    rounds: number('rounds', ROUNDS_RANGE) ?? base.rounds,
    questionMs: base.questionMs,
    syncEveryMs: (number('sync-every', SYNC_RANGE) ?? SYNC_EVERY_S) * 1_000,
    seed: number('seed', SEED_RANGE) ?? randomSeed,
    profile: values.profile,
  };
}

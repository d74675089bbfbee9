import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  numbersOf,
  parsedArgs,
  wholeNumber,
} from '../option.parser.js';
import { CannotRun } from '../suite.types.js';

/** What `rooms` measures. */
export interface RoomsOptions extends CommonOptions {
  /** Sizes, rising: so many rooms. */
  readonly rooms: readonly number[];
  /** Who join each room and answer, where memory is measured with players. */
  readonly players: number;
  /** Of a window with ticks; half of it with very many rooms. */
  readonly seconds: number;
  /** Of ticks. */
  readonly rounds: number;
  /** Of schedulers, for each size. */
  readonly kills: number;
  /** Which room ticks when. */
  readonly seed: number;
  /** A folder for a CPU profile of the scheduler that sends the ticks. */
  readonly profile: string | undefined;
}

const DEFAULTS = { rooms: [100, 1_000, 10_000], players: 20, seconds: 10, rounds: 5, kills: 5 };
const SMOKE = { rooms: [40], players: 3, seconds: 1, rounds: 1, kills: 1 };
const ROOMS_RANGE = { min: 1, max: 20_000 };
const PLAYERS_RANGE = { min: 1, max: 500 };
const SECONDS_RANGE = { min: 1, max: 60 };
const ROUNDS_RANGE = { min: 1, max: 100 };
const SEED_RANGE = { min: 0, max: 2 ** 31 };

/** @throws CannotRun for anything that is not meant */
export function parseRoomsOptions(args: readonly string[], randomSeed: number): RoomsOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    rooms: { type: 'string' },
    players: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    kills: { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  const number = numbersOf<'players' | 'seconds' | 'rounds' | 'kills' | 'seed'>(values);
  const rooms =
    values.rooms?.split(',').map((text) => wholeNumber('--rooms', text, ROOMS_RANGE)) ?? base.rooms;
  if (rooms.some((size, i) => size <= (rooms[i - 1] ?? 0))) {
    throw new CannotRun('--rooms takes rising numbers of rooms.');
  }
  return {
    ...commonOptions(values),
    rooms,
    players: number('players', PLAYERS_RANGE) ?? base.players,
    seconds: number('seconds', SECONDS_RANGE) ?? base.seconds,
    rounds: number('rounds', ROUNDS_RANGE) ?? base.rounds,
    kills: number('kills', ROUNDS_RANGE) ?? base.kills,
    seed: number('seed', SEED_RANGE) ?? randomSeed,
    profile: values.profile,
  };
}

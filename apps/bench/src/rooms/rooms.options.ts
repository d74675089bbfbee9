import {
  type CommonOptions,
  isRising,
  number,
  numbers,
  ROUNDS,
  SEED,
  suiteOptions,
  TEXT,
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

const OPTIONS = {
  rooms: numbers(1, 20_000),
  players: number(1, 500),
  seconds: number(1, 60),
  rounds: ROUNDS,
  kills: number(1, 100),
  seed: SEED,
  profile: TEXT,
};

/** @throws CannotRun for anything that is not meant */
export function parseRoomsOptions(args: readonly string[], randomSeed: number): RoomsOptions {
  const { common, given } = suiteOptions(args, OPTIONS);
  const base = common.isSmoke ? SMOKE : DEFAULTS;
  const options = { ...common, ...base, seed: randomSeed, profile: undefined, ...given };
  if (!isRising(options.rooms)) throw new CannotRun('--rooms takes rising numbers of rooms.');
  return options;
}

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

/** What `fanout` measures. */
export interface FanoutOptions extends CommonOptions {
  /** Sizes, growing: so many sockets at each server. */
  readonly sockets: readonly number[];
  /** Sockets in one room. */
  readonly members: number;
  /** Deliveries of one server in a second: the fewer sockets, the more ticks. */
  readonly rate: number;
  /** So long each server's rooms tick in a round. */
  readonly seconds: number;
  readonly rounds: number;
  /** Of the instants at which rooms tick. */
  readonly seed: number;
  /** A folder for CPU profiles of the servers. */
  readonly profile: string | undefined;
}

const DEFAULTS = { sockets: [1_000, 5_000], members: 50, rate: 5_000, seconds: 5, rounds: 7 };
const SMOKE = { sockets: [40], members: 10, rate: 40, seconds: 2, rounds: 1 };

const OPTIONS = {
  sockets: numbers(1, 10_000),
  members: number(1, 1_000),
  rate: number(1, 20_000),
  seconds: number(2, 60),
  rounds: ROUNDS,
  seed: SEED,
  profile: TEXT,
};

/** @throws CannotRun for anything that is not meant */
export function parseFanoutOptions(args: readonly string[], randomSeed: number): FanoutOptions {
  const { common, given } = suiteOptions(args, OPTIONS);
  const base = common.isSmoke ? SMOKE : DEFAULTS;
  const options = { ...common, ...base, seed: randomSeed, profile: undefined, ...given };
  const { sockets, members } = options;
  if (!isRising(sockets) || sockets.some((size) => size % members !== 0)) {
    throw new CannotRun(`--sockets takes growing sizes that are whole rooms of ${members}.`);
  }
  return options;
}

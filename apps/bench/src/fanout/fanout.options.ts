import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  numbersOf,
  parsedArgs,
  wholeNumber,
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

const DEFAULTS = { sockets: [1_000, 5_000], members: 50, rate: 5_000, seconds: 6, rounds: 7 };
const SMOKE = { sockets: [40], members: 10, rate: 40, seconds: 2, rounds: 1 };
const SOCKETS_RANGE = { min: 1, max: 10_000 };
const MEMBERS_RANGE = { min: 1, max: 1_000 };
const RATE_RANGE = { min: 1, max: 20_000 };
const SECONDS_RANGE = { min: 2, max: 60 };
const ROUNDS_RANGE = { min: 1, max: 100 };
const SEED_RANGE = { min: 0, max: 2 ** 31 };

/** @throws CannotRun for anything that is not meant */
export function parseFanoutOptions(args: readonly string[], randomSeed: number): FanoutOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    sockets: { type: 'string' },
    members: { type: 'string' },
    rate: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  const number = numbersOf<'members' | 'rate' | 'seconds' | 'rounds' | 'seed'>(values);
  const sockets =
    values.sockets?.split(',').map((text) => wholeNumber('--sockets', text, SOCKETS_RANGE)) ?? base.sockets;
  const members = number('members', MEMBERS_RANGE) ?? base.members;
  if (sockets.some((size, i) => size % members !== 0 || size <= (sockets[i - 1] ?? 0))) {
    throw new CannotRun(`--sockets takes growing sizes that are whole rooms of ${members}.`);
  }
  return {
    ...commonOptions(values),
    sockets,
    members,
    rate: number('rate', RATE_RANGE) ?? base.rate,
    seconds: number('seconds', SECONDS_RANGE) ?? base.seconds,
    rounds: number('rounds', ROUNDS_RANGE) ?? base.rounds,
    seed: number('seed', SEED_RANGE) ?? randomSeed,
    profile: values.profile,
  };
}

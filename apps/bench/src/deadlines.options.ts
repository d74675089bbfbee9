import type { ContestantKind } from './contestants/contestant.types.js';
import { type Load, parseLoad } from './deadlines.loads.js';
import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  numbersOf,
  parsedArgs,
  wholeNumber,
} from './option.parser.js';
import { CannotRun } from './suite.types.js';

/** What `deadlines` measures. */
export interface DeadlinesOptions extends CommonOptions {
  readonly loads: readonly Load[];
  readonly contestants: readonly ContestantKind[];
  readonly rounds: number;
  /** BullMQ's worker is measured with each; the best of each round and load counts. */
  readonly concurrencies: readonly number[];
  /** So many of the rooms have a client each. */
  readonly clients: number;
  /** Which room is due when. */
  readonly seed: number;
  /** A folder for CPU profiles of the contestants. */
  readonly profile: string | undefined;
}

export const CONTESTANTS: readonly ContestantKind[] = ['quizbell', 'bullmq', 'key-expiry', 'zset'];
const DEFAULTS = { loads: '1000,10000,2000x5', rounds: 5, concurrencies: [1, 8, 32, 128], clients: 100 };
const SMOKE = { loads: '100', rounds: 1, concurrencies: [8], clients: 10 };
const ROUNDS_RANGE = { min: 1, max: 100 };
const CONCURRENCY_RANGE = { min: 1, max: 10_000 };
const CLIENTS_RANGE = { min: 1, max: 2_000 };
const SEED_RANGE = { min: 0, max: 2 ** 31 };

/** @throws CannotRun for anything that is not meant */
export function parseDeadlinesOptions(args: readonly string[], randomSeed: number): DeadlinesOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    loads: { type: 'string' },
    contestants: { type: 'string' },
    rounds: { type: 'string' },
    concurrency: { type: 'string' },
    clients: { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  const number = numbersOf<'rounds' | 'clients' | 'seed'>(values);
  return {
    ...commonOptions(values),
    loads: (values.loads ?? base.loads).split(',').map(parseLoad),
    contestants: values.contestants?.split(',').map(contestantKind) ?? CONTESTANTS,
    rounds: number('rounds', ROUNDS_RANGE) ?? base.rounds,
    concurrencies:
      values.concurrency?.split(',').map((text) => wholeNumber('--concurrency', text, CONCURRENCY_RANGE)) ??
      base.concurrencies,
    clients: number('clients', CLIENTS_RANGE) ?? base.clients,
    seed: number('seed', SEED_RANGE) ?? randomSeed,
    profile: values.profile,
  };
}

function contestantKind(name: string): ContestantKind {
  const kind = CONTESTANTS.find((known) => known === name);
  if (kind !== undefined) return kind;
  throw new CannotRun(`--contestants takes ${CONTESTANTS.join(', ')}: not "${name}".`);
}

import type { ContestantKind } from './contestants/contestant.types.js';
import { type Load, parseLoad } from './deadlines.loads.js';
import { type CommonOptions, number, numbers, ROUNDS, SEED, suiteOptions, TEXT } from './option.parser.js';
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

const OPTIONS = {
  loads: TEXT,
  contestants: TEXT,
  rounds: ROUNDS,
  concurrency: numbers(1, 10_000),
  clients: number(1, 2_000),
  seed: SEED,
  profile: TEXT,
};

/** @throws CannotRun for anything that is not meant */
export function parseDeadlinesOptions(args: readonly string[], randomSeed: number): DeadlinesOptions {
  const {
    common,
    given: { loads, contestants, concurrency, ...given },
  } = suiteOptions(args, OPTIONS);
  const base = common.isSmoke ? SMOKE : DEFAULTS;
  return {
    ...common,
    ...base,
    seed: randomSeed,
    profile: undefined,
    ...given,
    loads: (loads ?? base.loads).split(',').map(parseLoad),
    contestants: contestants?.split(',').map(contestantKind) ?? CONTESTANTS,
    concurrencies: concurrency ?? base.concurrencies,
  };
}

function contestantKind(name: string): ContestantKind {
  const kind = CONTESTANTS.find((known) => known === name);
  if (kind !== undefined) return kind;
  throw new CannotRun(`--contestants takes ${CONTESTANTS.join(', ')}: not "${name}".`);
}

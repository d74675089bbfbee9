import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  numbersOf,
  parsedArgs,
  wholeNumber,
} from '../option.parser.js';

/** What `ticks` measures. */
export interface TicksOptions extends CommonOptions {
  /** Sizes, one after the other: so many active rooms. */
  readonly rooms: readonly number[];
  /** So long each. */
  readonly seconds: number;
  readonly rounds: number;
  /** Which room ticks when. */
  readonly seed: number;
  /** A folder for CPU profiles of the scheduler. */
  readonly profile: string | undefined;
}

const DEFAULTS = { rooms: [100, 1_000, 10_000], seconds: 10, rounds: 5 };
const SMOKE = { rooms: [100], seconds: 2, rounds: 1 };
const ROOMS_RANGE = { min: 1, max: 20_000 };
const SECONDS_RANGE = { min: 1, max: 60 };
const ROUNDS_RANGE = { min: 1, max: 100 };
const SEED_RANGE = { min: 0, max: 2 ** 31 };

/** @throws CannotRun for anything that is not meant */
export function parseTicksOptions(args: readonly string[], randomSeed: number): TicksOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    rooms: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  const number = numbersOf<'seconds' | 'rounds' | 'seed'>(values);
  return {
    ...commonOptions(values),
    rooms: values.rooms?.split(',').map((text) => wholeNumber('--rooms', text, ROOMS_RANGE)) ?? base.rooms,
    seconds: number('seconds', SECONDS_RANGE) ?? base.seconds,
    rounds: number('rounds', ROUNDS_RANGE) ?? base.rounds,
    seed: number('seed', SEED_RANGE) ?? randomSeed,
    profile: values.profile,
  };
}

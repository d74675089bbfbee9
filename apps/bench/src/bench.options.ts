import { parsedArgs, wholeNumber } from './option.parser.js';

/** What `deadlines` measures. */
export interface DeadlinesOptions {
  /** Rooms that are due at the same instant. */
  readonly rooms: number;
  readonly runs: number;
  /** BullMQ's worker is measured with each; the best counts. */
  readonly concurrencies: readonly number[];
  /** Only whether it works: times are not judged. */
  readonly isSmoke: boolean;
  /** One JSON document on stdout instead of tables. */
  readonly json: boolean;
  /** A file that gets the JSON document too. */
  readonly out: string | undefined;
  /** A folder for CPU profiles of the contestants. */
  readonly profile: string | undefined;
}

const DEFAULTS = { rooms: 1_000, runs: 5, concurrencies: [1, 8, 32, 128] };
const SMOKE = { rooms: 100, runs: 1, concurrencies: [8] };
const ROOMS_RANGE = { min: 1, max: 20_000 };
const RUNS_RANGE = { min: 1, max: 100 };
const CONCURRENCY_RANGE = { min: 1, max: 10_000 };

/** @throws CannotRun for anything that is not meant */
export function parseDeadlinesOptions(args: readonly string[]): DeadlinesOptions {
  const values = parsedArgs(args, {
    rooms: { type: 'string' },
    runs: { type: 'string' },
    concurrency: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    profile: { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  return {
    rooms: values.rooms === undefined ? base.rooms : wholeNumber('--rooms', values.rooms, ROOMS_RANGE),
    runs: values.runs === undefined ? base.runs : wholeNumber('--runs', values.runs, RUNS_RANGE),
    concurrencies:
      values.concurrency === undefined
        ? base.concurrencies
        : values.concurrency.split(',').map((text) => wholeNumber('--concurrency', text, CONCURRENCY_RANGE)),
    isSmoke: values.smoke,
    json: values.json,
    out: values.out,
    profile: values.profile,
  };
}

import { type CommonOptions, number, ROUNDS, suiteOptions } from '../option.parser.js';

/** What `isolation` measures. */
export interface IsolationOptions extends CommonOptions {
  /** Busy ones, all at one gateway. */
  readonly rooms: number;
  /** Of each busy room. */
  readonly members: number;
  /** How often a busy room ticks. */
  readonly tickMs: number;
  /** So long the rooms of each contestant are busy in a round. */
  readonly seconds: number;
  readonly rounds: number;
}

const DEFAULTS = { rooms: 50, members: 10, tickMs: 100, seconds: 5, rounds: 5 };
const SMOKE = { rooms: 5, members: 2, tickMs: 100, seconds: 2, rounds: 1 };

const OPTIONS = {
  rooms: number(1, 500),
  members: number(1, 100),
  tick: number(100, 60_000),
  seconds: number(1, 60),
  rounds: ROUNDS,
};

/** @throws CannotRun for anything that is not meant */
export function parseIsolationOptions(args: readonly string[]): IsolationOptions {
  const {
    common,
    given: { tick, ...given },
  } = suiteOptions(args, OPTIONS);
  const base = common.isSmoke ? SMOKE : DEFAULTS;
  return { ...common, ...base, ...given, tickMs: tick ?? base.tickMs };
}

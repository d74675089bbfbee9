import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  numbersOf,
  parsedArgs,
} from '../option.parser.js';

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
const ROOMS_RANGE = { min: 1, max: 500 };
const MEMBERS_RANGE = { min: 1, max: 100 };
const TICK_RANGE = { min: 100, max: 60_000 };
const SECONDS_RANGE = { min: 1, max: 60 };
const ROUNDS_RANGE = { min: 1, max: 100 };

/** @throws CannotRun for anything that is not meant */
export function parseIsolationOptions(args: readonly string[]): IsolationOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    rooms: { type: 'string' },
    members: { type: 'string' },
    tick: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  const number = numbersOf<'rooms' | 'members' | 'tick' | 'seconds' | 'rounds'>(values);
  return {
    ...commonOptions(values),
    rooms: number('rooms', ROOMS_RANGE) ?? base.rooms,
    members: number('members', MEMBERS_RANGE) ?? base.members,
    tickMs: number('tick', TICK_RANGE) ?? base.tickMs,
    seconds: number('seconds', SECONDS_RANGE) ?? base.seconds,
    rounds: number('rounds', ROUNDS_RANGE) ?? base.rounds,
  };
}

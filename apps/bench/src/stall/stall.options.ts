import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  numbersOf,
  parsedArgs,
} from '../option.parser.js';

/** What `stall` does. */
export interface StallOptions extends CommonOptions {
  readonly players: number;
  readonly questions: number;
  /** 0 for no stall at all, to compare with. */
  readonly stallMs: number;
}

const DEFAULTS = { players: 200, questions: 20, stallMs: 30 };
const SMOKE = { players: 100, questions: 3, stallMs: 30 };
const PLAYERS_RANGE = { min: 1, max: 2_000 };
const QUESTIONS_RANGE = { min: 1, max: 1_000 };
const STALL_RANGE = { min: 0, max: 500 };

/** @throws CannotRun for anything that is not meant */
export function parseStallOptions(args: readonly string[]): StallOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    players: { type: 'string' },
    questions: { type: 'string' },
    'stall-ms': { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  const number = numbersOf<'players' | 'questions' | 'stall-ms'>(values);
  return {
    ...commonOptions(values),
    players: number('players', PLAYERS_RANGE) ?? base.players,
    questions: number('questions', QUESTIONS_RANGE) ?? base.questions,
    stallMs: number('stall-ms', STALL_RANGE) ?? base.stallMs,
  };
}

import { type CommonOptions, number, suiteOptions } from '../option.parser.js';

/** What `stall` does. */
export interface StallOptions extends CommonOptions {
  readonly players: number;
  readonly questions: number;
  /** 0 for no stall at all, to compare with. */
  readonly stallMs: number;
}

const DEFAULTS = { players: 200, questions: 20, stallMs: 30 };
const SMOKE = { players: 100, questions: 3, stallMs: 30 };

const OPTIONS = {
  players: number(1, 2_000),
  questions: number(1, 1_000),
  'stall-ms': number(0, 500),
};

/** @throws CannotRun for anything that is not meant */
export function parseStallOptions(args: readonly string[]): StallOptions {
  const {
    common,
    given: { 'stall-ms': stallMs, ...given },
  } = suiteOptions(args, OPTIONS);
  const base = common.isSmoke ? SMOKE : DEFAULTS;
  return { ...common, ...base, ...given, stallMs: stallMs ?? base.stallMs };
}

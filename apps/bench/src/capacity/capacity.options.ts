import {
  type CommonOptions,
  isRising,
  number,
  numbers,
  ROUNDS,
  suiteOptions,
  TEXT,
} from '../option.parser.js';
import { CannotRun } from '../suite.types.js';
import type { Prices, Scenario } from './capacity.plan.js';

/** What `capacity` measures and plans. */
export interface CapacityOptions extends CommonOptions {
  /** Three or more sizes, rising: players in rooms of usual size, and as many in small ones. The largest is predicted. */
  readonly sizes: readonly number[];
  readonly rounds: number;
  /** Length of the windows without a quiz, and of the question in it (s). */
  readonly seconds: number;
  /** For how many players a plan is made. */
  readonly plan: readonly number[];
  readonly scenario: Scenario;
  readonly prices: Prices;
}

const DEFAULTS = { sizes: [2_500, 5_000, 10_000], rounds: 5, seconds: 5 };
const SMOKE = { sizes: [20, 40, 60], rounds: 1, seconds: 0.5 };
const PLANNED = [10_000, 100_000, 1_000_000];
const LEAST_SIZES = 3;

/** Money is given in units with decimals. */
const PRICE = /^\d+(\.\d+)?$/;

const OPTIONS = {
  sizes: numbers(20, 10_000),
  rounds: ROUNDS,
  seconds: number(1, 60),
  plan: numbers(1, 100_000_000),
  'room-size': number(1, 10_000),
  question: number(1, 3_600),
  pause: number(0, 3_600),
  'answer-percent': number(0, 100),
  retention: number(1, 8_760),
  headroom: number(1, 100),
  'busy-hours': number(1, 730),
  'core-hour': TEXT,
  'gb-hour': TEXT,
  'egress-gb': TEXT,
};

/** Assumptions, not quotes: about what rented machines cost without a contract. */
const PRICE_DEFAULTS = { 'core-hour': 0.04, 'gb-hour': 0.005, 'egress-gb': 0.05 } as const;

/** @throws CannotRun for anything that is not meant */
export function parseCapacityOptions(args: readonly string[]): CapacityOptions {
  const { common, given } = suiteOptions(args, OPTIONS);
  const base = common.isSmoke ? SMOKE : DEFAULTS;
  const price = (option: keyof typeof PRICE_DEFAULTS) => {
    const text = given[option] ?? String(PRICE_DEFAULTS[option]);
    if (PRICE.test(text)) return Number(text);
    throw new CannotRun(`--${option} takes an amount like 0.05, not "${text}".`);
  };
  const { sizes = base.sizes, rounds = base.rounds, seconds = base.seconds, plan = PLANNED } = given;
  if (sizes.length < LEAST_SIZES || !isRising(sizes)) {
    throw new CannotRun(`--sizes takes ${LEAST_SIZES} or more rising numbers of players.`);
  }
  return {
    ...common,
    sizes,
    rounds,
    seconds,
    plan,
    scenario: {
      roomSize: given['room-size'] ?? 50,
      questionMs: (given.question ?? 20) * 1_000,
      pauseMs: (given.pause ?? 10) * 1_000,
      tickMs: 1_000,
      answerShare: (given['answer-percent'] ?? 100) / 100,
      retentionMs: (given.retention ?? 24) * 3_600_000,
    },
    prices: {
      coreHour: price('core-hour'),
      gbHour: price('gb-hour'),
      egressGb: price('egress-gb'),
      busyHours: given['busy-hours'] ?? 120,
      headroom: (given.headroom ?? 60) / 100,
    },
  };
}

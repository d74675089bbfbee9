import {
  COMMON_OPTIONS,
  type CommonOptions,
  commonOptions,
  numbersOf,
  parsedArgs,
  wholeNumber,
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

const DEFAULTS = { sizes: [500, 1_500, 4_500], rounds: 3, seconds: 4 };
const SMOKE = { sizes: [20, 40, 60], rounds: 1, seconds: 0.5 };
const PLANNED = [10_000, 100_000, 1_000_000];
const SIZES_RANGE = { min: 20, max: 10_000 };
const PLAN_RANGE = { min: 1, max: 100_000_000 };
const ROUNDS_RANGE = { min: 1, max: 100 };
const SECONDS_RANGE = { min: 1, max: 60 };
const LEAST_SIZES = 3;

/** Money is given in units with decimals. */
const PRICE = /^\d+(\.\d+)?$/;

const SCENARIO_RANGES = {
  'room-size': { min: 1, max: 10_000 },
  question: { min: 1, max: 3_600 },
  pause: { min: 0, max: 3_600 },
  'answer-percent': { min: 0, max: 100 },
  retention: { min: 1, max: 8_760 },
  headroom: { min: 1, max: 100 },
  'busy-hours': { min: 1, max: 730 },
} as const;

/** Assumptions, not quotes: about what rented machines cost without a contract. */
const PRICE_DEFAULTS = { 'core-hour': 0.04, 'gb-hour': 0.005, 'egress-gb': 0.05 } as const;

/** @throws CannotRun for anything that is not meant */
export function parseCapacityOptions(args: readonly string[]): CapacityOptions {
  const values = parsedArgs(args, {
    ...COMMON_OPTIONS,
    sizes: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    plan: { type: 'string' },
    'room-size': { type: 'string' },
    question: { type: 'string' },
    pause: { type: 'string' },
    'answer-percent': { type: 'string' },
    retention: { type: 'string' },
    headroom: { type: 'string' },
    'busy-hours': { type: 'string' },
    'core-hour': { type: 'string' },
    'gb-hour': { type: 'string' },
    'egress-gb': { type: 'string' },
  });
  const base = values.smoke ? SMOKE : DEFAULTS;
  const whole = numbersOf<keyof typeof SCENARIO_RANGES | 'rounds' | 'seconds'>(values);
  const number = (option: keyof typeof SCENARIO_RANGES, otherwise: number) =>
    whole(option, SCENARIO_RANGES[option]) ?? otherwise;
  const price = (option: keyof typeof PRICE_DEFAULTS) => {
    const text = values[option] ?? String(PRICE_DEFAULTS[option]);
    if (PRICE.test(text)) return Number(text);
    throw new CannotRun(`--${option} takes an amount like 0.05, not "${text}".`);
  };
  const list = (option: 'sizes' | 'plan', range: { min: number; max: number }) =>
    values[option]?.split(',').map((text) => wholeNumber(`--${option}`, text, range));
  const sizes = list('sizes', SIZES_RANGE) ?? base.sizes;
  if (sizes.length < LEAST_SIZES || sizes.some((size, i) => size <= (sizes[i - 1] ?? 0))) {
    throw new CannotRun(`--sizes takes ${LEAST_SIZES} or more rising numbers of players.`);
  }
  return {
    ...commonOptions(values),
    sizes,
    rounds: whole('rounds', ROUNDS_RANGE) ?? base.rounds,
    seconds: whole('seconds', SECONDS_RANGE) ?? base.seconds,
    plan: list('plan', PLAN_RANGE) ?? PLANNED,
    scenario: {
      roomSize: number('room-size', 50),
      questionMs: number('question', 20) * 1_000,
      pauseMs: number('pause', 10) * 1_000,
      tickMs: 1_000,
      answerShare: number('answer-percent', 100) / 100,
      retentionMs: number('retention', 24) * 3_600_000,
    },
    prices: {
      coreHour: price('core-hour'),
      gbHour: price('gb-hour'),
      egressGb: price('egress-gb'),
      busyHours: number('busy-hours', 120),
      headroom: number('headroom', 60) / 100,
    },
  };
}

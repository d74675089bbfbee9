import { median } from '../percentiles.js';
import { machineLine, type RunFacts } from '../suite.output.js';
import {
  type CapacityPlan,
  type EventBytes,
  type Layout,
  type PlanInputs,
  type Prices,
  planFor,
  type Scenario,
} from './capacity.plan.js';
import {
  type CapacityCosts,
  type Forecast,
  fitCapacity,
  forecast,
  type Resource,
  type SizeMedian,
  type SizeRound,
  sizeMedian,
} from './capacity.windows.js';

/** The model may be off by so much of what was measured at the largest size, which it has not seen. */
export const GOAL_ERROR = 0.25;
/** What the goal is about, and in which windows: while something is done. */
const JUDGED: Readonly<Partial<Record<Resource, readonly string[]>>> = {
  'gateway CPU': ['quiz, quiz', 'ticks, spread'],
  'scheduler CPU': ['quiz', 'ticks'],
  'Redis CPU': ['quiz', 'ticks'],
  'gateway memory': ['quiz', 'spread'],
};

/** Sizes beyond those that are predicted from: all but the last one. */
export interface CapacityResult extends RunFacts {
  readonly bench: 'capacity';
  readonly seconds: number;
  readonly roomSize: number;
  readonly partSize: number;
  readonly rounds: number;
  readonly goalError: number;
  /** The windows that the goal is about, by resource. */
  readonly judged: typeof JUDGED;
  /** Medians of the rounds. */
  readonly sizes: readonly SizeMedian[];
  /** Fitted on all sizes but the largest. */
  readonly costs: CapacityCosts;
  /** Of the largest size. */
  readonly forecasts: readonly ForecastOfRounds[];
  /** Of what the goal is about, the worst by resource: null in a smoke run. */
  readonly errors: readonly JudgedError[] | null;
  readonly bytes: EventBytes;
  readonly connections: PlanInputs['connections'];
  readonly scenario: Scenario;
  readonly prices: Prices;
  readonly plans: readonly CapacityPlan[];
  /** What no number of gateways is enough for. */
  readonly unplanned: readonly (Layout & { readonly players: number })[];
  /** Everybody stayed connected, and every answer was accepted. */
  readonly isKept: boolean;
  readonly broken: readonly string[];
}

/** With what each round says by itself. */
export interface ForecastOfRounds extends Forecast {
  /** The error in each round, of costs that were fitted on its own smaller sizes. */
  readonly rounds: readonly number[];
}

export interface JudgedError {
  readonly resource: Resource;
  readonly where: string;
  /** The median of the rounds. Never below 0. */
  readonly error: number;
  readonly isMet: boolean;
}

const LAYOUTS: readonly Layout[] = [
  { hasTicks: true, isHashed: true },
  { hasTicks: true, isHashed: false },
  { hasTicks: false, isHashed: true },
  { hasTicks: false, isHashed: false },
];

/** Of the largest size, by the costs that the medians of the rounds give, and by those of each round for itself. */
export function forecastsOf(
  costs: CapacityCosts,
  bySize: readonly (readonly SizeRound[])[],
): ForecastOfRounds[] {
  const rounds = (bySize[0] ?? []).map((_, round) => {
    const sizes = bySize.map((ofSize) => sizeMedian(ofSize.slice(round, round + 1)));
    return forecast(fitCapacity(sizes.slice(0, -1)), largestOf(sizes));
  });
  return forecast(costs, largestOf(bySize.map(sizeMedian))).map((one, i) => ({
    ...one,
    rounds: rounds.map((forecasts) => forecasts[i]?.error ?? Number.NaN),
  }));
}

function largestOf(sizes: readonly SizeMedian[]): SizeMedian {
  const largest = sizes.at(-1);
  if (largest === undefined) throw new RangeError('nothing was measured');
  return largest;
}

export function judgedErrors(forecasts: readonly ForecastOfRounds[]): JudgedError[] {
  return (Object.keys(JUDGED) as Resource[]).map((resource) => {
    const [worst] = forecasts
      .filter((one) => one.resource === resource && JUDGED[resource]?.includes(one.where))
      .map(({ where, rounds }) => ({ where, error: Math.abs(median(rounds)) }))
      .sort((a, b) => b.error - a.error);
    if (worst === undefined) throw new RangeError(`nothing was foretold of ${resource}`);
    return { resource, ...worst, isMet: worst.error <= GOAL_ERROR };
  });
}

export function capacityResult(
  bySize: readonly (readonly SizeRound[])[],
  measured: Pick<CapacityResult, 'bytes' | 'connections'> & { readonly isSmoke: boolean },
  about: RunFacts &
    Pick<CapacityResult, 'seconds' | 'roomSize' | 'partSize' | 'rounds' | 'scenario' | 'prices'> & {
      readonly plan: readonly number[];
    },
): CapacityResult {
  const { plan, ...facts } = about;
  const { isSmoke, bytes, connections } = measured;
  const sizes = bySize.map(sizeMedian);
  const costs = fitCapacity(sizes.slice(0, -1));
  const forecasts = forecastsOf(costs, bySize);
  const inputs = { costs, bytes, connections, scenario: about.scenario, prices: about.prices };
  const broken = bySize.flatMap((rounds) => rounds.flatMap((round) => round.broken));
  const planned = plan.flatMap((players) =>
    LAYOUTS.map((layout) => ({ players, ...layout, made: planFor(players, layout, inputs) })),
  );
  return {
    bench: 'capacity',
    ...facts,
    goalError: GOAL_ERROR,
    judged: JUDGED,
    sizes,
    costs,
    forecasts,
    errors: isSmoke ? null : judgedErrors(forecasts),
    bytes,
    connections,
    plans: planned.map(({ made }) => made).filter((made) => made !== null),
    unplanned: planned.filter(({ made }) => made === null).map(({ made: _, ...what }) => what),
    isKept: broken.length === 0,
    broken,
  };
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const percent = (part: number): string => `${(100 * part).toFixed(0)} %`;
const cells = (width: number, values: readonly string[]): string =>
  values.map((value) => value.padStart(width)).join('');

const layoutText = ({ players, hasTicks, isHashed }: CapacityResult['unplanned'][number]): string =>
  `${count(players)}, ${hasTicks ? 'ticks' : 'no ticks'}, ${isHashed ? 'hashed' : 'spread'}`;

function planLine(plan: CapacityPlan): string {
  const { gateways, schedulers, redisMasters, gateway, redis, bottlenecks, needs, month } = plan;
  const [first, second] = bottlenecks.map((one) => `${one} (${needs[one].toFixed(1)})`);
  return `  ${layoutText(plan).padEnd(28)}${cells(9, [`${gateways}`, `${schedulers}`, `${redisMasters}`, percent(gateway.cpu), percent(redis.cpu), count(month.total)])}  ${first}, ${second}`;
}

export function capacityTables(result: CapacityResult): string {
  const { forecasts, errors, costs, plans, players } = { ...result, players: result.sizes.at(-1)?.players };
  const unit = (of: Readonly<Record<string, number>>, scale = 1_000) =>
    Object.entries(of)
      .map(([name, cost]) => `${name} ${(cost * scale).toPrecision(3)}`)
      .join(', ');
  return [
    'What one of each costs, by all sizes but the largest (CPU: microseconds; fixed and per socket, room, process: each second)',
    `  gateway     ${unit(costs.gateway)}`,
    `  scheduler   ${unit(costs.scheduler)}`,
    `  Redis       ${unit(costs.redis)}`,
    `  gateway MiB ${unit(costs.gatewayMemory, 1)}`,
    `  Redis bytes ${unit(costs.redisMemory, 1)}`,
    '',
    `With ${players} players (CPU: ms a second)`,
    `  ${''.padEnd(34)}${cells(12, ['measured', 'predicted', 'error', 'by round'])}`,
    ...forecasts.map(
      ({ resource, where, measured, predicted, error, rounds }) =>
        `  ${`${resource}: ${where}`.padEnd(34)}${cells(12, [measured.toFixed(1), predicted.toFixed(1), percent(error), percent(median(rounds))])}`,
    ),
    ...(errors ?? []).map(
      ({ resource, error, isMet }) =>
        `  Goal for ${resource}, at most ${percent(GOAL_ERROR)}: ${percent(error)}, ${isMet ? 'met' : 'missed'}.`,
    ),
    '',
    'Plan',
    `  ${'players'.padEnd(28)}${cells(9, ['gateways', 'sched.', 'Redis', 'gw. CPU', 'its CPU', 'a month'])}  first to need a second (how many)`,
    ...plans.map(planLine),
    ...result.unplanned.map(
      (what) => `  ${layoutText(what)}: no number of gateways is enough, by what each costs for all masters`,
    ),
    '',
    result.isKept
      ? 'Everybody stayed connected, and every answer was accepted.'
      : ['BROKEN:', ...result.broken.map((text) => `  ${text}`)].join('\n'),
    machineLine(result),
  ].join('\n');
}

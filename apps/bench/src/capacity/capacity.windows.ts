import { median } from '../percentiles.js';
import {
  costOf,
  fitCosts,
  type Observation,
  squaredError,
  type UnitCosts,
  type Units,
} from './unit.costs.js';

/**
 * What is going on while costs are looked at: `idle`: nobody has a question. `quiz`: rooms of usual size have one, and
 * everybody answers it. `starts`: questions of all rooms, most of them small, begin and end, and nobody answers. `ticks`: all
 * rooms tick. `ears`: the same, and more subscribers of Redis hear it.
 */
export const WINDOWS = ['idle', 'quiz', 'starts', 'ticks', 'ears'] as const;
export type Window = (typeof WINDOWS)[number];

/** Who has players: of rooms of usual size, of parts of rooms whose other players are elsewhere; or none, but commands. */
export const GATEWAYS = ['quiz', 'spread', 'hosts'] as const;
export type Gateway = (typeof GATEWAYS)[number];

/**
 * What makes a gateway work; per second except for `fixed` and `sockets`. `turns` are those of its event loop for what clients call,
 * which comes one by one: what comes at about the same time is done in one (see `turnsOf`). What Redis tells comes in `bunches` (see
 * `bunchesOf`).
 */
export const GATEWAY_UNITS = [
  'fixed',
  'sockets',
  'turns',
  'bunches',
  'messages',
  'deliveries',
  'answers',
  'commands',
] as const;
/** `calls`: those that carry ticks. `runs`: questions from start to outcome. `audits`: rooms that the audit looks at. */
export const SCHEDULER_UNITS = ['fixed', 'calls', 'ticks', 'runs', 'answers', 'audits'] as const;
/** `processes`: gateways and schedulers that are there. `hearings`: each message to each gateway that hears it. */
export const REDIS_UNITS = ['processes', 'turns', 'ticks', 'runs', 'answers', 'hearings', 'audits'] as const;
/** `calls`: the scheduler's. */
export const REDIS_COMMAND_UNITS = ['processes', 'calls', 'ticks', 'runs', 'answers', 'audits'] as const;
/** `rooms`: those of which a gateway hears. */
export const GATEWAY_MEMORY_UNITS = ['fixed', 'sockets', 'rooms'] as const;
/** What Redis keeps; `runs`: questions that are settled. */
export const REDIS_MEMORY_UNITS = ['fixed', 'rooms', 'members', 'runs', 'answers'] as const;

export type GatewayUnit = (typeof GATEWAY_UNITS)[number];
export type SchedulerUnit = (typeof SCHEDULER_UNITS)[number];
export type RedisUnit = (typeof REDIS_UNITS)[number];
export type RedisCommandUnit = (typeof REDIS_COMMAND_UNITS)[number];
export type GatewayMemoryUnit = (typeof GATEWAY_MEMORY_UNITS)[number];
export type RedisMemoryUnit = (typeof REDIS_MEMORY_UNITS)[number];

/** Of a window: the other units follow from these. */
export type GatewayWork = Exclude<GatewayUnit, 'turns' | 'bunches'>;
export type SchedulerWork = Exclude<SchedulerUnit, 'calls'>;
export type RedisWork = Exclude<RedisUnit, 'turns'>;

/**
 * Turns a second in which so much that arrives is done: little of it takes a turn each, and much of it never more than `most`
 * turns, because the rest is there already when one begins.
 */
export const turnsOf = (arrivalsPerSecond: number, most: number): number =>
  arrivalsPerSecond / (1 + arrivalsPerSecond / most);

/** What `most` may be: it is the one that explains the CPU time best. */
const MOST_TURNS = [50, 100, 200, 400, 800, 1_600];

/** The default of `QUIZBELL_SHARDS`. */
export const SHARDS_PER_MASTER = 8;
/** The ticks of a shard that are due in 15 ms are sent together (`GATHER_TICKS_MS` of libs/scheduling). */
const MOST_CALLS_OF_SHARD = 1_000 / 15;

/** Of so many that come at any time of a second, in how many of the `most` equal parts of it there is one. */
const partsWith = (perSecond: number, most: number): number => most * (1 - Math.exp(-perSecond / most));

/** Calls a second of the scheduler that carry so many ticks: one for each 15 ms of a shard in which a tick is due. */
export const callsOf = (ticksPerSecond: number, masters = 1): number =>
  partsWith(ticksPerSecond, masters * SHARDS_PER_MASTER * MOST_CALLS_OF_SHARD);

/**
 * How often a second such messages come to a gateway, or their ticks to Redis: the 15 ms of all shards of a master end together, and their
 * calls go out in one write (docs/adr/0025-what-goes-out-together.md).
 */
export const bunchesOf = (perSecond: number, masters = 1): number =>
  partsWith(perSecond, masters * MOST_CALLS_OF_SHARD);

/**
 * What wakes a process. An answer and a command do it twice at a gateway: when they come, and when Redis has answered. Pongs are not among
 * it: they come one by one, however many there are, and are what a socket costs.
 */
export const arrivalsAt = {
  gateway: ({ answers, commands }: Units<'answers' | 'commands'>): number => 2 * (answers + commands),
  redis: ({ ticks, runs, answers }: Units<'ticks' | 'runs' | 'answers'>, masters = 1): number =>
    bunchesOf(ticks, masters) + runs + answers,
} as const;

/** One window of one round: work and CPU time by the second. */
export interface WindowReading {
  readonly window: Window;
  readonly seconds: number;
  /** CPU ms a second. */
  readonly gateways: Readonly<Record<Gateway, Observation<GatewayWork>>>;
  /** CPU ms a second. */
  readonly scheduler: Observation<SchedulerWork>;
  /** CPU ms a second. */
  readonly redis: Observation<RedisWork>;
  /** Commands a second, also those that scripts call. */
  readonly redisCommands: Observation<RedisWork>;
}

/** One size in one round: so many players in rooms of usual size, and as many in small ones. */
export interface SizeRound {
  readonly players: number;
  /** What players and questions were heard of that should not be, or the other way round; empty when all is well. */
  readonly broken: readonly string[];
  readonly windows: readonly WindowReading[];
  /** MiB of the process, after all else. */
  readonly gatewayMemory: Readonly<Record<Gateway, Observation<GatewayMemoryUnit>>>;
  /** Bytes, at the same points of each round. */
  readonly redisMemory: readonly Observation<RedisMemoryUnit>[];
}

/** What everything costs: the measured parts of the model. */
export interface CapacityCosts {
  /** Turns in a second at most (see `turnsOf`). */
  readonly mostTurns: { readonly gateway: number; readonly redis: number };
  readonly gateway: UnitCosts<GatewayUnit>;
  readonly scheduler: UnitCosts<SchedulerUnit>;
  readonly redis: UnitCosts<RedisUnit>;
  readonly redisCommands: UnitCosts<RedisCommandUnit>;
  readonly gatewayMemory: UnitCosts<GatewayMemoryUnit>;
  readonly redisMemory: UnitCosts<RedisMemoryUnit>;
}

export type Resource =
  | 'gateway CPU'
  | 'scheduler CPU'
  | 'Redis CPU'
  | 'gateway memory'
  | 'Redis commands'
  | 'Redis memory';

/** What the model says of a size that it has not seen, and what was measured. CPU: ms a second; memory: MiB. */
export interface Forecast {
  readonly resource: Resource;
  /** When, or of which gateway. */
  readonly where: string;
  readonly measured: number;
  readonly predicted: number;
  /** By how much it is off, as a part of what was measured. */
  readonly error: number;
}

const middle = <Unit extends string>(seen: readonly Observation<Unit>[]): Observation<Unit> => {
  const names = Object.keys(seen[0]?.units ?? {}) as Unit[];
  const units = names.map((unit) => [unit, median(seen.map((one) => one.units[unit]))]);
  return {
    units: Object.fromEntries(units) as Units<Unit>,
    cost: median(seen.map(({ cost }) => cost)),
  };
};

/** The medians of a size's rounds. */
export interface SizeMedian extends Omit<SizeRound, 'windows' | 'broken'> {
  readonly windows: readonly Omit<WindowReading, 'seconds'>[];
}

export function sizeMedian(rounds: readonly SizeRound[]): SizeMedian {
  const byGateway = <Unit extends string>(of: (name: Gateway) => readonly Observation<Unit>[]) => ({
    quiz: middle(of('quiz')),
    spread: middle(of('spread')),
    hosts: middle(of('hosts')),
  });
  const windows = WINDOWS.map((window) => {
    const seen = rounds.flatMap((round) => round.windows.filter((one) => one.window === window));
    return {
      window,
      gateways: byGateway((name) => seen.map(({ gateways }) => gateways[name])),
      scheduler: middle(seen.map(({ scheduler }) => scheduler)),
      redis: middle(seen.map(({ redis }) => redis)),
      redisCommands: middle(seen.map(({ redisCommands }) => redisCommands)),
    };
  });
  return {
    players: rounds[0]?.players ?? 0,
    windows,
    gatewayMemory: byGateway((name) => rounds.map(({ gatewayMemory }) => gatewayMemory[name])),
    redisMemory: (rounds[0]?.redisMemory ?? []).map((_, i) =>
      middle(rounds.flatMap(({ redisMemory }) => redisMemory.slice(i, i + 1))),
    ),
  };
}

/** The observation with units put in that follow from the others. */
const enriched = <Unit extends string, More extends string>(
  { units, cost }: Observation<Unit>,
  more: Units<More>,
): Observation<Unit | More> => ({ units: { ...units, ...more } as Units<Unit | More>, cost });

const withBunches = (seen: Observation<GatewayWork>) =>
  enriched(seen, { bunches: bunchesOf(seen.units.messages) });
const withCalls = <Unit extends string>(seen: Observation<Unit | 'ticks'>) =>
  enriched(seen, { calls: callsOf(seen.units.ticks) });

/** The costs, and the most turns, that explain the observations best. */
function fitTurns<Unit extends string>(
  names: readonly (Unit | 'turns')[],
  seen: readonly Observation<Unit>[],
  arrivals: (units: Units<Unit>) => number,
): { readonly most: number; readonly costs: UnitCosts<Unit | 'turns'> } {
  return MOST_TURNS.map((most) => {
    const observations = seen.map((one) => enriched(one, { turns: turnsOf(arrivals(one.units), most) }));
    const costs = fitCosts(names, observations);
    return { most, costs, error: squaredError(costs, observations) };
  }).reduce((best, one) => (one.error < best.error ? one : best));
}

/** What a unit of each kind costs, by the medians of some sizes. */
export function fitCapacity(sizes: readonly SizeMedian[]): CapacityCosts {
  const windows = sizes.flatMap((size) => size.windows);
  const memory = sizes.flatMap(({ gatewayMemory }) => Object.values(gatewayMemory));
  const gateways = windows.flatMap((window) => Object.values(window.gateways));
  const gateway = fitTurns(GATEWAY_UNITS, gateways.map(withBunches), arrivalsAt.gateway);
  const redis = fitTurns(
    REDIS_UNITS,
    windows.map((window) => window.redis),
    (units) => arrivalsAt.redis(units),
  );
  return {
    mostTurns: { gateway: gateway.most, redis: redis.most },
    gateway: gateway.costs,
    scheduler: fitCosts(
      SCHEDULER_UNITS,
      windows.map((window) => withCalls(window.scheduler)),
    ),
    redis: redis.costs,
    redisCommands: fitCosts(
      REDIS_COMMAND_UNITS,
      windows.map(({ redisCommands }) => withCalls(redisCommands)),
    ),
    gatewayMemory: fitCosts(GATEWAY_MEMORY_UNITS, memory),
    redisMemory: fitCosts(
      REDIS_MEMORY_UNITS,
      sizes.flatMap(({ redisMemory }) => redisMemory),
    ),
  };
}

/** What the model says of a size, beside what was measured. */
export function forecast(costs: CapacityCosts, size: SizeMedian): Forecast[] {
  const row = <Unit extends string>(
    resource: Resource,
    where: string,
    unitCosts: UnitCosts<Unit>,
    { units, cost: measured }: Observation<Unit>,
  ): Forecast => {
    const predicted = costOf(unitCosts, units);
    return { resource, where, measured, predicted, error: predicted / measured - 1 };
  };
  const { mostTurns } = costs;
  const gatewayRow = (where: string, seen: Observation<GatewayWork>) => {
    const turns = turnsOf(arrivalsAt.gateway(seen.units), mostTurns.gateway);
    return row('gateway CPU', where, costs.gateway, enriched(withBunches(seen), { turns }));
  };
  const redisRow = (where: string, seen: Observation<RedisWork>) => {
    const turns = turnsOf(arrivalsAt.redis(seen.units), mostTurns.redis);
    return row('Redis CPU', where, costs.redis, enriched(seen, { turns }));
  };
  const kept = size.redisMemory.at(-1);
  return [
    ...size.windows.flatMap(({ window, gateways }) =>
      GATEWAYS.map((name) => gatewayRow(`${window}, ${name}`, gateways[name])),
    ),
    ...size.windows.map(({ window, scheduler }) =>
      row('scheduler CPU', window, costs.scheduler, withCalls(scheduler)),
    ),
    ...size.windows.map(({ window, redis }) => redisRow(window, redis)),
    ...size.windows.map(({ window, redisCommands }) =>
      row('Redis commands', window, costs.redisCommands, withCalls(redisCommands)),
    ),
    ...GATEWAYS.map((name) => row('gateway memory', name, costs.gatewayMemory, size.gatewayMemory[name])),
    ...(kept === undefined ? [] : [row('Redis memory', 'at the end', costs.redisMemory, kept)]),
  ];
}

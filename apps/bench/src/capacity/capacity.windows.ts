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
 * which comes one by one: what comes at about the same time is done in one (see `turnsOf`). What Redis tells comes in `bunches`: the
 * ticks of one call of the scheduler are told together, so there are no more of them than of its calls.
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
/** `turns`: calls that carry ticks. `runs`: questions from start to outcome. `audits`: rooms that the audit looks at. */
export const SCHEDULER_UNITS = ['fixed', 'turns', 'ticks', 'runs', 'answers', 'audits'] as const;
/** `processes`: gateways and schedulers that are there. `hearings`: each message to each gateway that hears it. */
export const REDIS_UNITS = ['processes', 'turns', 'ticks', 'runs', 'answers', 'hearings', 'audits'] as const;
/** `calls`: the scheduler's turns. */
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

/** Of a window: turns and bunches follow from the rest, once it is known how much is done in one. */
export type GatewayWork = Exclude<GatewayUnit, 'turns' | 'bunches'>;
export type SchedulerWork = Exclude<SchedulerUnit, 'turns'>;
export type RedisWork = Exclude<RedisUnit, 'turns'>;

/**
 * Turns a second in which so much that arrives is done: little of it takes a turn each, and much of it never more than `most`
 * turns, because the rest is there already when one begins.
 */
export const turnsOf = (arrivalsPerSecond: number, most: number): number =>
  arrivalsPerSecond / (1 + arrivalsPerSecond / most);

/** What `most` may be: it is the one that explains the CPU time best. */
const MOST_TURNS = [50, 100, 200, 400, 800, 1_600];

/**
 * What wakes a process. An answer and a command do it twice at a gateway: when they come, and when Redis has answered. Pongs are not among
 * it: they come one by one, however many there are, and are what a socket costs.
 */
export const arrivalsAt = {
  gateway: ({ answers, commands }: Units<'answers' | 'commands'>): number => 2 * (answers + commands),
  scheduler: ({ ticks }: Units<'ticks'>): number => ticks,
  /** @param calls turns of the scheduler */
  redis: ({ runs, answers }: Units<'runs' | 'answers'>, calls: number): number => calls + runs + answers,
} as const;

/** @param mostCalls of the scheduler, in a second: its `mostTurns`, for all shards that the gateway hears */
export const bunchesOf = ({ messages }: Units<'messages'>, mostCalls: number): number =>
  turnsOf(messages, mostCalls);

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
  /** Turns in a second at most (see `turnsOf`); of the scheduler and Redis with the shards of one Redis. */
  readonly mostTurns: { readonly gateway: number; readonly scheduler: number; readonly redis: number };
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

/** With turns put in. */
function withTurns<Unit extends string>(
  { units, cost }: Observation<Exclude<Unit, 'turns'>>,
  turns: number,
): Observation<Unit> {
  return { units: { ...units, turns } as unknown as Units<Unit>, cost };
}

/** The costs, and the most turns, that explain the observations best. */
function fitTurns<Unit extends string>(
  names: readonly Unit[],
  seen: readonly Observation<Exclude<Unit, 'turns'>>[],
  arrivals: (units: Units<Exclude<Unit, 'turns'>>) => number,
): { readonly most: number; readonly costs: UnitCosts<Unit> } {
  return MOST_TURNS.map((most) => {
    const observations = seen.map((one) => withTurns<Unit>(one, turnsOf(arrivals(one.units), most)));
    const costs = fitCosts(names, observations);
    return { most, costs, error: squaredError(costs, observations) };
  }).reduce((best, one) => (one.error < best.error ? one : best));
}

const withBunches = (
  { units, cost }: Observation<GatewayWork>,
  mostCalls: number,
): Observation<GatewayWork | 'bunches'> => ({
  units: { ...units, bunches: bunchesOf(units, mostCalls) },
  cost,
});

const withCalls = (
  { units, cost }: Observation<RedisWork>,
  calls: number,
): Observation<RedisCommandUnit> => ({ units: { ...units, calls }, cost });

/** What a unit of each kind costs, by the medians of some sizes. */
export function fitCapacity(sizes: readonly SizeMedian[]): CapacityCosts {
  const windows = sizes.flatMap((size) => size.windows);
  const memory = sizes.flatMap(({ gatewayMemory }) => Object.values(gatewayMemory));
  const scheduler = fitTurns<SchedulerUnit>(
    SCHEDULER_UNITS,
    windows.map((window) => window.scheduler),
    arrivalsAt.scheduler,
  );
  const gateways = windows.flatMap((window) => Object.values(window.gateways));
  const gateway = fitTurns<GatewayUnit>(
    GATEWAY_UNITS,
    gateways.map((seen) => withBunches(seen, scheduler.most)),
    arrivalsAt.gateway,
  );
  const callsIn = (units: Units<'ticks'>) => turnsOf(arrivalsAt.scheduler(units), scheduler.most);
  const redis = fitTurns<RedisUnit>(
    REDIS_UNITS,
    windows.map((window) => window.redis),
    (units) => arrivalsAt.redis(units, callsIn(units)),
  );
  return {
    mostTurns: { gateway: gateway.most, scheduler: scheduler.most, redis: redis.most },
    gateway: gateway.costs,
    scheduler: scheduler.costs,
    redis: redis.costs,
    redisCommands: fitCosts(
      REDIS_COMMAND_UNITS,
      windows.map(({ redisCommands }) => withCalls(redisCommands, callsIn(redisCommands.units))),
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
  const callsIn = (units: Units<'ticks'>) => turnsOf(arrivalsAt.scheduler(units), mostTurns.scheduler);
  const gatewayRow = (where: string, seen: Observation<GatewayWork>) => {
    const turns = turnsOf(arrivalsAt.gateway(seen.units), mostTurns.gateway);
    const bunched = withBunches(seen, mostTurns.scheduler);
    return row('gateway CPU', where, costs.gateway, withTurns<GatewayUnit>(bunched, turns));
  };
  const schedulerRow = (where: string, seen: Observation<SchedulerWork>) =>
    row('scheduler CPU', where, costs.scheduler, withTurns<SchedulerUnit>(seen, callsIn(seen.units)));
  const redisRow = (where: string, seen: Observation<RedisWork>) => {
    const turns = turnsOf(arrivalsAt.redis(seen.units, callsIn(seen.units)), mostTurns.redis);
    return row('Redis CPU', where, costs.redis, withTurns<RedisUnit>(seen, turns));
  };
  const kept = size.redisMemory.at(-1);
  return [
    ...size.windows.flatMap(({ window, gateways }) =>
      GATEWAYS.map((name) => gatewayRow(`${window}, ${name}`, gateways[name])),
    ),
    ...size.windows.map(({ window, scheduler }) => schedulerRow(window, scheduler)),
    ...size.windows.map(({ window, redis }) => redisRow(window, redis)),
    ...size.windows.map(({ window, redisCommands }) => {
      const seen = withCalls(redisCommands, callsIn(redisCommands.units));
      return row('Redis commands', window, costs.redisCommands, seen);
    }),
    ...GATEWAYS.map((name) => row('gateway memory', name, costs.gatewayMemory, size.gatewayMemory[name])),
    ...(kept === undefined ? [] : [row('Redis memory', 'at the end', costs.redisMemory, kept)]),
  ];
}

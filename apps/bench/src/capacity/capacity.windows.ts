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

/** What makes a gateway work; per second except for `fixed` and `sockets`. */
export const GATEWAY_UNITS = ['fixed', 'sockets', 'messages', 'deliveries', 'answers', 'commands'] as const;
/**
 * `rooms`: that are not over, with a question or without. `calls`: ticks that are due at about the same time are sent
 * together. `runs`: questions from start to outcome.
 */
export const SCHEDULER_UNITS = ['fixed', 'rooms', 'calls', 'ticks', 'runs', 'answers'] as const;
/** `processes`: gateways and schedulers that are there. `hearings`: each message to each gateway that hears it. */
export const REDIS_UNITS = ['processes', 'rooms', 'calls', 'ticks', 'runs', 'answers', 'hearings'] as const;
/** `rooms`: those of which a gateway hears. */
export const GATEWAY_MEMORY_UNITS = ['fixed', 'sockets', 'rooms'] as const;
/** What Redis keeps; `runs`: questions that are settled. */
export const REDIS_MEMORY_UNITS = ['fixed', 'rooms', 'members', 'runs', 'answers'] as const;

export type GatewayUnit = (typeof GATEWAY_UNITS)[number];
export type SchedulerUnit = (typeof SCHEDULER_UNITS)[number];
export type RedisUnit = (typeof REDIS_UNITS)[number];
export type GatewayMemoryUnit = (typeof GATEWAY_MEMORY_UNITS)[number];
export type RedisMemoryUnit = (typeof REDIS_MEMORY_UNITS)[number];

/** A window's work: `calls` follow from the ticks, once it is known how they are gathered. */
export type SchedulerWork = Exclude<SchedulerUnit, 'calls'>;
export type RedisWork = Exclude<RedisUnit, 'calls'>;

/**
 * Calls a second that carry so many ticks: each waits for more to come for a while, so that few ticks are calls of their own, and many
 * never make more than `most`.
 */
export const callsOf = (ticksPerSecond: number, most: number): number =>
  ticksPerSecond / (1 + ticksPerSecond / most);

/** What `most` may be: it is the one that explains the scheduler's CPU time best. */
const MOST_CALLS = [25, 50, 100, 200, 400, 800, 1_600, 6_400];

/** One window of one round: work and CPU time by the second. */
export interface WindowReading {
  readonly window: Window;
  readonly seconds: number;
  /** CPU ms a second. */
  readonly gateways: Readonly<Record<Gateway, Observation<GatewayUnit>>>;
  /** CPU ms a second. */
  readonly scheduler: Observation<SchedulerWork>;
  /** CPU ms a second. */
  readonly redis: Observation<RedisWork>;
  /** Commands a second, also those that scripts call. */
  readonly redisCommands: Observation<RedisWork>;
}

/** One size: so many players in rooms of usual size, and as many in small ones. */
export interface SizeReading {
  readonly players: number;
  /** What players and questions were heard of that should not be, or the other way round; empty when all is well. */
  readonly broken: readonly string[];
  readonly rounds: readonly (readonly WindowReading[])[];
  /** MiB of the process, after all else. */
  readonly gatewayMemory: Readonly<Record<Gateway, Observation<GatewayMemoryUnit>>>;
  /** Bytes. */
  readonly redisMemory: readonly Observation<RedisMemoryUnit>[];
}

/** What everything costs: the measured parts of the model. */
export interface CapacityCosts {
  /** Calls with ticks that a scheduler makes in a second at most (see `callsOf`). */
  readonly mostCalls: number;
  readonly gateway: UnitCosts<GatewayUnit>;
  readonly scheduler: UnitCosts<SchedulerUnit>;
  readonly redis: UnitCosts<RedisUnit>;
  readonly redisCommands: UnitCosts<RedisUnit>;
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

/** The medians of a size's rounds, by window. */
export interface SizeMedian extends Omit<SizeReading, 'rounds' | 'broken'> {
  readonly windows: readonly Omit<WindowReading, 'seconds'>[];
}

export function sizeMedian({ players, rounds, gatewayMemory, redisMemory }: SizeReading): SizeMedian {
  const windows = WINDOWS.map((window) => {
    const seen = rounds.flatMap((round) => round.filter((one) => one.window === window));
    const gateway = (name: Gateway) => middle(seen.map(({ gateways }) => gateways[name]));
    return {
      window,
      gateways: { quiz: gateway('quiz'), spread: gateway('spread'), hosts: gateway('hosts') },
      scheduler: middle(seen.map(({ scheduler }) => scheduler)),
      redis: middle(seen.map(({ redis }) => redis)),
      redisCommands: middle(seen.map(({ redisCommands }) => redisCommands)),
    };
  });
  return {
    players,
    windows,
    gatewayMemory,
    redisMemory,
  };
}

function withCalls<Unit extends string>(
  { units, cost }: Observation<Exclude<Unit, 'calls'> | 'ticks'>,
  most: number,
): Observation<Unit> {
  const { ticks }: Units<'ticks'> = units;
  // What is missing of `Unit` is put in.
  return { units: { ...units, calls: callsOf(ticks, most) } as unknown as Units<Unit>, cost };
}

/** What a unit of each kind costs, by the medians of some sizes. */
export function fitCapacity(sizes: readonly SizeMedian[]): CapacityCosts {
  const windows = sizes.flatMap((size) => size.windows);
  const memory = sizes.flatMap(({ gatewayMemory }) => Object.values(gatewayMemory));
  const schedulers = MOST_CALLS.map((mostCalls) => {
    const observations = windows.map(({ scheduler }) => withCalls<SchedulerUnit>(scheduler, mostCalls));
    const costs = fitCosts(SCHEDULER_UNITS, observations);
    return { mostCalls, costs, error: squaredError(costs, observations) };
  });
  const { mostCalls, costs: scheduler } = schedulers.reduce((best, one) =>
    one.error < best.error ? one : best,
  );
  return {
    mostCalls,
    gateway: fitCosts(
      GATEWAY_UNITS,
      windows.flatMap(({ gateways }) => Object.values(gateways)),
    ),
    scheduler,
    redis: fitCosts(
      REDIS_UNITS,
      windows.map(({ redis }) => withCalls<RedisUnit>(redis, mostCalls)),
    ),
    redisCommands: fitCosts(
      REDIS_UNITS,
      windows.map(({ redisCommands }) => withCalls<RedisUnit>(redisCommands, mostCalls)),
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
  const kept = size.redisMemory.at(-1);
  return [
    ...size.windows.flatMap(({ window, gateways }) =>
      GATEWAYS.map((name) => row('gateway CPU', `${window}, ${name}`, costs.gateway, gateways[name])),
    ),
    ...size.windows.map(({ window, scheduler }) =>
      row('scheduler CPU', window, costs.scheduler, withCalls<SchedulerUnit>(scheduler, costs.mostCalls)),
    ),
    ...size.windows.map(({ window, redis }) =>
      row('Redis CPU', window, costs.redis, withCalls<RedisUnit>(redis, costs.mostCalls)),
    ),
    ...size.windows.map(({ window, redisCommands }) =>
      row(
        'Redis commands',
        window,
        costs.redisCommands,
        withCalls<RedisUnit>(redisCommands, costs.mostCalls),
      ),
    ),
    ...GATEWAYS.map((name) => row('gateway memory', name, costs.gatewayMemory, size.gatewayMemory[name])),
    ...(kept === undefined ? [] : [row('Redis memory', 'at the end', costs.redisMemory, kept)]),
  ];
}

import {
  arrivalsAt,
  bunchesOf,
  type CapacityCosts,
  callsOf,
  SHARDS_PER_MASTER,
  turnsOf,
} from './capacity.windows.js';
import { costOf } from './unit.costs.js';

/** What all rooms do, all the time: a question, a pause, the next question. */
export interface Scenario {
  readonly roomSize: number;
  readonly questionMs: number;
  readonly pauseMs: number;
  /** All rooms tick; who draws the countdown from `endsAt` does not listen. */
  readonly tickMs: number;
  /** The part of the players that answers a question. */
  readonly answerShare: number;
  /** How long Redis keeps the answers of a settled run. */
  readonly retentionMs: number;
}

/** What is bought, and how full it may be. Money in any currency. */
export interface Prices {
  readonly coreHour: number;
  readonly gbHour: number;
  readonly egressGb: number;
  /** Hours of a month in which so many play; processes are paid all the time, traffic only then. */
  readonly busyHours: number;
  /** The part of a core, of memory and of a network link that is used at most. */
  readonly headroom: number;
}

/** Bytes of one event as players get it, by what it tells. */
export interface EventBytes {
  readonly tick: number;
  /** Start and end of a question together. */
  readonly question: number;
}

/** Whether players listen to ticks, and whether the load balancer keeps a room on one gateway. */
export interface Layout {
  readonly hasTicks: boolean;
  readonly isHashed: boolean;
}

/** What one process has, of what is not its core. */
export const LIMITS = {
  /** A gateway's memory, GB: well below what Node lets its heap grow to. */
  gatewayGb: 2,
  /** `QUIZBELL_MAX_CONNECTIONS` as it comes. */
  connections: 20_000,
  /** Redis' memory, GB. */
  redisGb: 32,
  /** One gateway's link, bytes a second: 1 Gbit/s. */
  linkBytes: 125_000_000,
} as const;

/** Beside an event's own bytes: websocket's header, the frame of Engine.IO and Socket.IO, TCP, IP and Ethernet, no two events in a packet. */
export const FRAME_BYTES = 4 + 8 + 32 + 20 + 18;

/** One works, the other stands by. */
const LEAST_SCHEDULERS = 2;
/** `QUIZBELL_AUDIT_MS` as it comes. */
const AUDIT_MS = 60_000;
/** Measured: none takes more than a tenth of that. */
const SCHEDULER_GB = 0.25;
const CORE_MS = 1_000;
const GB = 1e9;
const MIB = 2 ** 20;
const HOURS = 730;
const MS_PER_HOUR = 3_600_000;
const MOST_GATEWAYS = 2 ** 20;

export const BOTTLENECKS = [
  'gateway CPU',
  'scheduler CPU',
  'Redis CPU',
  'gateway memory',
  'connections',
  'Redis memory',
  'network',
] as const;
export type Bottleneck = (typeof BOTTLENECKS)[number];

export interface CapacityPlan extends Layout {
  readonly players: number;
  readonly rooms: number;
  readonly gateways: number;
  readonly schedulers: number;
  readonly redisMasters: number;
  readonly shards: number;
  /** Of one gateway. */
  readonly gateway: {
    readonly sockets: number;
    /** Rooms of which it hears. */
    readonly rooms: number;
    /** Parts of one core. */
    readonly cpu: number;
    readonly mib: number;
    readonly bytesPerSecond: number;
  };
  /** Parts of one core, all schedulers together. */
  readonly schedulerCpu: number;
  /** All masters together. */
  readonly redis: {
    /** Parts of one core. */
    readonly cpu: number;
    readonly connections: number;
    readonly commandsPerSecond: number;
    /** To gateways. */
    readonly messagesPerSecond: number;
    readonly mb: number;
  };
  /** How many of each would be needed, if players came one by one and there were one of each: the first to need a second is the bottleneck. */
  readonly needs: Readonly<Record<Bottleneck, number>>;
  /** The first that needs a second, and the next one. */
  readonly bottlenecks: readonly [Bottleneck, Bottleneck];
  readonly month: {
    readonly processes: number;
    readonly egress: number;
    readonly total: number;
  };
}

export interface PlanInputs {
  readonly costs: CapacityCosts;
  readonly bytes: EventBytes;
  /** Connections to Redis of each process. */
  readonly connections: { readonly gateway: number; readonly scheduler: number };
  readonly scenario: Scenario;
  readonly prices: Prices;
}

/** What happens everywhere together, by the second. */
function loadOf(players: number, { roomSize, questionMs, pauseMs, tickMs, answerShare }: Scenario) {
  const rooms = Math.ceil(players / roomSize);
  const cycleS = (questionMs + pauseMs) / 1_000;
  const ticksOfRoom = Math.max(0, Math.ceil(questionMs / tickMs) - 1) / cycleS;
  return {
    rooms,
    /** Of one room. */
    runsOfRoom: 1 / cycleS,
    ticksOfRoom,
    runs: rooms / cycleS,
    ticks: rooms * ticksOfRoom,
    answers: (players * answerShare) / cycleS,
    audits: rooms / (AUDIT_MS / 1_000),
  };
}

/** Of so many gateways, how many a room's players reach. */
export const gatewaysOfRoom = (roomSize: number, gateways: number, isHashed: boolean): number =>
  isHashed ? 1 : gateways * (1 - (1 - 1 / gateways) ** roomSize);

/**
 * A plan for so many players at once; null when what each process costs anyway is too much already. Pure: everything
 * measured comes in by `inputs`.
 */
export function planFor(players: number, layout: Layout, inputs: PlanInputs): CapacityPlan | null {
  const { costs, connections, scenario, prices } = inputs;
  const load = loadOf(players, scenario);
  const one = gatewayWith(players, 1, 1, layout, inputs);
  const storedMb = storedBytes(players, inputs) / 1e6;

  // Each of these depends on the others, and only ever grows with them.
  let [masters, gateways] = [1, 1];
  for (;;) {
    const enough = gatewaysFor(players, masters, layout, inputs);
    if (enough === null) return null;
    gateways = enough;
    const redis = redisOf(load, { gateways, schedulers: LEAST_SCHEDULERS, masters }, layout, inputs);
    const needed = Math.max(
      Math.ceil(redis.cpu / prices.headroom),
      Math.ceil(storedMb / 1e3 / (LIMITS.redisGb * prices.headroom)),
    );
    if (needed <= masters) break;
    masters += 1;
  }
  const schedulerUnits = { ...load, fixed: masters, calls: callsOf(load.ticks, masters) };
  const schedulerNeeds = costOf(costs.scheduler, schedulerUnits) / CORE_MS / prices.headroom;
  const schedulers = Math.max(LEAST_SCHEDULERS, Math.ceil(schedulerNeeds) + 1);
  const redis = redisOf(load, { gateways, schedulers, masters }, layout, inputs);
  const gateway = gatewayWith(players, gateways, masters, layout, inputs);
  const alone = redisOf(load, { gateways, schedulers: LEAST_SCHEDULERS, masters: 1 }, layout, inputs);
  const needs: Record<Bottleneck, number> = {
    'gateway CPU': one.cpu / prices.headroom,
    'scheduler CPU': schedulerNeeds,
    'Redis CPU': alone.cpu / prices.headroom,
    'gateway memory': (one.mib * MIB) / GB / (LIMITS.gatewayGb * prices.headroom),
    connections: players / LIMITS.connections,
    'Redis memory': storedMb / 1e3 / (LIMITS.redisGb * prices.headroom),
    network: one.bytesPerSecond / (LIMITS.linkBytes * prices.headroom),
  };
  const [first, second] = BOTTLENECKS.toSorted((a, b) => needs[b] - needs[a]);
  const egressGb = (gateway.bytesPerSecond * gateways * prices.busyHours * MS_PER_HOUR) / 1_000 / GB;
  const memoryGb =
    (gateways * gateway.mib * MIB) / GB / prices.headroom +
    schedulers * SCHEDULER_GB +
    storedMb / 1e3 / prices.headroom;
  const processes = HOURS * ((gateways + schedulers + masters) * prices.coreHour + memoryGb * prices.gbHour);
  const egress = egressGb * prices.egressGb;
  return {
    ...layout,
    players,
    rooms: load.rooms,
    gateways,
    schedulers,
    redisMasters: masters,
    shards: SHARDS_PER_MASTER * masters,
    gateway,
    schedulerCpu: schedulerNeeds * prices.headroom,
    redis: {
      ...redis,
      connections: (gateways * connections.gateway + schedulers * connections.scheduler) * masters,
      mb: storedMb,
    },
    needs,
    bottlenecks: [first ?? 'gateway CPU', second ?? 'gateway CPU'],
    month: { processes, egress, total: processes + egress },
  };
}

/** The least number of gateways of which none is fuller than it may be; null when no number is enough. */
function gatewaysFor(players: number, masters: number, layout: Layout, inputs: PlanInputs): number | null {
  const { headroom } = inputs.prices;
  const fits = (gateways: number): boolean => {
    const { sockets, cpu, mib, bytesPerSecond } = gatewayWith(players, gateways, masters, layout, inputs);
    return (
      sockets <= LIMITS.connections &&
      cpu <= headroom &&
      (mib * MIB) / GB <= LIMITS.gatewayGb * headroom &&
      bytesPerSecond <= LIMITS.linkBytes * headroom
    );
  };
  let [least, most] = [1, 1];
  while (!fits(most)) {
    least = most + 1;
    most *= 2;
    if (most > MOST_GATEWAYS) return null;
  }
  while (least < most) {
    const half = Math.floor((least + most) / 2);
    if (fits(half)) most = half;
    else least = half + 1;
  }
  return least;
}

/** One of so many gateways. What a gateway costs without players is for the shards of one master. */
function gatewayWith(
  players: number,
  gateways: number,
  masters: number,
  { hasTicks, isHashed }: Layout,
  { costs, bytes, scenario }: PlanInputs,
): CapacityPlan['gateway'] {
  const load = loadOf(players, scenario);
  const sockets = Math.ceil(players / gateways);
  const rooms = (load.rooms * gatewaysOfRoom(scenario.roomSize, gateways, isHashed)) / gateways;
  const ticks = hasTicks ? load.ticksOfRoom : 0;
  const eventsOfRoom = 2 * load.runsOfRoom + ticks;
  const work = {
    fixed: masters,
    sockets,
    messages: rooms * eventsOfRoom,
    deliveries: sockets * eventsOfRoom,
    answers: load.answers / gateways,
    commands: load.runs / gateways,
  };
  const turns = turnsOf(arrivalsAt.gateway(work), costs.mostTurns.gateway);
  const cpuMs = costOf(costs.gateway, { ...work, turns, bunches: bunchesOf(work.messages, masters) });
  const perQuestion = bytes.question + 2 * FRAME_BYTES;
  return {
    sockets,
    rooms,
    cpu: cpuMs / CORE_MS,
    mib: costOf(costs.gatewayMemory, { fixed: 1, sockets, rooms }),
    bytesPerSecond: sockets * (load.runsOfRoom * perQuestion + ticks * (bytes.tick + FRAME_BYTES)),
  };
}

/** All masters together; each has its part of the rooms, and every process talks to every one. */
function redisOf(
  load: ReturnType<typeof loadOf>,
  there: { readonly gateways: number; readonly schedulers: number; readonly masters: number },
  { hasTicks, isHashed }: Layout,
  { costs, scenario }: PlanInputs,
): Pick<CapacityPlan['redis'], 'cpu' | 'commandsPerSecond' | 'messagesPerSecond'> {
  const { gateways, schedulers, masters } = there;
  const reach = gatewaysOfRoom(scenario.roomSize, gateways, isHashed);
  const messagesPerSecond = (2 * load.runs + (hasTicks ? load.ticks : 0)) * reach;
  const units = {
    processes: (gateways + schedulers) * masters,
    calls: callsOf(load.ticks, masters),
    turns: turnsOf(arrivalsAt.redis(load, masters), costs.mostTurns.redis * masters),
    ticks: load.ticks,
    runs: load.runs,
    answers: load.answers,
    audits: load.audits,
    hearings: messagesPerSecond,
  };
  return {
    cpu: costOf(costs.redis, units) / CORE_MS,
    commandsPerSecond: costOf(costs.redisCommands, units),
    messagesPerSecond,
  };
}

/** Rooms and players that are there, and the answers of the hours in which they are kept, of which some are busy. */
function storedBytes(players: number, { costs, scenario, prices }: PlanInputs): number {
  const { rooms, runs, answers } = loadOf(players, scenario);
  const busySeconds = (scenario.retentionMs / 1_000) * (prices.busyHours / HOURS);
  return costOf(costs.redisMemory, {
    fixed: 1,
    rooms,
    members: players,
    runs: runs * busySeconds,
    answers: answers * busySeconds,
  });
}

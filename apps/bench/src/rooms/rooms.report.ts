import { type Figures, figuresOf, hundredths, median, rounded } from '../percentiles.js';
import type { CpuSpent } from '../stats/cpu.time.js';
import { machineLine, type RunFacts } from '../suite.output.js';
import type { RoomMemory } from './room.memory.js';
import type { TakeOverReport } from './take.over.judge.js';

/** A room-tick of the largest size may cost so much of one of the smallest. */
export const GOALS = { ratio: 1.15, fewRooms: 100, manyRooms: 10_000 } as const;

/** What was spent while so many rooms ticked; 0 rooms: what a scheduler costs that has nothing to do. */
export interface RungReading {
  readonly rooms: number;
  readonly seconds: number;
  /** That were heard. */
  readonly ticks: number;
  readonly skipped: number;
  readonly doubled: number;
  readonly wrong: number;
  readonly cpu: CpuSpent;
}

/** Microseconds of CPU time for one tick of one room. */
export interface TickCost {
  readonly schedulerUs: number;
  readonly redisUs: number;
}

export interface RungCost {
  readonly rooms: number;
  /** Without what is spent when no room ticks. */
  readonly net: TickCost;
  /** With it. */
  readonly gross: TickCost;
}

/** The largest size's costs divided by the smallest's. */
export interface RungRatios {
  readonly net: { readonly scheduler: number; readonly redis: number };
  readonly gross: { readonly scheduler: number; readonly redis: number };
}

export interface TickRound {
  readonly readings: readonly RungReading[];
  /** Milliseconds of CPU time a second when no room ticks. */
  readonly idle: { readonly schedulerMs: number; readonly redisMs: number };
  readonly costs: readonly RungCost[];
  readonly ratios: RungRatios;
}

export interface TakeOverSize {
  /** In all; a scheduler that is killed has about half of them. */
  readonly rooms: number;
  readonly kills: readonly {
    readonly rooms: number;
    readonly ownedMs: number;
    readonly silent: Figures;
    readonly lost: number;
  }[];
  /** Until all shards have an owner again: over the kills. */
  readonly owned: Figures;
  /** Until a room ticks again: over all rooms of all kills. */
  readonly silent: Figures;
}

export interface RoomsResult extends RunFacts {
  readonly bench: 'rooms';
  readonly seed: number;
  readonly seconds: number;
  readonly players: number;
  readonly tickMs: number;
  readonly goals: typeof GOALS;
  readonly memory: readonly RoomMemory[];
  readonly ticks: {
    readonly rounds: readonly TickRound[];
    /** Medians of the rounds. */
    readonly idle: TickRound['idle'];
    readonly costs: readonly RungCost[];
    readonly ratios: RungRatios;
    /** By the scheduler's and Redis' CPU time without what they spend anyway; null for other sizes, and in a smoke run. */
    readonly isGoalMet: { readonly scheduler: boolean; readonly redis: boolean } | null;
  };
  readonly takeOvers: readonly TakeOverSize[];
  /** There were ticks, none twice or of another deadline, and every room ticked again after each kill. */
  readonly isKept: boolean;
}

const US_PER_MS = 1_000;

/** @param readings of one round: no room first, then rising sizes */
export function tickRound(readings: readonly RungReading[]): TickRound {
  const [none, ...rungs] = readings;
  if (none === undefined || none.rooms !== 0) throw new RangeError('a round begins with no room');
  const idle = {
    schedulerMs: none.cpu.workerMs / none.seconds,
    redisMs: none.cpu.redisMs / none.seconds,
  };
  const costs = rungs.map(({ rooms, seconds, ticks, cpu }) => {
    const each = (ms: number) => (ms * US_PER_MS) / ticks;
    return {
      rooms,
      net: {
        schedulerUs: each(cpu.workerMs - idle.schedulerMs * seconds),
        redisUs: each(cpu.redisMs - idle.redisMs * seconds),
      },
      gross: { schedulerUs: each(cpu.workerMs), redisUs: each(cpu.redisMs) },
    };
  });
  return { readings, idle, costs, ratios: ratiosOf(costs) };
}

function ratiosOf(costs: readonly RungCost[]): RungRatios {
  const [few, many] = [costs[0], costs.at(-1)];
  if (few === undefined || many === undefined) throw new RangeError('no sizes');
  const ratio = (of: 'net' | 'gross') => ({
    scheduler: many[of].schedulerUs / few[of].schedulerUs,
    redis: many[of].redisUs / few[of].redisUs,
  });
  return { net: ratio('net'), gross: ratio('gross') };
}

export function takeOverSize(rooms: number, reports: readonly TakeOverReport[]): TakeOverSize {
  return {
    rooms,
    kills: reports.map(({ ownedMs, silentMs, lost }) => ({
      rooms: silentMs.length + lost,
      ownedMs: rounded(ownedMs),
      silent: figuresOf(silentMs),
      lost,
    })),
    owned: figuresOf(reports.map(({ ownedMs }) => ownedMs)),
    silent: figuresOf(reports.flatMap(({ silentMs }) => silentMs)),
  };
}

export function roomsResult(
  measured: {
    readonly memory: readonly RoomMemory[];
    readonly rounds: readonly (readonly RungReading[])[];
    readonly takeOvers: readonly TakeOverSize[];
    readonly isSmoke: boolean;
  },
  about: RunFacts & Pick<RoomsResult, 'seed' | 'seconds' | 'players' | 'tickMs'>,
): RoomsResult {
  const { memory, takeOvers } = measured;
  const rounds = measured.rounds.map(tickRound);
  const middle = (figure: (round: TickRound) => number) => median(rounds.map(figure));
  const costs = (rounds[0]?.costs ?? []).map(({ rooms }, i): RungCost => {
    const cost = (of: 'net' | 'gross', which: keyof TickCost) =>
      rounded(middle((round) => round.costs[i]?.[of][which] ?? Number.NaN));
    const both = (of: 'net' | 'gross') => ({
      schedulerUs: cost(of, 'schedulerUs'),
      redisUs: cost(of, 'redisUs'),
    });
    return { rooms, net: both('net'), gross: both('gross') };
  });
  const ratio = (of: keyof RungRatios) => ({
    scheduler: hundredths(middle(({ ratios }) => ratios[of].scheduler)),
    redis: hundredths(middle(({ ratios }) => ratios[of].redis)),
  });
  const ratios = { net: ratio('net'), gross: ratio('gross') };
  const hasGoal =
    !measured.isSmoke && costs[0]?.rooms === GOALS.fewRooms && costs.at(-1)?.rooms === GOALS.manyRooms;
  const readings = rounds.flatMap((round) => round.readings);
  return {
    bench: 'rooms',
    ...about,
    goals: GOALS,
    memory,
    ticks: {
      rounds,
      idle: {
        schedulerMs: hundredths(middle(({ idle }) => idle.schedulerMs)),
        redisMs: hundredths(middle(({ idle }) => idle.redisMs)),
      },
      costs,
      ratios,
      isGoalMet: hasGoal
        ? { scheduler: ratios.net.scheduler <= GOALS.ratio, redis: ratios.net.redis <= GOALS.ratio }
        : null,
    },
    takeOvers,
    isKept:
      readings.every(
        ({ rooms, ticks, doubled, wrong }) => (rooms === 0 || ticks > 0) && doubled + wrong === 0,
      ) && takeOvers.every(({ kills }) => kills.every(({ rooms, lost }) => rooms > 0 && lost === 0)),
  };
}

const NAME_WIDTH = 16;
const CELL_WIDTH = 16;
const row = (name: string, cells: readonly string[]): string =>
  `  ${name.padEnd(NAME_WIDTH)}${cells.map((cell) => cell.padStart(CELL_WIDTH)).join('')}`;
const count = (value: number): string => value.toLocaleString('en-US');

/** One line for the progress. */
export function rungLine({ rooms, seconds, ticks, skipped, cpu }: RungReading): string {
  const perSecond = (ms: number) => `${(ms / seconds).toFixed(1)} ms/s`;
  return `  ${count(rooms)} rooms: ${ticks} ticks, skipped ${skipped}, scheduler ${perSecond(cpu.workerMs)}, Redis ${perSecond(cpu.redisMs)}`;
}

/** One line for the progress. */
export function takeOverLine({ ownedMs, silentMs, lost }: TakeOverReport): string {
  const { p50, max } = figuresOf(silentMs);
  return `  ${silentMs.length} rooms of a killed scheduler: owned after ${Math.round(ownedMs)} ms, ticking after p50 ${p50} ms, all after ${max} ms${lost > 0 ? `, ${lost} LOST` : ''}`;
}

const verdict = (isMet: boolean): string => (isMet ? 'met' : 'missed');
const cost = ({ schedulerUs, redisUs }: TickCost): string =>
  `${schedulerUs.toFixed(1)} / ${redisUs.toFixed(1)}`;
const figures = ({ p50, p99, max }: Figures): string =>
  [p50, p99, max].map((ms) => String(Math.round(ms))).join(' / ');

export function roomsTables(result: RoomsResult): string {
  const { memory, ticks, takeOvers, players, goals, isKept } = result;
  const bytes = ({ used, keys }: { readonly used: number; readonly keys: number }) =>
    `${count(used)} / ${count(keys)}`;
  return [
    'Bytes of Redis for one room: what it uses more / MEMORY USAGE of the room’s keys',
    row('', ['idle', 'open', `${players} answered`]),
    ...memory.map(({ rooms, idle, open, answered }) =>
      row(`${count(rooms)} rooms`, [bytes(idle), bytes(open), answered === null ? '' : bytes(answered)]),
    ),
    '',
    'Microseconds of CPU time for one tick, scheduler / Redis',
    row('', ['of the tick', 'with the rest']),
    ...ticks.costs.map(({ rooms, net, gross }) => row(`${count(rooms)} rooms`, [cost(net), cost(gross)])),
    `  With no room: ${ticks.idle.schedulerMs} ms/s of the scheduler, ${ticks.idle.redisMs} ms/s of Redis.`,
    `  Most rooms as a part of fewest: scheduler ${ticks.ratios.net.scheduler}, Redis ${ticks.ratios.net.redis}; with the rest ${ticks.ratios.gross.scheduler}, ${ticks.ratios.gross.redis}.`,
    ...(ticks.isGoalMet === null
      ? []
      : [
          `  Goal, at most ${goals.ratio}: scheduler ${verdict(ticks.isGoalMet.scheduler)}, Redis ${verdict(ticks.isGoalMet.redis)}.`,
        ]),
    '',
    'Milliseconds from the kill of a scheduler, p50 / p99 / max',
    row('', ['shards owned', 'room ticks', 'kills']),
    ...takeOvers.map(({ rooms, owned, silent, kills }) =>
      row(`${count(rooms)} rooms`, [figures(owned), figures(silent), `${kills.length}`]),
    ),
    '',
    isKept
      ? 'No tick was sent twice, and every room ticked again.'
      : 'BROKEN: there were no ticks, one was sent twice or of another deadline, or a room never ticked again.',
    machineLine(result),
  ].join('\n');
}

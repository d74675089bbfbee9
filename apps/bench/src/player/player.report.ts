import { median, rounded, thousandths } from '../percentiles.js';
import { machineLine, type RunFacts } from '../suite.output.js';
import type { CpuTime } from './gateway.cost.js';
import type { Heard } from './steady.orders.js';

/** Players with a tick a second, and without. */
export const KINDS = ['tickless', 'ticking'] as const;
export type Kind = (typeof KINDS)[number];

/** What a gateway has in a round: no question, or one for its players of a kind. */
export const PARTS = ['idle', ...KINDS] as const;
export type Part = (typeof PARTS)[number];

/** What a gateway spent during a round, and what its players heard. */
export interface PartWork extends CpuTime {
  readonly heard: Readonly<Record<Kind, Heard>>;
}

/** Four gateways at the same time: one for each part, with as many players of both kinds, and one with nobody. */
export interface PlayerRound extends Readonly<Record<Part, PartWork>> {
  /** As long as the question, and a little more. */
  readonly windowMs: number;
  /** The gateway that has nobody. */
  readonly empty: CpuTime;
  /** How many of the tickless players compared their clocks. */
  readonly synced: number;
}

/** Of one player and one question. Microseconds of CPU time. */
export interface PlayerCost {
  /** Of an open connection for as long: Engine.IO's pings. */
  readonly connectionUs: number;
  /** What the question adds to that. */
  readonly ticklessUs: number;
  readonly tickingUs: number;
  /** Without ticks, as a part of what it costs with them: of what the question adds. */
  readonly ratio: number;
  /** The same of the question and the connection together. */
  readonly ratioWithConnection: number;
}

/** By the CPU time of the gateway's process, and of its main thread alone. */
export interface Costs {
  readonly process: PlayerCost;
  readonly main: PlayerCost;
}

export interface PlayerResult extends RunFacts {
  readonly bench: 'player';
  /** Of each kind at each of three gateways. */
  readonly players: number;
  readonly rooms: number;
  readonly questionMs: number;
  readonly tickMs: number;
  readonly syncEveryMs: number;
  readonly seed: number;
  readonly goalRatio: number;
  readonly rounds: readonly (PlayerRound & Costs)[];
  readonly median: Costs;
  /** Everybody heard what they had to hear, and nobody more. */
  readonly isKept: boolean;
  readonly broken: readonly string[];
}

export const GOAL_RATIO = 0.15;
/** Ticks are volatile: one that is late by half an interval is left out. So many of them come all the same. */
const FEWEST_TICKS = 0.9;
/** A short question has few ticks: a machine that stands still for a second takes one of each room, whatever part that is. */
const LEFT_OUT_TICKS = 1;

interface Sizes {
  readonly players: number;
  readonly questionMs: number;
}

/** What one player costs, by one round. */
export function costsOf(round: PlayerRound, sizes: Sizes): Costs {
  return { process: costOf(round, sizes, 'processMs'), main: costOf(round, sizes, 'mainMs') };
}

function costOf(round: PlayerRound, { players, questionMs }: Sizes, of: keyof CpuTime): PlayerCost {
  const perPlayer = (part: Part, base: CpuTime) => ((round[part][of] - base[of]) * 1_000) / players;
  const connectionUs = (perPlayer('idle', round.empty) / KINDS.length) * (questionMs / round.windowMs);
  const ticklessUs = perPlayer('tickless', round.idle);
  const tickingUs = perPlayer('ticking', round.idle);
  return {
    connectionUs: rounded(connectionUs),
    ticklessUs: rounded(ticklessUs),
    tickingUs: rounded(tickingUs),
    ratio: thousandths(ticklessUs / tickingUs),
    ratioWithConnection: thousandths((ticklessUs + connectionUs) / (tickingUs + connectionUs)),
  };
}

/** What somebody should have heard and did not, or the other way round. */
export function brokenOf(
  round: PlayerRound,
  { players, questionMs, tickMs }: Sizes & { readonly tickMs: number },
): string[] {
  const allTicks = players * (Math.ceil(questionMs / tickMs) - 1);
  const fewestTicks = Math.min(Math.floor(allTicks * FEWEST_TICKS), allTicks - players * LEFT_OUT_TICKS);
  return PARTS.flatMap((part) =>
    KINDS.flatMap((kind) => {
      const { connected, started, closed, ticks } = round[part].heard[kind];
      const questions = part === kind ? players : 0;
      const hasTicks = part === kind && kind === 'ticking';
      const counts: [what: string, value: number, least: number, most: number][] = [
        ['connected', connected, players, players],
        ['question:started', started, questions, questions],
        ['question:closed', closed, questions, questions],
        ['question:tick', ticks, hasTicks ? fewestTicks : 0, hasTicks ? allTicks : 0],
      ];
      return counts.flatMap(([what, value, least, most]) =>
        value < least || value > most
          ? [`${kind} players of the ${part} gateway, ${what}: ${value}, not ${least} to ${most}`]
          : [],
      );
    }),
  );
}

export function playerResult(
  rounds: readonly PlayerRound[],
  about: Omit<PlayerResult, 'bench' | 'goalRatio' | 'rounds' | 'median' | 'isKept' | 'broken'>,
): PlayerResult {
  const priced = rounds.map((round) => ({ ...round, ...costsOf(round, about) }));
  const broken = rounds.flatMap((round) => brokenOf(round, about));
  return {
    bench: 'player',
    ...about,
    goalRatio: GOAL_RATIO,
    rounds: priced,
    median: {
      process: medianOf(priced.map((round) => round.process)),
      main: medianOf(priced.map(({ main }) => main)),
    },
    isKept: broken.length === 0,
    broken,
  };
}

/** Of each figure by itself. */
function medianOf(costs: readonly PlayerCost[]): PlayerCost {
  const middle = (field: keyof PlayerCost) => median(costs.map((cost) => cost[field]));
  return {
    connectionUs: rounded(middle('connectionUs')),
    ticklessUs: rounded(middle('ticklessUs')),
    tickingUs: rounded(middle('tickingUs')),
    ratio: thousandths(middle('ratio')),
    ratioWithConnection: thousandths(middle('ratioWithConnection')),
  };
}

const CELL_WIDTH = 12;
const row = (name: string, values: readonly string[]): string =>
  `  ${name.padEnd(10)}${values.map((value) => value.padStart(CELL_WIDTH)).join('')}`;
const cells = ({ connectionUs, ticklessUs, tickingUs, ratio, ratioWithConnection }: PlayerCost) => [
  ...[connectionUs, ticklessUs, tickingUs].map((us) => us.toFixed(1)),
  ...[ratio, ratioWithConnection].map((part) => part.toFixed(3)),
];
const block = (of: keyof Costs, { rounds, median: middle }: PlayerResult): string[] => [
  row(of, ['connection', 'tickless', '1 Hz', 'ratio', 'with conn.']),
  ...rounds.map((round, i) => row(`Round ${i + 1}`, cells(round[of]))),
  row('Median', cells(middle[of])),
];

export function playerTable(result: PlayerResult): string {
  const { players, rooms, questionMs, tickMs, syncEveryMs, broken, median: middle } = result;
  const seconds = (ms: number) => `${ms / 1_000} s`;
  return [
    ...block('main', result),
    ...block('process', result),
    result.isKept
      ? `  Goal, a ratio of at most ${GOAL_RATIO}: ${middle.process.ratio <= GOAL_RATIO ? 'met' : 'missed'}.`
      : ['BROKEN:', ...broken.map((text) => `  ${text}`)].join('\n'),
    `Microseconds of a gateway's CPU for one player and one question of ${seconds(questionMs)}; ${players} players of each kind in ${rooms} rooms each, at each of three gateways.`,
    'connection: what an open connection costs in that time, with a question or without (pings). tickless, 1 Hz: what the',
    `question adds, with a clock:sync each ${seconds(syncEveryMs)} and no ticks, or with a tick each ${seconds(tickMs)}. with conn.: the ratio of the sums.`,
    'main: its main thread; process: with the threads that compile and collect garbage.',
    machineLine(result),
  ].join('\n');
}

import { type Figures, hundredths, median, rounded } from '../percentiles.js';
import { type CurvePoint, TimeHistogram } from '../stats/time.histogram.js';
import { machineLine, type RunFacts } from '../suite.output.js';
import type { ServerName } from './answer.servers.js';
import type { LoadReport } from './answers.contest.js';
import { isSaturated, type LoadStep } from './saturation.search.js';

export const GOALS = { cpuRatio: 2.5, p99Ms: 20 } as const;

/** Microseconds of CPU time for one verdict, beyond what the connections cost anyway. */
export interface VerdictCost {
  readonly serverUs: number;
  /** Null for what has none. */
  readonly schedulerUs: number | null;
  readonly redisUs: number;
  /** How often Redis reads for it: less than one where several come together. */
  readonly redisReads: number;
}

/** What one server did at the moderate rate. Times in ms. */
export interface PartResult {
  readonly offered: number;
  readonly achieved: number;
  readonly verdicts: number;
  readonly latency: Figures;
  readonly sentLateP99: number;
  readonly cost: VerdictCost;
  /** Of the server's process, per second, without any answer, ms. */
  readonly idleMsPerSecond: number;
}

export type AnswersRound = Readonly<Record<ServerName, PartResult>> & {
  /** The gateway's CPU time for one verdict, in times of the echo's. */
  readonly cpuRatio: number;
};

export interface Ramp {
  readonly steps: readonly LoadStep[];
  /** Answers a second; null when even the highest rate was served. */
  readonly saturatedAt: number | null;
}

export interface AnswersResult extends RunFacts {
  readonly bench: 'answers';
  readonly seed: number;
  /** At each server. */
  readonly players: number;
  readonly rooms: number;
  readonly ramps: Readonly<Record<ServerName, readonly Ramp[]>>;
  /** Medians of the ramps: the least rate that was too much, and the greatest that was not. Null where it was not looked for. */
  readonly saturation: Readonly<Record<ServerName, Saturation | null>>;
  /** Answers a second of the rounds. */
  readonly rate: number;
  readonly rounds: readonly AnswersRound[];
  readonly median: AnswersRound;
  /** All rounds together. */
  readonly curves: Readonly<Record<ServerName, readonly CurvePoint[]>>;
  readonly goals: typeof GOALS;
  /** Null in a smoke run. */
  readonly isGoalMet: { readonly cpu: boolean; readonly p99: boolean } | null;
  /** Everybody who answered was told that it counts. */
  readonly isKept: boolean;
  readonly broken: readonly string[];
}

export interface Saturation {
  readonly tooMuch: number;
  readonly served: number;
}

export interface MeasuredPart {
  readonly result: PartResult;
  readonly report: LoadReport;
}

/** As many examples as help to see what is wrong. */
const EXAMPLES = 5;
const MS_PER_SECOND = 1_000;

const figures = (histogram: TimeHistogram): Figures => ({
  p50: hundredths(histogram.percentile(50)),
  p99: hundredths(histogram.percentile(99)),
  max: hundredths(histogram.percentile(100)),
});

const achievedBy = ({ verdicts, tookMs }: LoadReport): number =>
  Math.round((verdicts * MS_PER_SECOND) / tookMs);

export function loadStep(offered: number, report: LoadReport): LoadStep {
  const { p50, p99, max } = figures(report.latency);
  const sentLateP99 = hundredths(report.sentLate.percentile(99));
  return { offered, achieved: achievedBy(report), p50, p99, max, sentLateP99 };
}

/** @param idle the same server, with as many connections and no answers */
export function partResult(offered: number, report: LoadReport, idle: LoadReport): PartResult {
  const { work } = report;
  const perVerdict = (of: number, whenIdle: number) =>
    (of - (whenIdle * report.wallMs) / idle.wallMs) / report.verdicts;
  const us = (ms: number, idleMs: number) => rounded(perVerdict(ms, idleMs) * 1_000);
  return {
    offered,
    achieved: achievedBy(report),
    verdicts: report.verdicts,
    latency: figures(report.latency),
    sentLateP99: hundredths(report.sentLate.percentile(99)),
    cost: {
      serverUs: us(work.serverMs, idle.work.serverMs),
      schedulerUs:
        work.schedulerMs === null ? null : us(work.schedulerMs, idle.work.schedulerMs ?? Number.NaN),
      redisUs: us(work.redisMs, idle.work.redisMs),
      redisReads: hundredths(perVerdict(work.redisReads, idle.work.redisReads)),
    },
    idleMsPerSecond: rounded((idle.work.serverMs * MS_PER_SECOND) / idle.wallMs),
  };
}

export function answersRound(quizbell: PartResult, echo: PartResult): AnswersRound {
  return { quizbell, echo, cpuRatio: hundredths(quizbell.cost.serverUs / echo.cost.serverUs) };
}

/** Null when it was not looked for, or one of the ramps did not find it. */
export function saturationOf(ramps: readonly Ramp[]): Saturation | null {
  const found = ramps.map(({ saturatedAt }) => saturatedAt);
  if (found.length === 0 || found.includes(null)) return null;
  const served = ramps.map(({ steps }) =>
    Math.max(0, ...steps.filter((step) => !isSaturated(step)).map(({ offered }) => offered)),
  );
  return { tooMuch: Math.round(median(found as number[])), served: Math.round(median(served)) };
}

function medianPart(parts: readonly PartResult[]): PartResult {
  const middle = (figure: (part: PartResult) => number) => hundredths(median(parts.map(figure)));
  const hasScheduler = parts.every(({ cost }) => cost.schedulerUs !== null);
  return {
    offered: middle(({ offered }) => offered),
    achieved: middle(({ achieved }) => achieved),
    verdicts: middle(({ verdicts }) => verdicts),
    latency: {
      p50: middle(({ latency }) => latency.p50),
      p99: middle(({ latency }) => latency.p99),
      max: middle(({ latency }) => latency.max),
    },
    sentLateP99: middle(({ sentLateP99 }) => sentLateP99),
    cost: {
      serverUs: middle(({ cost }) => cost.serverUs),
      schedulerUs: hasScheduler ? middle(({ cost }) => cost.schedulerUs ?? Number.NaN) : null,
      redisUs: middle(({ cost }) => cost.redisUs),
      redisReads: middle(({ cost }) => cost.redisReads),
    },
    idleMsPerSecond: middle(({ idleMsPerSecond }) => idleMsPerSecond),
  };
}

export interface MeasuredAnswers {
  readonly ramps: AnswersResult['ramps'];
  readonly rate: number;
  readonly rounds: readonly Readonly<Record<ServerName, MeasuredPart>>[];
  /** Of the ramps too. */
  readonly others: readonly string[];
}

export function answersResult(
  { ramps, rate, rounds: measured, others }: MeasuredAnswers,
  isSmoke: boolean,
  about: RunFacts & Pick<AnswersResult, 'seed' | 'players' | 'rooms'>,
): AnswersResult {
  const rounds = measured.map(({ quizbell, echo }) => answersRound(quizbell.result, echo.result));
  const middle: AnswersRound = {
    quizbell: medianPart(rounds.map(({ quizbell }) => quizbell)),
    echo: medianPart(rounds.map(({ echo }) => echo)),
    cpuRatio: hundredths(median(rounds.map(({ cpuRatio }) => cpuRatio))),
  };
  const curve = (name: ServerName) =>
    TimeHistogram.merged(measured.map((round) => round[name].report.latency)).curve();
  return {
    bench: 'answers',
    ...about,
    ramps,
    saturation: { quizbell: saturationOf(ramps.quizbell), echo: saturationOf(ramps.echo) },
    rate,
    rounds,
    median: middle,
    curves: { quizbell: curve('quizbell'), echo: curve('echo') },
    goals: GOALS,
    isGoalMet: isSmoke
      ? null
      : { cpu: middle.cpuRatio <= GOALS.cpuRatio, p99: middle.quizbell.latency.p99 <= GOALS.p99Ms },
    isKept: others.length === 0,
    broken: others.slice(0, EXAMPLES),
  };
}

const line = (name: string, values: readonly (number | string)[]): string =>
  `  ${name.padEnd(12)}${values.map((value) => `${value}`.padStart(10)).join('')}`;

export const stepLine = ({ offered, achieved, p50, p99, sentLateP99 }: LoadStep): string =>
  `${offered} offered, ${achieved} achieved, p50 ${p50} ms, p99 ${p99} ms, sent late p99 ${sentLateP99} ms`;

const partLine = (name: string, { achieved, latency, sentLateP99, cost, idleMsPerSecond }: PartResult) =>
  line(name, [
    achieved,
    latency.p50,
    latency.p99,
    latency.max,
    sentLateP99,
    cost.serverUs,
    cost.schedulerUs ?? '',
    cost.redisUs,
    cost.redisReads,
    idleMsPerSecond,
  ]);

const saturationText = (name: string, found: Saturation | null): string =>
  found === null
    ? `  ${name}: saturation not found.`
    : `  ${name}: ${found.served} a second are served, ${found.tooMuch} are too much (medians of the ramps).`;

export function answersTable(result: AnswersResult): string {
  const { median: middle, isGoalMet, goals, ramps, rounds, saturation } = result;
  const verdict = (isMet: boolean | undefined) =>
    isMet === undefined ? 'not judged' : isMet ? 'met' : 'missed';
  return [
    ...(ramps.quizbell.length === 0
      ? []
      : [saturationText('Quizbell', saturation.quizbell), saturationText('Echo', saturation.echo)]),
    `${result.rate} answers a second, median of ${rounds.length} round${rounds.length === 1 ? '' : 's'}`,
    line('', ['per s', 'p50', 'p99', 'max', 'sent late', 'CPU', 'scheduler', 'Redis', 'reads', 'idle']),
    partLine('quizbell', middle.quizbell),
    partLine('echo', middle.echo),
    `  CPU is ${middle.cpuRatio} times the echo's, goal ${goals.cpuRatio}: ${verdict(isGoalMet?.cpu)} (rounds: ${rounds.map(({ cpuRatio }) => cpuRatio).join(', ')})`,
    `  p99 is ${middle.quizbell.latency.p99} ms, goal ${goals.p99Ms}: ${verdict(isGoalMet?.p99)}`,
    ...(result.isKept
      ? []
      : ['BROKEN: answers that were not accepted:', ...result.broken.map((text) => `  ${text}`)]),
    `Latency in ms from the instant at which an answer was due to its verdict. CPU, scheduler, Redis: microseconds of CPU time for`,
    `each verdict, less what ${result.players} players in ${result.rooms} rooms cost anyway; idle: that, of the server, in ms a second.
Reads: how often Redis reads for one verdict.`,
    machineLine(result),
  ].join('\n');
}

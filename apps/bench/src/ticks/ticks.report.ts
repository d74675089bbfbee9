import { type Figures, figuresOf, hundredths, median, rounded } from '../percentiles.js';
import { type CurvePoint, TimeHistogram } from '../stats/time.histogram.js';
import { machineLine, type RunFacts } from '../suite.output.js';
import type { TickContestReport, Ticker } from './tick.contest.js';

/** With so many rooms. */
export const GOALS = { rooms: 10_000, jitterP99Ms: 20, skipped: 0, cpuRatio: 0.5 } as const;

/** What one contestant did with one size in one round. */
export interface TickContestResult {
  readonly name: Ticker['name'];
  /** That were heard. */
  readonly ticks: number;
  /** Lateness until a subscriber had the tick (ms); one that was skipped counts as half an interval late. */
  readonly jitter: Figures;
  readonly skipped: number;
  readonly doubled: number;
  readonly early: number;
  readonly wrong: number;
  /** Microseconds of CPU time for one tick, of the process that sends it and of Redis. */
  readonly cpu: { readonly workerUs: number; readonly redisUs: number };
}

/** The same, and all that was measured. */
export interface MeasuredTicks extends TickContestResult {
  readonly times: TimeHistogram;
}

export interface TickSummary extends Pick<TickContestResult, 'name' | 'jitter' | 'cpu'> {
  /** In all rounds together. */
  readonly skipped: number;
  readonly curve: readonly CurvePoint[];
}

export interface TickSizeResult {
  readonly rooms: number;
  readonly rounds: readonly (readonly TickContestResult[])[];
  /** Medians of the rounds. */
  readonly summaries: readonly TickSummary[];
  /** Ours divided by those of one emit a room: the median of the rounds. */
  readonly ratios: { readonly workerCpu: number; readonly redisCpu: number };
  /** Null for a size that has no goal, and in a smoke run. */
  readonly isGoalMet: {
    readonly jitter: boolean;
    readonly skipped: boolean;
    readonly cpu: boolean;
  } | null;
}

export interface TicksResult extends RunFacts {
  readonly bench: 'ticks';
  readonly seed: number;
  readonly seconds: number;
  readonly tickMs: number;
  readonly goals: typeof GOALS;
  readonly sizes: readonly TickSizeResult[];
  /** There were ticks, none twice, none of another deadline. */
  readonly isKept: boolean;
}

export function measuredTicks(
  name: Ticker['name'],
  { ticks: { jitterMs, ...counts }, cpu }: TickContestReport,
  tickMs: number,
): MeasuredTicks {
  // Whoever leaves ticks out must not look better for it.
  const times = [...jitterMs, ...Array.from({ length: counts.skipped }, () => tickMs / 2)];
  const each = (ms: number) => rounded((ms * 1_000) / jitterMs.length);
  return {
    name,
    ticks: jitterMs.length,
    jitter: figuresOf(times),
    ...counts,
    cpu: { workerUs: each(cpu.workerMs), redisUs: each(cpu.redisMs) },
    times: TimeHistogram.of(times),
  };
}

function summaryOf(name: Ticker['name'], contests: readonly MeasuredTicks[]): TickSummary {
  const middle = (figure: (contest: MeasuredTicks) => number) => rounded(median(contests.map(figure)));
  return {
    name,
    jitter: {
      p50: middle(({ jitter }) => jitter.p50),
      p99: middle(({ jitter }) => jitter.p99),
      max: middle(({ jitter }) => jitter.max),
    },
    cpu: { workerUs: middle(({ cpu }) => cpu.workerUs), redisUs: middle(({ cpu }) => cpu.redisUs) },
    skipped: contests.reduce((sum, { skipped }) => sum + skipped, 0),
    curve: TimeHistogram.merged(contests.map(({ times }) => times)).curve(),
  };
}

function told({ times: _, ...result }: MeasuredTicks): TickContestResult {
  return result;
}

/** @param rounds ours and theirs of each */
export function tickSizeResult(
  rooms: number,
  rounds: readonly (readonly [ours: MeasuredTicks, theirs: MeasuredTicks])[],
  isSmoke: boolean,
): TickSizeResult {
  const ours = summaryOf(
    'quizbell',
    rounds.map(([one]) => one),
  );
  const theirs = summaryOf(
    'socket.io',
    rounds.map(([, one]) => one),
  );
  const ratio = (key: 'workerUs' | 'redisUs') =>
    hundredths(median(rounds.map(([mine, other]) => mine.cpu[key] / other.cpu[key])));
  const ratios = { workerCpu: ratio('workerUs'), redisCpu: ratio('redisUs') };
  return {
    rooms,
    rounds: rounds.map((round) => round.map(told)),
    summaries: [ours, theirs],
    ratios,
    isGoalMet:
      isSmoke || rooms !== GOALS.rooms
        ? null
        : {
            jitter: ours.jitter.p99 <= GOALS.jitterP99Ms,
            skipped: ours.skipped <= GOALS.skipped,
            cpu: ratios.workerCpu <= GOALS.cpuRatio,
          },
  };
}

export function ticksResult(
  sizes: readonly TickSizeResult[],
  about: RunFacts & Pick<TicksResult, 'seed' | 'seconds' | 'tickMs'>,
): TicksResult {
  const contests = sizes.flatMap(({ rounds }) => rounds.flat());
  return {
    bench: 'ticks',
    ...about,
    goals: GOALS,
    sizes,
    isKept: contests.every(({ ticks, doubled, wrong }) => ticks > 0 && doubled + wrong === 0),
  };
}

const NAME_WIDTH = 14;
const CELL_WIDTH = 10;

const line = (name: string, values: readonly (number | string)[]): string => {
  const text = (value: number | string) => (typeof value === 'number' ? value.toFixed(1) : value);
  return `  ${name.padEnd(NAME_WIDTH)}${values.map((value) => text(value).padStart(CELL_WIDTH)).join('')}`;
};

/** One line for the progress. */
export function tickLine(result: TickContestResult): string {
  const { name, ticks, jitter, cpu, skipped, doubled, early, wrong } = result;
  const odd = Object.entries({ skipped, doubled, early, wrong }).filter(([, count]) => count > 0);
  const counts = odd.map(([what, count]) => `, ${what} ${count}`).join('');
  return `  ${name}: ${ticks} ticks, p99 ${jitter.p99} ms, ${cpu.workerUs} us each${counts}`;
}

const verdict = (isMet: boolean): string => (isMet ? 'met' : 'missed');

function sizeTable({ rooms, rounds, summaries, ratios, isGoalMet }: TickSizeResult): string {
  return [
    `${rooms.toLocaleString('en-US')} rooms, median of ${rounds.length} round${rounds.length === 1 ? '' : 's'}`,
    line('', ['p50', 'p99', 'max', 'skipped', 'CPU', 'Redis']),
    ...summaries.map(({ name, jitter, skipped, cpu }) =>
      line(name, [jitter.p50, jitter.p99, jitter.max, `${skipped}`, cpu.workerUs, cpu.redisUs]),
    ),
    `  Our CPU is ${ratios.workerCpu} of one emit a room, Redis' ${ratios.redisCpu}.`,
    ...(isGoalMet === null
      ? []
      : [
          `  Goals: p99 at most ${GOALS.jitterP99Ms} ms ${verdict(isGoalMet.jitter)}, none skipped ${verdict(isGoalMet.skipped)}, CPU at most ${GOALS.cpuRatio} ${verdict(isGoalMet.cpu)}.`,
        ]),
  ].join('\n');
}

export function ticksTables(result: TicksResult): string {
  return [
    ...result.sizes.map((size) => `${sizeTable(size)}\n`),
    result.isKept
      ? 'No tick was sent twice.'
      : 'BROKEN: there were no ticks, or one was sent twice or of another deadline.',
    `Lateness in ms of ticks each ${result.tickMs / 1_000} s until a subscriber of Redis had them, for ${result.seconds} s; a skipped one counts as half an`,
    'interval late. CPU, Redis: microseconds of CPU time for each tick, of the process that sends it, with all else that it',
    'does meanwhile, and of Redis.',
    machineLine(result),
  ].join('\n');
}

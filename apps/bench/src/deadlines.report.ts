import type { ClosingReport } from './closing.observer.js';
import type { MachineFacts } from './machine.facts.js';
import { type Figures, figuresOf, median, rounded } from './percentiles.js';

/** Our p99 is to be at most one part in so many of BullMQ's. */
export const GOAL_RATIO = 6;

/** What one contestant did in one run. Times in ms. */
export interface ContestResult {
  readonly name: string;
  readonly rooms: number;
  /** Lateness until a subscriber had the closing. This one is judged. */
  readonly received: Figures;
  /** Lateness of the instant that the publishing script read from Redis when it began, in whole ms. */
  readonly published: Figures;
  readonly lost: number;
  readonly doubled: number;
  readonly early: number;
  readonly wrong: number;
}

export interface RunResult {
  readonly quizbell: ContestResult;
  /** One for each concurrency. */
  readonly bullmq: readonly ContestResult[];
  /** The one with the lowest p99. */
  readonly best: ContestResult;
  /** BullMQ's best p99 divided by ours. */
  readonly ratio: number;
}

export interface DeadlinesResult {
  readonly bench: 'deadlines';
  readonly measuredAt: string;
  readonly commit: string;
  readonly command: string;
  readonly machine: MachineFacts;
  readonly rooms: number;
  readonly runs: readonly RunResult[];
  readonly median: {
    readonly quizbell: Figures;
    readonly bullmq: Figures;
    /** BullMQ's median p99 divided by ours. */
    readonly ratio: number;
    readonly ratioOfRuns: number;
  };
  /** Times are not judged in a smoke run: `isMet` is null. */
  readonly goal: { readonly ratio: number; readonly isMet: boolean | null };
  /** Every room closed once and not early, with every contestant. */
  readonly isKept: boolean;
}

export function contestResult(name: string, report: ClosingReport): ContestResult {
  return {
    name,
    rooms: report.receivedMs.length,
    received: figuresOf(report.receivedMs),
    published: figuresOf(report.publishedMs),
    lost: report.lost.length,
    doubled: report.doubled.length,
    early: report.early.length,
    wrong: report.wrong.length,
  };
}

export function runResult(quizbell: ContestResult, bullmq: readonly ContestResult[]): RunResult {
  const best = bullmq.reduce((a, b) => (b.received.p99 < a.received.p99 ? b : a));
  return { quizbell, bullmq, best, ratio: rounded(best.received.p99 / quizbell.received.p99) };
}

const medianFigures = (figures: readonly Figures[]): Figures => ({
  p50: median(figures.map(({ p50 }) => p50)),
  p99: median(figures.map(({ p99 }) => p99)),
  max: median(figures.map(({ max }) => max)),
});

const isClean = ({ lost, doubled, early, wrong }: ContestResult): boolean =>
  lost + doubled + early + wrong === 0;

export function deadlinesResult(
  runs: readonly RunResult[],
  context: Pick<DeadlinesResult, 'measuredAt' | 'commit' | 'command' | 'machine' | 'rooms'> & {
    isSmoke: boolean;
  },
): DeadlinesResult {
  const { isSmoke, ...about } = context;
  const quizbell = medianFigures(runs.map((run) => run.quizbell.received));
  const bullmq = medianFigures(runs.map(({ best }) => best.received));
  const ratio = rounded(bullmq.p99 / quizbell.p99);
  return {
    bench: 'deadlines',
    ...about,
    runs,
    median: { quizbell, bullmq, ratio, ratioOfRuns: rounded(median(runs.map((run) => run.ratio))) },
    goal: { ratio: GOAL_RATIO, isMet: isSmoke ? null : ratio >= GOAL_RATIO },
    isKept: runs.every((run) => [run.quizbell, ...run.bullmq].every(isClean)),
  };
}

const NAME_WIDTH = 26;
const FIGURE_WIDTH = 9;

const cells = (values: readonly (number | string)[]): string =>
  values
    .map((value) => (typeof value === 'number' ? value.toFixed(1) : value).padStart(FIGURE_WIDTH))
    .join('');

const row = (name: string, { p50, p99, max }: Figures, more: readonly (number | string)[] = []): string =>
  `  ${name.padEnd(NAME_WIDTH)}${cells([p50, p99, max, ...more])}`;

function contestRow(result: ContestResult): string {
  const { lost, doubled, early, wrong } = result;
  const broken = isClean(result) ? '' : `   lost ${lost}, doubled ${doubled}, early ${early}, wrong ${wrong}`;
  return row(result.name, result.received, [result.published.p99]) + broken;
}

const heading = (title: string, columns: readonly string[]): string =>
  `${title.padEnd(NAME_WIDTH + 2)}${cells(columns)}`;

/** One run as a table: lateness of the closings in ms. */
export function runTable(run: RunResult, title: string): string {
  return [
    heading(title, ['p50', 'p99', 'max', 'pub. p99']),
    ...[run.quizbell, ...run.bullmq].map(contestRow),
    `  p99 of BullMQ's best (${run.best.name.replace('bullmq, ', '')}) is ${run.ratio} times ours`,
  ].join('\n');
}

/** The medians over all runs, the goal, and whether the promises were kept. */
export function summary(result: DeadlinesResult): string {
  const { median, goal, runs, rooms, machine } = result;
  const verdict = goal.isMet === null ? 'not judged in a smoke run' : goal.isMet ? 'met' : 'missed';
  return [
    heading(`Median of ${runs.length} run${runs.length === 1 ? '' : 's'}`, ['p50', 'p99', 'max']),
    row('quizbell', median.quizbell),
    row('bullmq, best of each run', median.bullmq),
    `  p99: BullMQ's is ${median.ratio} times ours (median of the runs' ratios ${median.ratioOfRuns}); goal ${goal.ratio}: ${verdict}`,
    `  ${result.isKept ? 'Every room closed once, none early.' : 'BROKEN: a room was lost, closed twice, early or wrongly.'}`,
    `${rooms} rooms due at once; lateness in ms until a subscriber had the closing ("pub.": when its script began).`,
    `${machine.cpu}, ${machine.cores} cores, load ${machine.load} before; Node ${machine.node}, Redis ${machine.redis}; commit ${result.commit}`,
  ].join('\n');
}

import type { ContestantKind } from './contestants/contestant.types.js';
import type { ContestReport } from './deadline.contest.js';
import { type Load, loadText } from './deadlines.loads.js';
import { type Figures, figuresOf, hundredths, median, rounded } from './percentiles.js';
import { type CurvePoint, TimeHistogram } from './stats/time.histogram.js';
import { machineLine, type RunFacts } from './suite.output.js';

/** BullMQ's p99 is to be at least so many times ours. */
export interface Goals {
  readonly owner: number;
  /** Better still. */
  readonly aim?: number;
  readonly clients: number;
}

/** By the name of the load. */
export const GOALS: Readonly<Record<string, Goals>> = {
  '1000': { owner: 20, aim: 30, clients: 10 },
  '10000': { owner: 15, clients: 8 },
  '2000x5': { owner: 30, clients: 10 },
};

/** Microseconds of CPU time for one closing. */
export interface CpuCost {
  readonly workerUs: number;
  readonly redisUs: number;
}

/** What one contestant did with one load in one round. Times in ms. */
export interface ContestResult {
  readonly kind: ContestantKind;
  readonly name: string;
  readonly rooms: number;
  /** Lateness until a subscriber had the closing. This one is judged. */
  readonly owner: Figures;
  /** Lateness of the instant that the publishing script read from Redis when it began, in whole ms. */
  readonly published: Figures;
  /** Lateness until the room's client had it. */
  readonly clients: Figures;
  readonly cpu: CpuCost;
  readonly lost: number;
  readonly doubled: number;
  readonly early: number;
  readonly wrong: number;
  /** Rooms whose client heard nothing. */
  readonly unseen: number;
}

/** The same, and all that was measured. */
export interface MeasuredContest extends ContestResult {
  readonly ownerTimes: TimeHistogram;
  readonly clientTimes: TimeHistogram;
}

/** What a contestant did with a load in all rounds. */
export interface ContestSummary {
  readonly kind: ContestantKind;
  /** Medians of the rounds. */
  readonly owner: Figures;
  readonly published: Figures;
  readonly clients: Figures;
  readonly cpu: CpuCost;
  /** All rounds together. */
  readonly ownerCurve: readonly CurvePoint[];
  readonly clientCurve: readonly CurvePoint[];
}

/** A contestant's figure divided by ours: the median of the rounds. */
export interface Ratios {
  readonly kind: ContestantKind;
  readonly ownerP99: number;
  readonly clientsP99: number;
  readonly workerCpu: number;
  readonly redisCpu: number;
}

export interface LoadResult extends Load {
  /** All of each round; BullMQ once for each concurrency. */
  readonly rounds: readonly (readonly ContestResult[])[];
  readonly summaries: readonly ContestSummary[];
  readonly ratios: readonly Ratios[];
  readonly goals: Goals | null;
  /** Null when there is no goal, when BullMQ was not measured, and in a smoke run. */
  readonly isOwnerGoalMet: boolean | null;
  readonly isClientGoalMet: boolean | null;
}

export interface DeadlinesResult extends RunFacts {
  readonly bench: 'deadlines';
  /** 2: several loads; before, one load without clients. */
  readonly format: 2;
  readonly seed: number;
  readonly gateways: number;
  /** In so many rooms, one each. */
  readonly clients: number;
  readonly loads: readonly LoadResult[];
  /** Every room closed once and not early, with every contestant; but key-expiry events may get lost. */
  readonly isKept: boolean;
}

export function measuredContest(
  { kind, name }: { readonly kind: ContestantKind; readonly name: string },
  { closings, clients, cpu }: ContestReport,
): MeasuredContest {
  const rooms = closings.receivedMs.length;
  const each = (ms: number) => rounded((ms * 1_000) / rooms);
  return {
    kind,
    name,
    rooms,
    owner: figuresOf(closings.receivedMs),
    published: figuresOf(closings.publishedMs),
    clients: figuresOf(clients.seenMs),
    cpu: { workerUs: each(cpu.workerMs), redisUs: each(cpu.redisMs) },
    lost: closings.lost.length,
    doubled: closings.doubled.length,
    early: closings.early.length,
    wrong: closings.wrong.length,
    unseen: clients.lost.length,
    ownerTimes: TimeHistogram.of(closings.receivedMs),
    clientTimes: TimeHistogram.of(clients.seenMs),
  };
}

/** Of each kind the one with the lowest p99 at the owner: BullMQ at its best concurrency of the round. */
export function bestOfKinds(round: readonly MeasuredContest[]): MeasuredContest[] {
  const best = new Map<ContestantKind, MeasuredContest>();
  for (const contest of round) {
    const known = best.get(contest.kind);
    // What lost everything has no p99, and is not better than anybody.
    const isBetter =
      known === undefined || contest.owner.p99 < known.owner.p99 || Number.isNaN(known.owner.p99);
    if (isBetter) best.set(contest.kind, contest);
  }
  return [...best.values()];
}

const medianFigures = (figures: readonly Figures[]): Figures => ({
  p50: rounded(median(figures.map(({ p50 }) => p50))),
  p99: rounded(median(figures.map(({ p99 }) => p99))),
  max: rounded(median(figures.map(({ max }) => max))),
});

function summaryOf(kind: ContestantKind, contests: readonly MeasuredContest[]): ContestSummary {
  const cpu = (key: keyof CpuCost) => rounded(median(contests.map((contest) => contest.cpu[key])));
  return {
    kind,
    owner: medianFigures(contests.map(({ owner }) => owner)),
    published: medianFigures(contests.map(({ published }) => published)),
    clients: medianFigures(contests.map(({ clients }) => clients)),
    cpu: { workerUs: cpu('workerUs'), redisUs: cpu('redisUs') },
    ownerCurve: TimeHistogram.merged(contests.map(({ ownerTimes }) => ownerTimes)).curve(),
    clientCurve: TimeHistogram.merged(contests.map(({ clientTimes }) => clientTimes)).curve(),
  };
}

function ratiosOf(
  kind: ContestantKind,
  pairs: readonly (readonly [theirs: MeasuredContest, ours: MeasuredContest])[],
): Ratios {
  const middle = (figure: (contest: MeasuredContest) => number) =>
    hundredths(median(pairs.map(([theirs, ours]) => figure(theirs) / figure(ours))));
  return {
    kind,
    ownerP99: middle(({ owner }) => owner.p99),
    clientsP99: middle(({ clients }) => clients.p99),
    workerCpu: middle(({ cpu }) => cpu.workerUs),
    redisCpu: middle(({ cpu }) => cpu.redisUs),
  };
}

/** Without what is only kept to be merged. */
function told({ ownerTimes: _, clientTimes: __, ...result }: MeasuredContest): ContestResult {
  return result;
}

export function loadResult(
  load: Load,
  rounds: readonly (readonly MeasuredContest[])[],
  isSmoke: boolean,
): LoadResult {
  const best = rounds.map(bestOfKinds);
  const kinds = (best[0] ?? []).map(({ kind }) => kind);
  const of = (kind: ContestantKind) => best.flatMap((round) => round.filter((one) => one.kind === kind));
  const ours = of('quizbell');
  const ratios = kinds
    .filter((kind) => kind !== 'quizbell' && ours.length > 0)
    .map((kind) => {
      const pairs = of(kind).map((theirs, i) => [theirs, ours[i] ?? theirs] as const);
      return ratiosOf(kind, pairs);
    });
  const goals = GOALS[load.name] ?? null;
  const bullmq = ratios.find(({ kind }) => kind === 'bullmq');
  const isMet = (ratio: number | undefined, goal: number | undefined) =>
    isSmoke || ratio === undefined || goal === undefined ? null : ratio >= goal;
  return {
    ...load,
    rounds: rounds.map((round) => round.map(told)),
    summaries: kinds.map((kind) => summaryOf(kind, of(kind))),
    ratios,
    goals,
    isOwnerGoalMet: isMet(bullmq?.ownerP99, goals?.owner),
    isClientGoalMet: isMet(bullmq?.clientsP99, goals?.clients),
  };
}

function isKeptBy({ kind, lost, doubled, early, wrong, unseen }: ContestResult): boolean {
  const missing = kind === 'key-expiry' ? 0 : lost + unseen;
  return missing + doubled + early + wrong === 0;
}

export function deadlinesResult(
  loads: readonly LoadResult[],
  about: RunFacts & Pick<DeadlinesResult, 'seed' | 'gateways' | 'clients'>,
): DeadlinesResult {
  return {
    bench: 'deadlines',
    format: 2,
    ...about,
    loads,
    isKept: loads.every(({ rounds }) => rounds.flat().every(isKeptBy)),
  };
}

const NAME_WIDTH = 26;
const CELL_WIDTH = 10;

const line = (name: string, values: readonly (number | string)[]): string => {
  const text = (value: number | string) => (typeof value === 'number' ? value.toFixed(1) : value);
  return `  ${name.padEnd(NAME_WIDTH)}${values.map((value) => text(value).padStart(CELL_WIDTH)).join('')}`;
};

function problems({ lost, doubled, early, wrong, unseen }: ContestResult): string {
  const counts = Object.entries({ lost, doubled, early, wrong, unseen }).filter(([, count]) => count > 0);
  return counts.length === 0 ? '' : `   ${counts.map(([what, count]) => `${what} ${count}`).join(', ')}`;
}

/** One line for the progress. */
export const contestLine = (contest: ContestResult): string =>
  `  ${contest.name}: p99 ${contest.owner.p99} ms, at clients ${contest.clients.p99} ms${problems(contest)}`;

function goalText(met: boolean | null, ratio: number, goal: number): string {
  const verdict = met === null ? 'not judged' : met ? 'met' : 'missed';
  return `${ratio} times ours, goal ${goal}: ${verdict}`;
}

function loadTable(load: LoadResult): string {
  const { rounds, summaries, ratios, goals, isOwnerGoalMet, isClientGoalMet } = load;
  const bullmq = ratios.find(({ kind }) => kind === 'bullmq');
  const judged =
    goals === null || bullmq === undefined
      ? []
      : [
          `  BullMQ's p99 at the owner is ${goalText(isOwnerGoalMet, bullmq.ownerP99, goals.owner)}${goals.aim === undefined ? '' : ` (aim ${goals.aim})`}`,
          `  BullMQ's p99 at clients is ${goalText(isClientGoalMet, bullmq.clientsP99, goals.clients)}`,
        ];
  return [
    `${loadText(load)}, median of ${rounds.length} round${rounds.length === 1 ? '' : 's'}`,
    line('', ['owner p50', 'p99', 'max', 'client p50', 'p99', 'CPU', 'Redis']),
    ...summaries.map(({ kind, owner, clients, cpu }) =>
      line(kind, [owner.p50, owner.p99, owner.max, clients.p50, clients.p99, cpu.workerUs, cpu.redisUs]),
    ),
    ...ratios.map(({ kind, ownerP99, clientsP99, workerCpu, redisCpu }) =>
      line(
        `${kind}, times ours`,
        ['', ownerP99, '', '', clientsP99, workerCpu, redisCpu].map((v) => (v === '' ? v : Number(v))),
      ),
    ),
    ...judged,
    ...rounds.flat().flatMap((contest) => {
      const text = problems(contest);
      return text === '' ? [] : [`  ${contest.name}:${text}`];
    }),
  ].join('\n');
}

/** The medians over all rounds by load, the goals, and whether the promises were kept. */
export function deadlinesTables(result: DeadlinesResult): string {
  return [
    ...result.loads.map((load) => `${loadTable(load)}\n`),
    result.isKept
      ? 'Every room closed once, none early (key-expiry events may get lost).'
      : 'BROKEN: a room was lost, closed twice, early or wrongly.',
    `Lateness in ms against the deadline that was set: owner, until a subscriber of Redis had the closing; client, until the`,
    `room's client had it, in ${result.clients} of the rooms, through ${result.gateways} gateways. CPU, Redis: microseconds of CPU time for`,
    "each closing, of the contestant's process and of Redis. BullMQ at the best concurrency of each round.",
    machineLine(result),
  ].join('\n');
}

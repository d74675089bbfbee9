import { hundredths, median, rounded, thousandths } from '../percentiles.js';
import type { MemoryLeft } from '../player/gateway.cost.js';
import { type CurvePoint, TimeHistogram } from '../stats/time.histogram.js';
import { machineLine, type RunFacts } from '../suite.output.js';
import type { Slot } from './fanout.contest.js';
import { CONTESTANTS, type ContestantName } from './fanout.contestants.js';

/** Of CPU time for one delivery, ours by bare Socket.IO's. */
export const GOAL_RATIO = 1.05;
/** Ticks are volatile: one that is late by half an interval is left out by whoever sends it. */
const MOST_SKIPPED = 0.1;

/** What one server did in one round. */
export interface FanoutFigures {
  readonly name: ContestantName;
  readonly deliveries: number;
  /** CPU time for one delivery (us), without what the open connections cost anyway. */
  readonly deliveryUs: number;
  /** The same with it. */
  readonly wholeUs: number;
  /** CPU time of one open connection for one second, while no room of the server ticks (us). */
  readonly idleUs: number;
  /** From a tick's first receiver to its last, ms. */
  readonly spread: { readonly p50: number; readonly p99: number };
  readonly bytes: number;
  readonly ticks: number;
  readonly missing: number;
  readonly doubled: number;
  readonly skipped: number;
  readonly connected: number;
}

/** The same, and all spreads. */
export interface MeasuredFanout extends FanoutFigures {
  readonly spreads: TimeHistogram;
}

/** Memory that one socket takes, KiB: what the server has more than before the first came. */
export interface SocketMemory {
  readonly residentKib: number;
  readonly inUseKib: number;
}

export interface FanoutSummary
  extends Pick<FanoutFigures, 'name' | 'deliveryUs' | 'wholeUs' | 'idleUs' | 'spread'> {
  readonly memory: SocketMemory;
  readonly curve: readonly CurvePoint[];
}

export type FanoutRatios = Readonly<Record<Exclude<ContestantName, 'quizbell'>, number>>;

export interface FanoutSize {
  readonly sockets: number;
  readonly tickMs: number;
}

export interface FanoutSizeResult extends FanoutSize {
  readonly rounds: readonly (readonly FanoutFigures[])[];
  /** Medians of the rounds. */
  readonly summaries: readonly FanoutSummary[];
  /** Our CPU time for one delivery divided by theirs: the median of the rounds. */
  readonly ratios: FanoutRatios;
  /** The same of all that the server spent meanwhile. */
  readonly wholeRatios: FanoutRatios;
  /** Null in a smoke run. */
  readonly isGoalMet: boolean | null;
}

export interface FanoutResult extends RunFacts {
  readonly bench: 'fanout';
  readonly seed: number;
  readonly members: number;
  readonly rate: number;
  readonly seconds: number;
  readonly goalRatio: number;
  readonly sizes: readonly FanoutSizeResult[];
  /** Each tick reached all members of its room once. */
  readonly isKept: boolean;
  readonly broken: readonly string[];
}

const US_PER_MS = 1_000;
const MS_PER_SECOND = 1_000;
const KIB = 1_024;

/** @param slots one for each contestant, in their order: each ticked in its own and was idle in the others' */
export function fanoutRound(slots: readonly Slot[], sockets: number): MeasuredFanout[] {
  return CONTESTANTS.flatMap((name, i) => {
    const own = slots[i];
    const busy = own?.spent[i];
    if (own === undefined || busy === undefined) return [];
    const idle = slots.flatMap(({ spent }, slot) => (slot === i ? [] : (spent[i] ?? [])));
    const each = (ms: number) => hundredths((ms * US_PER_MS) / Math.max(1, own.heard.deliveries));
    const total = (of: 'processMs' | 'windowMs') => idle.reduce((sum, one) => sum + one[of], 0);
    const idleShare = total('processMs') / total('windowMs');
    const { spreadsMs, connected, ...heard } = own.heard;
    const spreads = TimeHistogram.of(spreadsMs);
    return {
      name,
      ...heard,
      bytes: rounded(heard.bytes),
      connected,
      deliveryUs: each(busy.processMs - idleShare * busy.windowMs),
      wholeUs: each(busy.processMs),
      idleUs: hundredths((idleShare * MS_PER_SECOND * US_PER_MS) / sockets),
      spread: { p50: hundredths(spreads.percentile(50)), p99: hundredths(spreads.percentile(99)) },
      spreads,
    };
  });
}

/** What one socket takes of a server that had that much before the first came, and has that much with so many. */
export function socketMemory(before: MemoryLeft, after: MemoryLeft, sockets: number): SocketMemory {
  const each = (of: keyof MemoryLeft) => rounded((after[of] - before[of]) / sockets / KIB);
  return { residentKib: each('resident'), inUseKib: each('inUse') };
}

/** What somebody should have heard and did not, or the other way round. */
function brokenOf(rounds: readonly (readonly FanoutFigures[])[], sockets: number): string[] {
  return rounds.flatMap((round, i) =>
    round.flatMap(({ name, ticks, missing, doubled, skipped, connected }) => {
      const odd = [
        ...(missing + doubled > 0 ? [`${missing} deliveries missing, ${doubled} twice`] : []),
        ...(skipped > MOST_SKIPPED * (ticks + skipped) || ticks === 0 ? [`${skipped} ticks skipped`] : []),
        ...(connected === sockets ? [] : [`${connected} connected`]),
      ];
      return odd.map((what) => `${sockets} sockets, round ${i + 1}, ${name}: ${what}`);
    }),
  );
}

function told({ spreads: _, ...figures }: MeasuredFanout): FanoutFigures {
  return figures;
}

/** @param memory of one socket at each server, in their order */
export function fanoutSizeResult(
  size: FanoutSize,
  rounds: readonly (readonly MeasuredFanout[])[],
  memory: readonly SocketMemory[],
  isSmoke: boolean,
): FanoutSizeResult {
  const of = (name: ContestantName): MeasuredFanout[] =>
    rounds.flatMap((round) => round.filter((one) => one.name === name));
  const summaries = CONTESTANTS.map((name, i): FanoutSummary => {
    const all = of(name);
    const middle = (figure: (one: MeasuredFanout) => number) => hundredths(median(all.map(figure)));
    return {
      name,
      deliveryUs: middle(({ deliveryUs }) => deliveryUs),
      wholeUs: middle(({ wholeUs }) => wholeUs),
      idleUs: middle(({ idleUs }) => idleUs),
      spread: { p50: middle(({ spread }) => spread.p50), p99: middle(({ spread }) => spread.p99) },
      memory: memory[i] ?? { residentKib: Number.NaN, inUseKib: Number.NaN },
      curve: TimeHistogram.merged(all.map(({ spreads }) => spreads)).curve(),
    };
  });
  const ratio = (figure: 'deliveryUs' | 'wholeUs', name: ContestantName) => {
    const theirs = of(name);
    return thousandths(
      median(of('quizbell').map((mine, i) => mine[figure] / (theirs[i]?.[figure] ?? Number.NaN))),
    );
  };
  const ratiosOf = (figure: 'deliveryUs' | 'wholeUs'): FanoutRatios => ({
    'socket.io': ratio(figure, 'socket.io'),
    ws: ratio(figure, 'ws'),
  });
  const ratios = ratiosOf('deliveryUs');
  return {
    ...size,
    rounds: rounds.map((round) => round.map(told)),
    summaries,
    ratios,
    wholeRatios: ratiosOf('wholeUs'),
    isGoalMet: isSmoke ? null : ratios['socket.io'] <= GOAL_RATIO,
  };
}

export function fanoutResult(
  sizes: readonly FanoutSizeResult[],
  about: RunFacts & Pick<FanoutResult, 'seed' | 'members' | 'rate' | 'seconds'>,
): FanoutResult {
  const broken = sizes.flatMap(({ rounds, sockets }) => brokenOf(rounds, sockets));
  return {
    bench: 'fanout',
    ...about,
    goalRatio: GOAL_RATIO,
    sizes,
    isKept: broken.length === 0,
    broken,
  };
}

const NAME_WIDTH = 12;
const CELL_WIDTH = 11;
const row = (name: string, cells: readonly (string | number)[]): string =>
  `  ${name.padEnd(NAME_WIDTH)}${cells.map((cell) => String(cell).padStart(CELL_WIDTH)).join('')}`;

/** One line for the progress. */
export const fanoutLine = (round: readonly FanoutFigures[]): string =>
  round
    .map(({ name, deliveryUs, deliveries, missing, doubled, skipped }) => {
      const odd = Object.entries({ missing, doubled, skipped }).filter(([, count]) => count > 0);
      return `${name} ${deliveryUs} us of ${deliveries}${odd.map(([what, count]) => `, ${what} ${count}`).join('')}`;
    })
    .join('; ');

const sizeTable = ({
  sockets,
  tickMs,
  rounds,
  summaries,
  ratios,
  wholeRatios,
  isGoalMet,
}: FanoutSizeResult): string =>
  [
    `${sockets.toLocaleString('en-US')} sockets, a tick each ${tickMs} ms, median of ${rounds.length} round${rounds.length === 1 ? '' : 's'}`,
    row('', ['CPU us', 'whole us', 'idle us/s', 'RSS KiB', 'heap KiB', 'spread p50', 'p99']),
    ...summaries.map(({ name, deliveryUs, wholeUs, idleUs, memory, spread }) =>
      row(name, [deliveryUs, wholeUs, idleUs, memory.residentKib, memory.inUseKib, spread.p50, spread.p99]),
    ),
    `  Our CPU for a delivery is ${ratios['socket.io']} of bare Socket.IO's${isGoalMet === null ? '' : ` (goal ${GOAL_RATIO}: ${isGoalMet ? 'met' : 'missed'})`}, and ${ratios.ws} of bare websockets'; with idle ${wholeRatios['socket.io']} and ${wholeRatios.ws}.`,
  ].join('\n');

export function fanoutTables(result: FanoutResult): string {
  const { sizes, isKept, broken, members } = result;
  return [
    ...sizes.map((size) => `${sizeTable(size)}\n`),
    isKept
      ? 'Each tick reached each member of its room once.'
      : ['BROKEN:', ...broken.map((text) => `  ${text}`)].join('\n'),
    `Rooms of ${members}. CPU: of the server's process for one tick to one member, without what it spends while`,
    'nothing ticks (idle: for one open connection and second); whole: with it. RSS, heap: what one socket takes of the process and of',
    'what is left of its memory when garbage is collected. Spread: from the first receiver of a tick to the last, ms.',
    machineLine(result),
  ].join('\n');
}

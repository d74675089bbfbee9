import { machineLine, type RunFacts } from '../suite.output.js';
import type { TickReport } from './tick.checks.js';

/** The ticks of the live room shall come this exactly while the gateway is attacked (p99, ms). */
export const GOAL_P99_MS = 100;

export interface AttackTotals {
  readonly framesAsked: number;
  /** Without an error. */
  readonly framesSent: number;
  /** Of storms, by kind. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly floodFrames: number;
  /** Connections that the gateway ended. */
  readonly connectionsCut: number;
  readonly tookMs: number;
  /** The time was over before all frames were sent. */
  readonly isCutShort: boolean;
}

/** What 100,000 frames may leave behind, compiled code and caches of a live gateway included (MiB). */
const HEAP_GROWTH_MIB = 32;
/** A connection that is cut takes a few frames with it. Less than this was not the attack that was asked for. */
const LEAST_SENT_SHARE = 0.9;

/** Of the gateway, MiB. */
export interface MemoryFigures {
  /** What is in use after a forced collection; NaN afterwards when it was not told. */
  readonly heapBefore: number;
  readonly heapAfter: number;
  /** The whole process. */
  readonly rssBefore: number;
  readonly rssHighest: number;
  readonly rssAfter: number;
}

export interface HostileResult extends RunFacts {
  readonly bench: 'hostile';
  readonly seed: number;
  readonly connections: number;
  readonly members: number;
  readonly tickMs: number;
  readonly attack: AttackTotals;
  /** Refused commands by code, whether somebody was told or not. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Reached limits by name. */
  readonly limits: Readonly<Record<string, number>>;
  readonly memory: MemoryFigures;
  /** `attacked` is `storms` and `floods` together. */
  readonly ticks: Readonly<Record<'quiet' | 'storms' | 'floods' | 'attacked', TickReport>>;
  /** Members of the live room that were still connected at the end. */
  readonly membersLeft: number;
  /** After the attack a new player could join another room and the live question could be stopped. */
  readonly servesAfterwards: boolean;
  /** Times are not judged in a smoke run: `isMet` is null. */
  readonly goal: { readonly p99Ms: number; readonly isMet: boolean | null };
  /**
   * The attack was made, and the gateway neither crashed nor cut anybody who behaved, its memory is known and has not grown,
   * no tick came twice, most came, and it serves on.
   */
  readonly isKept: boolean;
}

const growthOf = ({ heapBefore, heapAfter }: MemoryFigures): number => heapAfter - heapBefore;

export function hostileResult(
  measured: Omit<HostileResult, 'bench' | 'goal' | 'isKept'>,
  isSmoke: boolean,
): HostileResult {
  const { attack, ticks, members, membersLeft, memory, servesAfterwards } = measured;
  const { attacked, quiet } = ticks;
  return {
    bench: 'hostile',
    ...measured,
    goal: { p99Ms: GOAL_P99_MS, isMet: isSmoke ? null : attacked.lateMs.p99 < GOAL_P99_MS },
    isKept:
      !attack.isCutShort &&
      attack.framesSent >= LEAST_SENT_SHARE * attack.framesAsked &&
      membersLeft === members &&
      servesAfterwards &&
      attacked.doubled + quiet.doubled === 0 &&
      attacked.missed < attacked.expected / 2 &&
      Number.isFinite(growthOf(memory)) &&
      growthOf(memory) <= HEAP_GROWTH_MIB,
  };
}

const NAME_WIDTH = 14;
const CELL_WIDTH = 10;
const row = (name: string, cells: readonly (string | number)[]) =>
  `  ${name.padEnd(NAME_WIDTH)}${cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(1) : cell).padStart(CELL_WIDTH)).join('')}`;

const tickRow = (name: string, { lateMs, expected, missed, doubled }: TickReport): string =>
  row(name, [lateMs.p50, lateMs.p99, lateMs.max, `${expected}`, `${missed}`, `${doubled}`]);

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';

/** All that the promise is about: what of it was broken is plain to see. */
function brokenFacts({
  attack,
  members,
  membersLeft,
  ticks,
  memory,
  servesAfterwards,
}: HostileResult): string {
  const { quiet, attacked } = ticks;
  const growth = growthOf(memory);
  return [
    `${attack.framesSent} of ${attack.framesAsked} frames sent`,
    `${membersLeft} of ${members} members left`,
    `${quiet.doubled + attacked.doubled} ticks doubled`,
    `${attacked.missed} of ${attacked.expected} missed`,
    Number.isFinite(growth) ? `${growth.toFixed(1)} MiB more in use` : 'memory unknown',
    servesAfterwards ? 'serves on' : 'does not serve any more',
  ].join(', ');
}

export function hostileTable(result: HostileResult): string {
  const { attack, memory, ticks, goal, members, tickMs, refusals, limits } = result;
  const verdict = goal.isMet === null ? 'not judged in a smoke run' : goal.isMet ? 'met' : 'missed';
  const seconds = (attack.tookMs / 1_000).toFixed(0);
  return [
    `${attack.framesSent} hostile frames (${attack.floodFrames} of them floods) in ${seconds} s from ${result.connections} connections; ${attack.connectionsCut} times a connection was cut.${attack.isCutShort ? ` The time was over before all ${attack.framesAsked} were sent.` : ''}`,
    `  Refused commands: ${listed(refusals)}`,
    `  Limits reached: ${listed(limits)}`,
    row('Ticks', ['late p50', 'p99', 'max', 'due', 'missed', 'doubled']),
    tickRow('quiet', ticks.quiet),
    tickRow('storms', ticks.storms),
    tickRow('floods', ticks.floods),
    tickRow('attacked', ticks.attacked),
    `  ${members} members, a tick each ${tickMs} ms; attacked: storms and floods together; goal: its p99 below ${goal.p99Ms} ms: ${verdict}`,
    row('Memory (MiB)', ['before', 'highest', 'after']),
    row('process', [memory.rssBefore, memory.rssHighest, memory.rssAfter]),
    row('in use', [memory.heapBefore, '', memory.heapAfter]),
    result.isKept
      ? '  No crash, memory not kept, nobody who behaved was cut, no tick twice, and it serves on.'
      : `  BROKEN: ${brokenFacts(result)}.`,
    `Seed ${result.seed}.`,
    machineLine(result),
  ].join('\n');
}

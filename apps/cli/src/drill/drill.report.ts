import { percentile, rounded } from '../demo/percentile.math.js';
import type { DrillState } from './drill.state.js';
import { type FaultName, type FaultRules, rulesOf } from './fault.rules.js';
import { type AnswerTotals, type FaultTally, newAnswerTotals, type ViolationKind } from './fault.tally.js';

interface Percentiles {
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** One row of the report. */
export interface FaultReport extends Record<ViolationKind, number> {
  readonly fault: FaultName;
  readonly times: number;
  /** `false`: what it broke is reported and breaks no promise. */
  readonly promised: boolean;
  readonly runs: number;
  readonly answers: AnswerTotals;
  /** From the fault (of Redis: from its return) to the first tick of the next owner, of the shard that waited longest. */
  readonly takeoverMs: Percentiles;
  /** Until all members of a killed gateway had joined elsewhere. */
  readonly reconnectMs: Percentiles;
  readonly maxTickGapMs: number;
  readonly maxLatenessMs: number;
  readonly repeatedTicks: number;
  readonly unrecovered: number;
  readonly died: number;
  readonly auditFindings: number;
  /** Why this row breaks a promise; empty if it does not. */
  readonly broken: readonly string[];
  readonly findings: readonly string[];
}

/** The document of `drill --json`. */
export interface DrillReport {
  /** No promise was broken. */
  readonly ok: boolean;
  readonly seed: number;
  readonly rooms: number;
  /** Over all faults. */
  readonly answers: AnswerTotals;
  /** Ended before all rounds were played. */
  readonly interrupted: boolean;
  readonly faults: readonly FaultReport[];
}

export function makeReport(state: DrillState, interrupted: boolean): DrillReport {
  const faults = state.tallies.map(rowOf);
  return {
    ok: faults.every(({ broken }) => broken.length === 0),
    seed: state.plan.seed,
    rooms: state.plan.rooms,
    answers: sumOf(faults.map(({ answers }) => answers)),
    interrupted,
    faults,
  };
}

function rowOf(tally: FaultTally): FaultReport {
  const { fault, times, runs, counts, answers, repeatedTicks, unrecovered, died, auditFindings, findings } =
    tally;
  const rules = rulesOf(fault);
  return {
    fault,
    times,
    promised: rules.isPromised,
    runs,
    answers,
    ...counts,
    takeoverMs: percentilesOf(tally.takeoverMs),
    reconnectMs: percentilesOf(tally.reconnectMs),
    maxTickGapMs: Math.round(tally.maxTickGapMs),
    maxLatenessMs: Math.round(tally.maxLatenessMs),
    repeatedTicks,
    unrecovered,
    died,
    auditFindings,
    broken: brokenPromises(tally, rules),
    findings,
  };
}

/** Of a Redis that does not answer: then an event may go unheard, and a join does without the player's answer. */
const NEED_REDIS = new Set<ViolationKind>(['missed', 'untoldVerdict']);

/** What of a tally breaks a promise, in words. */
export function brokenPromises(tally: FaultTally, rules: FaultRules): string[] {
  // Where writes may be lost, it is promised that the outcome says so.
  if (!rules.isPromised) {
    return tally.counts.untoldLoss > 0 ? [`${tally.counts.untoldLoss} untoldLoss`] : [];
  }
  const broken = (Object.entries(tally.counts) as [ViolationKind, number][])
    .filter(([kind, count]) => count > 0 && !(rules.mayMissEvents && NEED_REDIS.has(kind)))
    .map(([kind, count]) => `${count} ${kind}`);
  if (tally.unrecovered > 0) broken.push(`${tally.unrecovered} times not back to work in time`);
  if (tally.auditFindings > 0) broken.push(`${tally.auditFindings} findings of the audit`);
  if (tally.died > 0) broken.push(`${tally.died} processes ended by themselves`);
  const takeoverMs = percentile(tally.takeoverMs, 99);
  const { takeoverLimitMs = Number.POSITIVE_INFINITY, tickGapLimitMs = Number.POSITIVE_INFINITY } = rules;
  if (takeoverMs !== null && takeoverMs > takeoverLimitMs) {
    broken.push(`take-over p99 ${takeoverMs} ms is above ${takeoverLimitMs} ms`);
  }
  if (tally.maxTickGapMs > tickGapLimitMs) {
    broken.push(`a client had no tick for ${Math.round(tally.maxTickGapMs)} ms, above ${tickGapLimitMs} ms`);
  }
  return broken;
}

function sumOf(all: readonly AnswerTotals[]): AnswerTotals {
  const sum = newAnswerTotals();
  for (const one of all) {
    for (const field of Object.keys(sum) as (keyof AnswerTotals)[]) sum[field] += one[field];
  }
  return sum;
}

function percentilesOf(values: readonly number[]): Percentiles {
  const at = (percent: number) => rounded(percentile(values, percent));
  return { p50: at(50), p99: at(99), max: at(100) };
}

const COLUMNS: readonly (readonly [title: string, cell: (row: FaultReport) => string | number | null])[] = [
  ['fault', ({ fault }) => fault],
  ['times', ({ times }) => times],
  ['runs', ({ runs }) => runs],
  ['lost', ({ lost }) => lost],
  ['doubled', ({ doubled }) => doubled],
  ['early', ({ early }) => early],
  ['answers', ({ answers }) => answers.judged],
  ['late accepted', ({ lateAccepted }) => lateAccepted],
  ['lost answers', ({ lostAnswers }) => lostAnswers],
  ['repeated', ({ repeated }) => repeated],
  ['out of order', ({ outOfOrder }) => outOfOrder],
  ['missed', ({ missed }) => missed],
  ['take-over p50', ({ takeoverMs }) => takeoverMs.p50],
  ['p99', ({ takeoverMs }) => takeoverMs.p99],
  ['max ms', ({ takeoverMs }) => takeoverMs.max],
  ['no tick for', ({ maxTickGapMs }) => maxTickGapMs],
];

/** The report as a table for people, and what was broken in words. */
export function renderReport(report: DrillReport): string {
  const cells = [
    COLUMNS.map(([title]) => title),
    ...report.faults.map((row) => COLUMNS.map(([, cell]) => String(cell(row) ?? '-'))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
  const notes = report.faults.flatMap((row) => [
    ...(row.promised ? [] : [`${row.fault}: reported, not promised`]),
    ...row.broken.map((what) => `${row.fault}: ${what}`),
    ...(row.broken.length > 0 ? row.findings.map((finding) => `    ${finding}`) : []),
  ]);
  const verdict = report.ok ? 'Every promise was kept.' : 'A promise was broken:';
  const { judged, accepted, late, outcomes } = report.answers;
  const heading =
    `seed ${report.seed}, ${report.rooms} rooms; ` +
    `${judged} answers, ${accepted} accepted, ${late} late; ${outcomes} outcomes compared`;
  return [heading, '', ...lines, '', verdict, ...notes].join('\n');
}

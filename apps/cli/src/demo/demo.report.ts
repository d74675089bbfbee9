import type { AnswerReport } from './answer.ledger.js';
import { percentile, rounded } from './percentile.math.js';
import type { Measurement } from './quiz.recorder.js';

/** The document of `demo --json`. */
export interface DemoReport {
  /** No promise was broken. Missing ticks break none: they are volatile. */
  readonly ok: boolean;
  /** The gateways that were played on. */
  readonly gateways: readonly string[];
  readonly players: number;
  /** How many were asked for. */
  readonly questions: number;
  readonly ticks: { readonly expected: number; readonly received: number };
  /** When players heard of an expiry, after the deadline; `null` if no question expired. */
  readonly expiryLatenessMs: {
    readonly p50: number | null;
    readonly p99: number | null;
    readonly max: number | null;
  };
  /** How far each lateness may be from the truth, either way. */
  readonly clockErrorMs: number | null;
  readonly outOfOrder: number;
  readonly repeated: number;
  readonly missed: number;
  readonly doubled: number;
  readonly early: number;
  /** Questions that had not closed seconds after their deadline; the quiz ends with the first. */
  readonly overdue: number;
  /** Events whose payload does not fit the contract. */
  readonly malformed: number;
  /** Verdicts, as the players were told them. */
  readonly answers: AnswerReport;
  /** Connections that were lost, and joins after that; the host's too. */
  readonly drops: number;
  readonly rejoins: number;
  /** Ended by Ctrl-C: what was measured until then. */
  readonly interrupted: boolean;
  readonly findings: readonly string[];
}

/** What the measurement means. */
export function makeReport(
  measured: Measurement,
  about: {
    gateways: readonly string[];
    players: number;
    questions: number;
    clockErrorMs: number | null;
    interrupted: boolean;
  },
): DemoReport {
  const {
    outOfOrder,
    repeated,
    missed,
    doubled,
    early,
    overdue,
    malformed,
    answers,
    drops,
    rejoins,
    ticks,
    findings,
  } = measured;
  const { gateways, players, questions, interrupted } = about;
  const at = (percent: number) => rounded(percentile(measured.latenessMs, percent));
  const eventFaults = outOfOrder + repeated + missed + doubled + early + overdue + malformed;
  return {
    ok: eventFaults + answers.wrong + answers.unanswered === 0,
    gateways,
    players,
    questions,
    ticks,
    expiryLatenessMs: { p50: at(50), p99: at(99), max: at(100) },
    clockErrorMs: rounded(about.clockErrorMs),
    outOfOrder,
    repeated,
    missed,
    doubled,
    early,
    overdue,
    malformed,
    answers,
    drops,
    rejoins,
    interrupted,
    findings,
  };
}

/** The report as a small table for people. */
export function renderReport(report: DemoReport): string {
  const { ticks, expiryLatenessMs: late, clockErrorMs, answers } = report;
  const ms = (value: number | null) => (value === null ? '-' : `${value.toFixed(1)} ms`);
  const rows: [string, string][] = [
    ['ticks expected', String(ticks.expected)],
    ['ticks received', String(ticks.received)],
    ['expiry heard after the deadline, p50', ms(late.p50)],
    ['                                 p99', ms(late.p99)],
    ['                                 max', `${ms(late.max)}   (clocks compared to +-${ms(clockErrorMs)})`],
    ['events out of order', String(report.outOfOrder)],
    ['events repeated', String(report.repeated)],
    ['events missed', String(report.missed)],
    ['questions closed twice', String(report.doubled)],
    ['questions closed early', String(report.early)],
    ['questions not closed in time', String(report.overdue)],
  ];
  rows.push(
    ['answers accepted', String(answers.accepted)],
    ['        late', String(answers.late)],
    ['        duplicate', String(answers.duplicate)],
  );
  if (answers.other > 0) rows.push(['        other verdicts', String(answers.other)]);
  rows.push(
    ['        counted by answers:count', String(answers.counted ?? '-')],
    ['        judged or kept wrongly', String(answers.wrong)],
  );
  if (answers.unanswered > 0) rows.push(['answers without a verdict', String(answers.unanswered)]);
  if (report.malformed > 0) rows.push(['events malformed', String(report.malformed)]);
  if (report.drops > 0) rows.push(['connections lost, came back', `${report.drops}, ${report.rejoins}`]);
  const width = Math.max(...rows.map(([label]) => label.length));
  const table = rows.map(([label, value]) => `  ${label.padEnd(width)}   ${value}`).join('\n');
  const findings = report.findings.map((finding) => `  ${finding}`).join('\n');
  const verdict = report.ok ? 'Every promise was kept.' : `A promise was broken:\n${findings}`;
  return `${table}\n\n${verdict}`;
}

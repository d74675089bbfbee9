import { type Figures, figuresOf, median, rounded } from '../percentiles.js';
import type { JudgedAnswer } from '../players/judged.answer.js';
import { machineLine, type RunFacts } from '../suite.output.js';
import { isClean, type VerdictReport } from './verdict.checks.js';

/** What the gateways did during a round, all together. */
export interface GatewayWork {
  readonly cpuMs: number;
  /** How often frames were read after a stall of the event loop. */
  readonly stalls: number;
  /** The longest gap of an event loop, ms. */
  readonly longestLagMs: number;
}

export interface BurstRound {
  readonly report: VerdictReport;
  /** From the planned instant of an answer to its verdict, ms. */
  readonly ack: Figures;
  /** How much later than planned answers were sent, ms: the bench's own part of `ack`. */
  readonly sentLate: Figures;
  /** From the sending to `receivedAt`, ms: what an answer loses by waiting for the gateway. */
  readonly dated: Figures;
  /** Handed over at least `IN_TIME_MARGIN_MS` before the deadline, and still late. */
  readonly inTimeButLate: number;
  /** Sent as long after the deadline, and still accepted: after a stall players get the benefit of the doubt. */
  readonly lateButAccepted: number;
  readonly verdictsPerSecond: number;
  readonly gateways: GatewayWork & { readonly cpuUsPerVerdict: number };
}

export interface BurstResult extends RunFacts {
  readonly bench: 'burst';
  readonly players: number;
  readonly gatewayProcesses: number;
  readonly windowMs: number;
  /** Within this a `receivedAt` must agree with the player's own instants, ms. */
  readonly clockToleranceMs: number;
  /** Checked like the others, but its times do not count; null when there was none. */
  readonly warmUp: BurstRound | null;
  readonly rounds: readonly BurstRound[];
  readonly median: Figures & { readonly verdictsPerSecond: number; readonly cpuUsPerVerdict: number };
  /** No verdict lost, none wrong, and the outcomes are complete. */
  readonly isKept: boolean;
}

/** What cannot be told from late by the comparison of two clocks, ms. What is counted by it is not judged. */
const IN_TIME_MARGIN_MS = 3;

export function burstRound(
  answers: readonly JudgedAnswer[],
  report: VerdictReport,
  cutoffAt: number,
  gateways: GatewayWork,
): BurstRound {
  const answered = answers.flatMap(({ plannedAt, sentAt, answeredAt, tell }) =>
    answeredAt !== null && tell.kind === 'verdict'
      ? [{ plannedAt, sentAt, answeredAt, receivedAt: tell.receivedAt }]
      : [],
  );
  const first = answers.reduce((least, { sentAt }) => Math.min(least, sentAt), Number.POSITIVE_INFINITY);
  const last = answered.reduce((most, { answeredAt }) => Math.max(most, answeredAt), first);
  const isVerdict = ({ tell }: JudgedAnswer, verdict: string) =>
    tell.kind === 'verdict' && tell.verdict === verdict;
  return {
    report,
    ack: figuresOf(answered.map(({ plannedAt, answeredAt }) => answeredAt - plannedAt)),
    sentLate: figuresOf(answers.map(({ plannedAt, sentAt }) => sentAt - plannedAt)),
    dated: figuresOf(answered.map(({ sentAt, receivedAt }) => receivedAt - sentAt)),
    inTimeButLate: answers.filter(
      (answer) => answer.handedOverAt <= cutoffAt - IN_TIME_MARGIN_MS && isVerdict(answer, 'late'),
    ).length,
    lateButAccepted: answers.filter(
      (answer) => answer.sentAt >= cutoffAt + IN_TIME_MARGIN_MS && isVerdict(answer, 'accepted'),
    ).length,
    verdictsPerSecond: Math.round((report.verdicts * 1_000) / (last - first)),
    gateways: {
      ...gateways,
      cpuMs: rounded(gateways.cpuMs),
      longestLagMs: rounded(gateways.longestLagMs),
      cpuUsPerVerdict: Math.round((gateways.cpuMs * 1_000) / report.verdicts),
    },
  };
}

export function burstResult(
  rounds: readonly BurstRound[],
  warmUp: BurstRound | null,
  about: Omit<BurstResult, 'bench' | 'warmUp' | 'rounds' | 'median' | 'isKept'>,
): BurstResult {
  const middle = (figure: (round: BurstRound) => number) => rounded(median(rounds.map(figure)));
  return {
    bench: 'burst',
    ...about,
    warmUp,
    rounds,
    median: {
      p50: middle(({ ack }) => ack.p50),
      p99: middle(({ ack }) => ack.p99),
      max: middle(({ ack }) => ack.max),
      verdictsPerSecond: middle((round) => round.verdictsPerSecond),
      cpuUsPerVerdict: middle(({ gateways }) => gateways.cpuUsPerVerdict),
    },
    isKept: [...(warmUp === null ? [] : [warmUp]), ...rounds].every(
      ({ report }) => isClean(report.broken) && report.verdicts === about.players,
    ),
  };
}

const NAME_WIDTH = 12;
const CELL_WIDTH = 10;
const cells = (values: readonly (number | string)[]): string =>
  values.map((value) => (typeof value === 'number' ? value.toFixed(1) : value).padStart(CELL_WIDTH)).join('');
const row = (name: string, values: readonly (number | string)[]) =>
  `  ${name.padEnd(NAME_WIDTH)}${cells(values)}`;

function roundRow(round: BurstRound, i: number): string {
  const { report, ack, gateways } = round;
  const counts = [report.verdicts, report.accepted, report.late].map(String);
  return row(`Round ${i + 1}`, [
    ...counts,
    ack.p50,
    ack.p99,
    ack.max,
    String(round.verdictsPerSecond),
    String(gateways.cpuUsPerVerdict),
  ]);
}

function brokenLines({ report }: BurstRound, title: string): string[] {
  if (isClean(report.broken)) return [];
  const counts = Object.entries(report.broken).flatMap(([kind, count]) =>
    count > 0 ? [`${kind} ${count}`] : [],
  );
  return [`BROKEN in ${title}: ${counts.join(', ')}`, ...report.examples.map((text) => `  ${text}`)];
}

/** All rounds, whether the promises were kept, and what the figures mean. */
export function burstTable(result: BurstResult): string {
  const { rounds, players, windowMs, gatewayProcesses, clockToleranceMs, median } = result;
  const sum = (figure: (round: BurstRound) => number) =>
    rounds.reduce((all, round) => all + figure(round), 0);
  const worst = (figure: (round: BurstRound) => number) => Math.max(...rounds.map(figure));
  return [
    row('', ['verdicts', 'accepted', 'late', 'ack p50', 'p99', 'max', 'per s', 'CPU us']),
    ...rounds.map(roundRow),
    row('Median', [
      '',
      '',
      '',
      median.p50,
      median.p99,
      median.max,
      String(median.verdictsPerSecond),
      String(median.cpuUsPerVerdict),
    ]),
    result.isKept
      ? `  ${sum(({ report }) => report.verdicts)} verdicts of ${players * rounds.length}: none lost, none wrong by the clock, every accepted answer once in the outcome.`
      : [
          ...(result.warmUp === null ? [] : brokenLines(result.warmUp, 'the warm-up')),
          ...rounds.flatMap((round, i) => brokenLines(round, `round ${i + 1}`)),
        ].join('\n'),
    `  Handed over ${IN_TIME_MARGIN_MS} ms or more before the deadline and still late: ${sum((round) => round.inTimeButLate)}; sent as long after it and still accepted: ${sum((round) => round.lateButAccepted)}.`,
    `  Dated p99 ${worst(({ dated }) => dated.p99)} ms after sending (worst round).`,
    `  Sent late by the bench itself: p99 ${worst(({ sentLate }) => sentLate.p99)} ms. Gateways: ${sum(({ gateways }) => gateways.stalls)} stalls, longest gap ${worst(({ gateways }) => gateways.longestLagMs)} ms.`,
    `${players} players answer one question within ${windowMs} ms over ${gatewayProcesses} gateways; ms from an answer's planned instant to its verdict.`,
    `CPU: of all gateways, per verdict, broadcasts included. receivedAt is checked to ${clockToleranceMs} ms.`,
    machineLine(result),
  ].join('\n');
}

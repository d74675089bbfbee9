import type { Verdict } from '#libs/protocol/wire';
import type { FaultName } from './fault.rules.js';

/** The ways in which a promise can be seen to be broken. */
export const VIOLATION_KINDS = [
  /** A run that was started never closed, or a client was never told that it did. */
  'lost',
  /** A run closed more than once, or its record changed after it closed. */
  'doubled',
  /** A run closed before the deadline that was in force. */
  'early',
  /** An answer counted that was received at or after the deadline and its grace. */
  'lateAccepted',
  /** An answer that was received in time was refused. */
  'refusedInTime',
  /** An answer that was told to be accepted is not in its run's outcome. */
  'lostAnswers',
  /** One of those, and the outcome does not say that writes may have been lost. */
  'untoldLoss',
  /** Two verdicts on one answer, told or in the outcome, that contradict each other. */
  'verdictChanged',
  /** A player came back and was not told the accepted answer that it has to the current question. */
  'untoldVerdict',
  /** An outcome that was another one, or none, when it was read again. */
  'outcomeChanged',
  /** The same event with the same version twice on one connection. */
  'repeated',
  /** A lower version after a higher one. */
  'outOfOrder',
  /** A connected client did not hear of a closing. */
  'missed',
  /** A client heard of a closing long after Redis had published it. */
  'delayed',
  /** A closed run whose outcome was not fixed in time. */
  'unsettled',
] as const;
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

/** One thing that was seen and should not be. */
export interface Violation {
  readonly kind: ViolationKind;
  /** The server's instant that it belongs to, and by that the fault. */
  readonly at: number;
  /** Who or which run, and what, for the eyes of whoever has to explain it. */
  readonly text: string;
}

/** Answers of which a verdict was told, by what it was first. */
export interface AnswerTotals {
  judged: number;
  accepted: number;
  late: number;
  duplicate: number;
  other: number;
  /** Answers on which nobody gave a verdict for 20 s. */
  unanswered: number;
  /** Outcomes that were compared with the verdicts. */
  outcomes: number;
  /** Outcomes that say that writes may have been lost. */
  afterDataLoss: number;
}

/** What was seen during all rounds of one fault. Plain data: it is kept in the state file. */
export interface FaultTally {
  readonly fault: FaultName;
  /** Rounds that were played to their end. */
  times: number;
  /** Runs whose closing was checked to its end. */
  runs: number;
  readonly counts: Record<ViolationKind, number>;
  readonly answers: AnswerTotals;
  /** Ticks that came twice: a new owner may send the last tick of the old one once more. Breaks no promise. */
  repeatedTicks: number;
  /** One for each time, of the shard that waited longest. */
  readonly takeoverMs: number[];
  /** One for each time: until all members that had lost their connection had joined again. */
  readonly reconnectMs: number[];
  maxTickGapMs: number;
  /** From a deadline to its closing, at most. */
  maxLatenessMs: number;
  /** Rounds after which the cluster did not come back to work in time. */
  unrecovered: number;
  /** Processes that ended though nobody ended them. */
  died: number;
  /** Rooms whose due instant was not what their state says, as the schedulers' audit found. */
  auditFindings: number;
  readonly findings: string[];
}

const MAX_FINDINGS = 30; // one broken promise often breaks for every client; the rest says nothing new

export function newTally(fault: FaultName): FaultTally {
  return {
    fault,
    times: 0,
    runs: 0,
    counts: Object.fromEntries(VIOLATION_KINDS.map((kind) => [kind, 0])) as Record<ViolationKind, number>,
    answers: newAnswerTotals(),
    repeatedTicks: 0,
    takeoverMs: [],
    reconnectMs: [],
    maxTickGapMs: 0,
    maxLatenessMs: 0,
    unrecovered: 0,
    died: 0,
    auditFindings: 0,
    findings: [],
  };
}

export const newAnswerTotals = (): AnswerTotals => ({
  judged: 0,
  accepted: 0,
  late: 0,
  duplicate: 0,
  other: 0,
  unanswered: 0,
  outcomes: 0,
  afterDataLoss: 0,
});

export function addVerdict(totals: AnswerTotals, verdict: Verdict): void {
  totals.judged += 1;
  switch (verdict) {
    case 'accepted':
    case 'late':
    case 'duplicate':
      totals[verdict] += 1;
      break;
    case 'wrong_question':
    case 'not_eligible':
    case 'not_open':
    case 'paused':
      totals.other += 1;
      break;
    default:
      verdict satisfies never;
  }
}

export function addFinding(tally: FaultTally, text: string): void {
  if (tally.findings.length < MAX_FINDINGS) tally.findings.push(text);
}

export function addViolation(tally: FaultTally, { kind, text }: Violation): void {
  tally.counts[kind] += 1;
  addFinding(tally, `${kind}: ${text}`);
}

import type { FaultName } from './fault.rules.js';

/** The ways in which a promise can be seen to be broken. */
export const VIOLATION_KINDS = [
  /** A run that was started never closed, or a client was never told that it did. */
  'lost',
  /** A run closed more than once, or its record changed after it closed. */
  'doubled',
  /** A run closed before the deadline that was in force. */
  'early',
  /** An answer that came after the deadline counted. */
  'lateAccepted',
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

/** What was seen during all rounds of one fault. Plain data: it is kept in the state file. */
export interface FaultTally {
  readonly fault: FaultName;
  /** Rounds that were played to their end. */
  times: number;
  /** Runs whose closing was checked to its end. */
  runs: number;
  readonly counts: Record<ViolationKind, number>;
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

export function addFinding(tally: FaultTally, text: string): void {
  if (tally.findings.length < MAX_FINDINGS) tally.findings.push(text);
}

export function addViolation(tally: FaultTally, { kind, text }: Violation): void {
  tally.counts[kind] += 1;
  addFinding(tally, `${kind}: ${text}`);
}

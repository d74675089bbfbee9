import type { CloseReason, DurationMs, EpochMs, RunId, TimelineEntry, Verdict } from '#libs/timer-core';
import type { AnswerRecord, SettledRun } from './answer.ports.js';

/** What one player answered: the accepted answer, else the last refused one. */
export interface OutcomeAnswer {
  readonly playerId: string;
  /** As the player was called when answering. */
  readonly name: string;
  /** As the player sent it. */
  readonly choice: unknown;
  readonly verdict: Verdict;
  readonly receivedAt: EpochMs;
  /** Open time until then, without pauses. */
  readonly elapsedMs: DurationMs;
  /** With `late`. */
  readonly lateByMs?: DurationMs;
  /** Whether `choice` is the run's `correct`, of an accepted answer or not; only where that was given. */
  readonly isCorrect?: boolean;
}

/** An answer that was judged, accepted or not, replaced later or not. */
export interface OutcomeVerdictEntry {
  readonly event: 'verdict';
  /** When the answer was received. */
  readonly at: EpochMs;
  readonly playerId: string;
  readonly verdict: Verdict;
}

export type OutcomeEntry = TimelineEntry | OutcomeVerdictEntry;

/** How many rows of `answers` have each verdict. */
export interface OutcomeCounts {
  readonly accepted: number;
  readonly late: number;
  readonly paused: number;
  readonly not_open: number;
}

/** What a settled run produced. */
export interface Outcome {
  readonly roomId: string;
  readonly questionId: string;
  readonly runId: RunId;
  /** Null when it was stopped before it opened. */
  readonly opensAt: EpochMs | null;
  /** The deadline that held. */
  readonly endsAt: EpochMs;
  readonly closedAt: EpochMs;
  readonly reason: CloseReason;
  /** Planned open time, extensions included. */
  readonly durationMs: DurationMs;
  readonly graceMs: DurationMs;
  /** Length of all pauses. */
  readonly pausedMs: DurationMs;
  readonly settledAt: EpochMs;
  /** The right answer, where the host gave one. */
  readonly correct?: unknown;
  /** The store lost writes, or may have, while the run was not settled: answers may be missing. */
  readonly afterDataLoss?: true;
  readonly counts: OutcomeCounts;
  /** One row per player who answered, by `receivedAt`, then by `playerId`. */
  readonly answers: readonly OutcomeAnswer[];
  /** By instant; at the same one, what happened to the run before the verdicts. */
  readonly timeline: readonly OutcomeEntry[];
}

/**
 * An owner that has not noticed yet that the store was restarted may have settled a run so long (ms) before the room was
 * told again.
 */
const UNNOTICED_LOSS_MS = 5_000;

/**
 * The outcome of a settled run. It depends on nothing else, and nothing changes that data after settling (but erasing a
 * player): so a run has exactly one, whoever asks for it.
 *
 * @throws TypeError for a run that has not closed: it cannot have been settled
 */
export function outcomeOf(settled: SettledRun, roomId: string, afterDataLoss: boolean): Outcome {
  const { record, settledAt, correct } = settled;
  const { questionId, runId, opensAt, endsAt, closedAt, reason } = record;
  if (endsAt === null || closedAt === null || reason === null)
    throw new TypeError(`run ${runId} is not closed`);
  const right = correct === null ? undefined : { value: JSON.parse(correct) as unknown };
  const answers = answersOf(settled).map((answer) => rowOf(answer, right));
  return {
    roomId,
    questionId,
    runId,
    opensAt,
    endsAt,
    closedAt,
    reason,
    durationMs: record.durationMs,
    graceMs: record.graceMs,
    pausedMs: record.pausedMs,
    settledAt,
    ...(right === undefined ? {} : { correct: right.value }),
    ...(afterDataLoss ? { afterDataLoss } : {}),
    counts: countsOf(answers),
    answers,
    timeline: timelineOf(settled),
  };
}

/**
 * Whether answers to a settled run may be missing, in a room that was told again at `retoldAt` because the store may have
 * lost writes. What a store loses is the newest that was written to it: a run that is still settled as it was before has
 * lost nothing, and its outcome stays the same document.
 *
 * @param retoldAt null for a room that never was
 */
export function isAfterDataLoss({ timeline, settledAt }: SettledRun, retoldAt: EpochMs | null): boolean {
  if (retoldAt === null) return false;
  const [started] = timeline;
  const wasStarted = started === undefined || started.at < retoldAt;
  return wasStarted && settledAt >= retoldAt - UNNOTICED_LOSS_MS;
}

/** Equal as JSON: the order of an object's keys says nothing, the order of an array does. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || (a === 0 && b === 0)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((one, i) => isSameJson(one, b[i]))
    );
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSameJson(fieldOf(a, key), fieldOf(b, key)))
  );
}

const fieldOf = (object: object, key: string): unknown => (object as Record<string, unknown>)[key];

/** By code units: the same order everywhere. */
const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const byReceipt = (a: AnswerRecord, b: AnswerRecord): number =>
  a.receivedAt - b.receivedAt || compareText(a.playerId, b.playerId);

/** The answer of each player that counts, in the order of the outcome. */
function answersOf({ answers, earlier }: SettledRun): AnswerRecord[] {
  const rows = new Map<string, AnswerRecord>();
  for (const answer of earlier) {
    const known = rows.get(answer.playerId);
    if (known === undefined || answer.receivedAt >= known.receivedAt) rows.set(answer.playerId, answer);
  }
  for (const answer of answers) rows.set(answer.playerId, answer);
  return [...rows.values()].sort(byReceipt);
}

function rowOf(answer: AnswerRecord, right: { readonly value: unknown } | undefined): OutcomeAnswer {
  const { playerId, name, verdict, receivedAt, elapsedMs, lateByMs } = answer;
  const choice: unknown = JSON.parse(answer.choice);
  return {
    playerId,
    name,
    choice,
    verdict,
    receivedAt,
    elapsedMs,
    ...(lateByMs === undefined ? {} : { lateByMs }),
    ...(right === undefined ? {} : { isCorrect: isSameJson(choice, right.value) }),
  };
}

function countsOf(answers: readonly OutcomeAnswer[]): OutcomeCounts {
  const counts = { accepted: 0, late: 0, paused: 0, not_open: 0 };
  for (const { verdict } of answers) {
    if (Object.hasOwn(counts, verdict)) counts[verdict as keyof OutcomeCounts]++;
  }
  return counts;
}

function timelineOf({ timeline, answers, earlier }: SettledRun): OutcomeEntry[] {
  const verdicts = [...earlier, ...answers].sort(byReceipt).map(
    ({ receivedAt, playerId, verdict }): OutcomeVerdictEntry => ({
      event: 'verdict',
      at: receivedAt,
      playerId,
      verdict,
    }),
  );
  const told = [...timeline].sort((a, b) => a.version - b.version);
  // Sorting keeps the order of what happened at the same instant.
  return [...told, ...verdicts].sort((a, b) => a.at - b.at);
}

import type { CloseReason, Pause, Question } from './room.state.js';
import { after, type DurationMs, durationMs, type EpochMs, type RunId, type Version } from './units.js';

/**
 * How long an answer that a gateway received in time may take to reach Redis and still count. A run is settled only
 * after it.
 */
export const IN_FLIGHT_MS: DurationMs = durationMs(1_000);

/**
 * What is needed to judge an answer to one run, long after the room went on: written by the same commits that change
 * the run, never changed after the run closed.
 */
export interface RunRecord {
  readonly runId: RunId;
  readonly questionId: string;
  /** The room's version at the commit that wrote this record. */
  readonly version: Version;
  readonly opensAt: EpochMs | null;
  /** Null while paused. */
  readonly endsAt: EpochMs | null;
  /** From this instant on a received answer does not count any more; null while paused. */
  readonly cutoffAt: EpochMs | null;
  readonly durationMs: DurationMs;
  readonly graceMs: DurationMs;
  /** See `Question`. */
  readonly mayChangeAnswer?: true;
  readonly pauses: readonly Pause[];
  readonly pausedMs: DurationMs;
  /** When the present pause began; null when not paused. */
  readonly pausedAt: EpochMs | null;
  readonly closedAt: EpochMs | null;
  readonly reason: CloseReason | null;
  /** When the outcome is fixed for good; null until the run is closed. */
  readonly settlesAt: EpochMs | null;
}

/** When a run that closed as said here settles. */
export const settlesAt = (closed: { closedAt: EpochMs; graceMs: DurationMs }): EpochMs =>
  after(closed.closedAt, closed.graceMs + IN_FLIGHT_MS);

function cutoffAt(question: Question): EpochMs | null {
  switch (question.phase) {
    case 'lead-in':
    case 'open':
      return after(question.endsAt, question.graceMs);
    case 'paused':
      return null;
    case 'closed':
      return question.reason === 'expired' ? after(question.endsAt, question.graceMs) : question.closedAt;
    default:
      return question satisfies never;
  }
}

/** The record of a run as the question's state says it, under the room's version. */
export function runRecord(question: Question, version: Version): RunRecord {
  const closed = question.phase === 'closed' ? question : null;
  return {
    runId: question.runId,
    questionId: question.questionId,
    version,
    opensAt: question.opensAt,
    endsAt: question.phase === 'paused' ? null : question.endsAt,
    cutoffAt: cutoffAt(question),
    durationMs: question.durationMs,
    graceMs: question.graceMs,
    ...(question.mayChangeAnswer === undefined ? {} : { mayChangeAnswer: question.mayChangeAnswer }),
    pauses: question.pauses,
    pausedMs: question.pausedMs,
    pausedAt: question.phase === 'paused' ? question.pausedAt : null,
    closedAt: closed?.closedAt ?? null,
    reason: closed?.reason ?? null,
    settlesAt: closed === null ? null : settlesAt(closed),
  };
}

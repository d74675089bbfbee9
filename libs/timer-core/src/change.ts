import {
  type ClosedQuestion,
  type CloseReason,
  isActive,
  MAX_PAUSES_KEPT,
  type Question,
  type RoomCloseReason,
  type RoomState,
} from './room.state.js';
import { type RunRecord, runRecord, settlesAt } from './run.record.js';
import { type SnapshotView, viewOf } from './snapshot.js';
import {
  after,
  between,
  type DurationMs,
  durationMs,
  type EpochMs,
  latest,
  nextVersion,
  type Version,
} from './units.js';

/** An event that tells the room's new state. */
export interface QuestionEvent {
  readonly type:
    | 'question:started'
    | 'question:opened'
    | 'question:paused'
    | 'question:resumed'
    | 'question:extended'
    | 'question:closed'
    /** Nothing happened, but the state is told again under a new version. */
    | 'room:state';
  readonly view: SnapshotView;
  /** When it took effect: the due instant of what time alone did. */
  readonly at: EpochMs;
}

export interface RoomClosedEvent {
  readonly type: 'room:closed';
  readonly roomId: string;
  readonly version: Version;
  readonly reason: RoomCloseReason;
}

/** Something that happened to a room and that its members hear; each has a version of its own. */
export type RoomEvent = QuestionEvent | RoomClosedEvent;

export const versionOf = (event: RoomEvent): Version =>
  event.type === 'room:closed' ? event.version : event.view.version;

/** What a decision changes, to be committed as one. */
export interface Change {
  readonly state: RoomState;
  readonly events: readonly RoomEvent[];
  /** Records of the runs that changed, newest state of each. */
  readonly runs: readonly RunRecord[];
  /** The latest passed instant that the change rests on: it must not be committed before. Null when it rests on none. */
  readonly notBeforeAt: EpochMs | null;
}

export const noChange = (state: RoomState): Change => ({ state, events: [], runs: [], notBeforeAt: null });

/** The change `first`, and then what `step` makes of its state. */
export function andThen(first: Change, step: (state: RoomState) => Change): Change {
  const second = step(first.state);
  const rewritten = new Set(second.runs.map((run) => run.runId));
  return {
    state: second.state,
    events: [...first.events, ...second.events],
    runs: [...first.runs.filter((run) => !rewritten.has(run.runId)), ...second.runs],
    notBeforeAt: second.notBeforeAt ?? first.notBeforeAt,
  };
}

/**
 * The same room under a new version, told to everybody: after a store that may have lost writes came back, clients may
 * have heard of versions that it does not know.
 */
export function retell(state: RoomState, now: EpochMs): Change {
  const next: RoomState = { ...state, version: nextVersion(state.version, now), retoldAt: now };
  return { ...noChange(next), events: [{ type: 'room:state', view: viewOf(next), at: now }] };
}

/** The state with another question, told by one event. */
export function changeQuestion(
  state: RoomState,
  type: QuestionEvent['type'],
  question: Question,
  now: EpochMs,
): Change {
  const next: RoomState = { ...state, question, version: nextVersion(state.version, now) };
  return {
    state: next,
    events: [{ type, view: viewOf(next), at: now }],
    runs: [runRecord(question, next.version)],
    notBeforeAt: null,
  };
}

/** Closes the active question. `closedAt` may lie before `now` when nobody acted at the deadline itself. */
export function closeQuestion(
  state: RoomState,
  how: { readonly reason: CloseReason; readonly closedAt: EpochMs },
  now: EpochMs,
): Change {
  const { question } = state;
  if (!isActive(question)) return noChange(state);
  const { reason, closedAt } = how;
  const { questionId, runId, graceMs, tickMs, mayChangeAnswer } = question;
  const left = timeLeft(question, closedAt);
  const endsAt =
    reason === 'expired' ? closedAt : question.phase === 'paused' ? after(closedAt, left) : question.endsAt;
  const openPause = question.phase === 'paused' ? between(question.pausedAt, closedAt) : 0;
  const closed: ClosedQuestion = {
    phase: 'closed',
    questionId,
    runId,
    durationMs: question.durationMs,
    graceMs,
    tickMs,
    ...(mayChangeAnswer === undefined ? {} : { mayChangeAnswer }),
    pauses:
      question.phase === 'paused' ? keepPause(question.pauses, question.pausedAt, closedAt) : question.pauses,
    pausedMs: durationMs(question.pausedMs + openPause),
    opensAt: question.phase === 'lead-in' ? null : question.opensAt,
    endsAt,
    remainingMs: reason === 'expired' ? durationMs(0) : left,
    closedAt,
    reason,
  };
  const unsettledUntilAt = latest(state.unsettledUntilAt, settlesAt(closed));
  return changeQuestion(
    { ...state, idleSinceAt: closedAt, unsettledUntilAt },
    'question:closed',
    closed,
    now,
  );
}

/** What is left of an active question at `at`. */
export function timeLeft(question: Question, at: EpochMs): DurationMs {
  switch (question.phase) {
    case 'lead-in':
      return question.durationMs;
    case 'open':
      return durationMs(Math.max(0, between(at, question.endsAt)));
    case 'paused':
    case 'closed':
      return question.remainingMs;
    default:
      return question satisfies never;
  }
}

/** Bounds the state's size: an answer in flight is at most 1 s old, so older pauses only matter by their sum. */
export const keepPause = (pauses: Question['pauses'], from: EpochMs, to: EpochMs): Question['pauses'] =>
  [...pauses, [from, to] as const].slice(-MAX_PAUSES_KEPT);

/** Ends the room. */
export function closeRoom(state: RoomState, reason: RoomCloseReason, now: EpochMs): Change {
  const version = nextVersion(state.version, now);
  return {
    state: { ...state, version, closed: { at: now, reason } },
    events: [{ type: 'room:closed', roomId: state.roomId, version, reason }],
    runs: [],
    notBeforeAt: null,
  };
}

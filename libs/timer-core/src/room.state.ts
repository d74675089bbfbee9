import type { DurationMs, EpochMs, RunId, Version } from './units.js';

/** Where a room stands. `idle` is a room whose first question was not started yet. */
export type Phase = 'idle' | 'lead-in' | 'open' | 'paused' | 'closed';

/** Why a run closed. `all-answered` is reserved. */
export type CloseReason = 'expired' | 'stopped' | 'room-closed' | 'all-answered';

/** Why a room is over. */
export type RoomCloseReason = 'host' | 'idle';

/** A stretch in which a run was paused: `[from, to]`. */
export type Pause = readonly [from: EpochMs, to: EpochMs];

interface RunBase {
  readonly questionId: string;
  readonly runId: RunId;
  /** Planned open time, extensions included. */
  readonly durationMs: DurationMs;
  /** How long after the deadline an answer still counts; it never delays the closing. */
  readonly graceMs: DurationMs;
  /** Interval between ticks; 0 for none. */
  readonly tickMs: DurationMs;
  /** A player may answer again until it closes, and the last answer in time counts; absent: the first one stands. */
  readonly mayChangeAnswer?: true;
  /** Ended pauses, newest last, at most `MAX_PAUSES_KEPT`. */
  readonly pauses: readonly Pause[];
  /** Length of all ended pauses, those that are no longer kept included. */
  readonly pausedMs: DurationMs;
}

export interface LeadInQuestion extends RunBase {
  readonly phase: 'lead-in';
  readonly opensAt: EpochMs;
  readonly endsAt: EpochMs;
}

export interface OpenQuestion extends RunBase {
  readonly phase: 'open';
  readonly opensAt: EpochMs;
  readonly endsAt: EpochMs;
}

export interface PausedQuestion extends RunBase {
  readonly phase: 'paused';
  readonly opensAt: EpochMs;
  readonly pausedAt: EpochMs;
  readonly remainingMs: DurationMs;
}

export interface ClosedQuestion extends RunBase {
  readonly phase: 'closed';
  /** Null when the run was stopped before it opened. */
  readonly opensAt: EpochMs | null;
  /** The deadline that held; after a stop in a pause the one that a resume would have set. */
  readonly endsAt: EpochMs;
  readonly remainingMs: DurationMs;
  readonly closedAt: EpochMs;
  readonly reason: CloseReason;
}

export type ActiveQuestion = LeadInQuestion | OpenQuestion | PausedQuestion;
export type Question = ActiveQuestion | ClosedQuestion;

/**
 * One remembered command as text, `<commandId> <fingerprint> <version in base 36> <actor>`: as JSON fields, 32 of them
 * with the longest ids would not fit into the state.
 */
export type RememberedCommand = string & { readonly __unit: 'RememberedCommand' };

/**
 * Everything about a room that its clock depends on, as one bounded value (4 KiB of JSON at most). Players, answers,
 * content and presence are kept beside it.
 */
export interface RoomState {
  /** Format of this value; code reads its own format and the one before. */
  readonly format: 1;
  readonly roomId: string;
  readonly pin: string;
  readonly version: Version;
  readonly createdAt: EpochMs;
  /** How long the room may be without anybody connected and without an active question. */
  readonly idleMs: DurationMs;
  /** Since when no question has been active. */
  readonly idleSinceAt: EpochMs;
  /** Until this instant at least one closed run is not settled; the room does not end before it. */
  readonly unsettledUntilAt: EpochMs;
  /** The current question, or the last one. */
  readonly question: Question | null;
  readonly closed: { readonly at: EpochMs; readonly reason: RoomCloseReason } | null;
  /** When the room was last told again because the store may have lost writes; absent: never. */
  readonly retoldAt?: EpochMs;
  /** The newest commands that carried an id, newest last, at most `MAX_COMMANDS_REMEMBERED`. */
  readonly commands: readonly RememberedCommand[];
}

/** Format number of `RoomState`. */
export const ROOM_STATE_FORMAT = 1;

/** Bounds the state's size; an answer in flight is at most 1 s old, so older pauses only matter by their sum. */
export const MAX_PAUSES_KEPT = 8;

/** A new room at `now`, with nothing started. */
export function newRoom(room: {
  readonly roomId: string;
  readonly pin: string;
  readonly idleMs: DurationMs;
  readonly now: EpochMs;
}): RoomState {
  const { roomId, pin, idleMs, now } = room;
  return {
    format: ROOM_STATE_FORMAT,
    roomId,
    pin,
    version: now as number as Version,
    createdAt: now,
    idleMs,
    idleSinceAt: now,
    unsettledUntilAt: now,
    question: null,
    closed: null,
    commands: [],
  };
}

/** The phase of a room's current question. */
export const phaseOf = (state: RoomState): Phase => state.question?.phase ?? 'idle';

/** True while a question's run is live: from its start to its closing. */
export const isActive = (question: Question | null): question is ActiveQuestion =>
  question !== null && question.phase !== 'closed';

import type { CloseReason, Phase, RoomState } from './room.state.js';
import { between, type DurationMs, durationMs, type EpochMs, type RunId, type Version } from './units.js';

/**
 * What a client is told of a room, without what depends on the instant of telling: `remaining` is a length that stands
 * still, null, or `counting`, which means `max(0, endsAt - serverNow)` at the instant of sending.
 */
export interface SnapshotView {
  readonly roomId: string;
  readonly questionId: string | null;
  readonly runId: RunId | null;
  readonly version: Version;
  readonly phase: Phase;
  readonly opensAt: EpochMs | null;
  readonly endsAt: EpochMs | null;
  readonly durationMs: DurationMs | null;
  readonly graceMs: DurationMs | null;
  readonly tickMs: DurationMs | null;
  /** Whether a player may still change an answer; absent: the first one stands. */
  readonly mayChangeAnswer?: true;
  readonly reason?: CloseReason;
  readonly closedAt?: EpochMs;
  readonly remaining: DurationMs | null | 'counting';
}

/** The wire's snapshot (design section 5), without `content`, which is kept beside the state. */
export interface Snapshot extends Omit<SnapshotView, 'remaining'> {
  readonly remainingMs: DurationMs | null;
  readonly serverNow: EpochMs;
}

/** The view of a state that has been advanced. */
export function viewOf(state: RoomState): SnapshotView {
  const { roomId, version, question } = state;
  if (question === null) {
    const nothing = {
      questionId: null,
      runId: null,
      opensAt: null,
      endsAt: null,
      durationMs: null,
      graceMs: null,
    };
    return { roomId, version, phase: 'idle', ...nothing, tickMs: null, remaining: null };
  }
  const { questionId, runId, phase, opensAt, graceMs, tickMs } = question;
  const common = {
    roomId,
    questionId,
    runId,
    version,
    phase,
    opensAt,
    durationMs: question.durationMs,
    graceMs,
    tickMs,
    ...(question.mayChangeAnswer === undefined ? {} : { mayChangeAnswer: question.mayChangeAnswer }),
  };
  switch (question.phase) {
    case 'lead-in':
      return { ...common, endsAt: question.endsAt, remaining: question.durationMs };
    case 'open':
      return { ...common, endsAt: question.endsAt, remaining: 'counting' };
    case 'paused':
      return { ...common, endsAt: null, remaining: question.remainingMs };
    case 'closed': {
      const { endsAt, closedAt, reason } = question;
      return { ...common, endsAt, reason, closedAt, remaining: question.remainingMs };
    }
    default:
      return question satisfies never;
  }
}

/** A view as it is told at the instant `now`. */
export function tellView(view: SnapshotView, now: EpochMs): Snapshot {
  const { remaining, ...fields } = view;
  const remainingMs =
    remaining === 'counting' && view.endsAt !== null
      ? durationMs(Math.max(0, between(now, view.endsAt)))
      : (remaining as DurationMs | null);
  return { ...fields, remainingMs, serverNow: now };
}

/** The snapshot of a state at `now`. The state must have been advanced to `now`. */
export const snapshotOf = (state: RoomState, now: EpochMs): Snapshot => tellView(viewOf(state), now);

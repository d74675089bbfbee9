import type { CommitRequest } from '#libs/room';
import {
  after,
  type EpochMs,
  epochMs,
  isActive,
  nextAt,
  nextTickAt,
  type RoomState,
  type RunId,
} from '#libs/timer-core';
import type { Ticking } from './tick.cells.js';

/**
 * How long before its instant an opening or expiry is made ready (ms): long enough for ten thousand rooms of one instant
 * in small slices, short enough that few are made ready in vain and that little text waits.
 */
const PREPARE_AHEAD_MS = 500;

/** What a shard's owner means to do for one room, all of it derived from the room's state. */
export class RoomPlan implements Ticking {
  /** The next tick; null when none is left or the question is not open. */
  tickAt: EpochMs | null = null;
  queuedTickAt: EpochMs | null = null;
  /** True while a call that writes or publishes for the room is under way: a room has at most one. */
  isBusy = false;
  /** Not fired before this instant: how long a refused commit is waited with. */
  retryAt: EpochMs = epochMs(0);
  /** What will be committed at `dueAt`, made ready shortly before it; null when it was not. Rests on `state`. */
  prepared: CommitRequest | null = null;
  /** How often in a row a commit came after its window. */
  lateRefusals = 0;
  /** The last run of which it is known that its outcome is fixed. */
  settledRunId: RunId | null = null;

  constructor(
    public state: RoomState,
    now: EpochMs,
  ) {
    this.planTick(now);
  }

  /** When time alone changes the room next; null when it never does. */
  dueAt(): EpochMs | null {
    return nextAt(this.state);
  }

  /** From when on what is due next is made ready; null when it is already, or when it is no opening and no expiry. */
  prepareAt(): EpochMs | null {
    const dueAt = this.dueAt();
    if (dueAt === null || this.prepared !== null || !isActive(this.state.question)) return null;
    return after(dueAt, -PREPARE_AHEAD_MS);
  }

  /** Follows another state of the room. */
  follow(state: RoomState, now: EpochMs): void {
    this.state = state;
    this.retryAt = epochMs(0);
    this.lateRefusals = 0;
    this.prepared = null;
    this.planTick(now);
  }

  /** Plans the first tick after the instant. From an intended instant, not from the time of sending: ticks do not drift. */
  planTick(afterAt: EpochMs): void {
    const { question } = this.state;
    this.tickAt = question?.phase === 'open' ? nextTickAt(question, afterAt) : null;
  }
}

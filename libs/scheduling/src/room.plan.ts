import { type EpochMs, epochMs, nextAt, nextTickAt, type RoomState, type RunId } from '#libs/timer-core';

/** What a shard's owner means to do for one room, all of it derived from the room's state. */
export class RoomPlan {
  /** The next tick; null when none is left or the question is not open. */
  tickAt: EpochMs | null = null;
  /** True while a call that writes or publishes for the room is under way: a room has at most one. */
  isBusy = false;
  /** Not fired before this instant: how long a refused commit is waited with. */
  retryAt: EpochMs = epochMs(0);
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

  /** Follows another state of the room. */
  follow(state: RoomState, now: EpochMs): void {
    this.state = state;
    this.retryAt = epochMs(0);
    this.lateRefusals = 0;
    this.planTick(now);
  }

  /** Plans the first tick after the instant. From an intended instant, not from the time of sending: ticks do not drift. */
  planTick(afterAt: EpochMs): void {
    const { question } = this.state;
    this.tickAt = question?.phase === 'open' ? nextTickAt(question, afterAt) : null;
  }
}

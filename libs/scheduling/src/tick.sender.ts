import type { TickResult } from '#libs/room';
import { type EpochMs, epochMs, isTickTooLate, type OpenQuestion, type RoomState } from '#libs/timer-core';
import type { RoomPlan } from './room.plan.js';
import type { ShardContext } from './shard.context.js';

type UnsentTick = Extract<TickResult, { sent: false }>;

interface DueTick {
  readonly plan: RoomPlan;
  readonly question: OpenQuestion;
  readonly state: RoomState;
  /** The instant that was planned, from which the next one is counted. */
  readonly tickAt: EpochMs;
}

/** Sends the ticks of open questions. Ticks are volatile: each is sent at most once, and skipped rather than queued. */
export class TickSender {
  constructor(private readonly shard: ShardContext) {}

  async send(roomIds: readonly string[]): Promise<void> {
    const now = this.shard.now();
    const due: DueTick[] = [];
    for (const roomId of roomIds) {
      const tick = this.dueTick(roomId, now);
      if (tick !== null) due.push(tick);
    }
    if (due.length === 0) return;
    for (const { plan } of due) plan.isBusy = true;
    try {
      const results = await this.shard.store.tickMany(this.shard.fence, due);
      if (!this.shard.isLive()) return;
      const { report } = this.shard;
      let sent = 0;
      for (const [i, tick] of due.entries()) {
        const result = results[i];
        if (result?.sent) {
          sent += 1;
          report.ticked(result.now - tick.tickAt, tick.state);
        } else if (result !== undefined && this.shard.isLive()) this.notSent(tick, result);
      }
      report.ticksSent(sent);
    } catch (error) {
      // It is unknown which were published, so none is sent again.
      if (this.shard.isLive()) for (const { state } of due) this.shard.report.ticksSkipped(1, state.roomId);
      throw error;
    } finally {
      for (const tick of due) this.planNext(tick);
    }
  }

  /** The room's tick if it is to be sent now; otherwise the room is planned on. */
  private dueTick(roomId: string, now: EpochMs): DueTick | null {
    const plan = this.shard.plan.room(roomId);
    if (plan === undefined || plan.isBusy) return null;
    const { state, tickAt } = plan;
    const { question } = state;
    if (tickAt !== null && question?.phase === 'open' && tickAt <= now) {
      if (now < question.endsAt && !isTickTooLate(tickAt, now, question.tickMs)) {
        return { plan, question, state, tickAt };
      }
      this.skip(plan, question, tickAt, now);
    }
    this.shard.plan.enqueue(plan);
    return null;
  }

  /** Goes on with the first tick that is not too late, in one step however long this process stood still. */
  private skip(plan: RoomPlan, { endsAt, tickMs }: OpenQuestion, tickAt: EpochMs, now: EpochMs): void {
    const { roomId } = plan.state;
    if (now >= endsAt) plan.tickAt = null;
    else plan.planTick(epochMs(Math.max(tickAt, Math.ceil(now - tickMs / 2) - 1)));
    const skipped = Math.round(((plan.tickAt ?? endsAt) - tickAt) / tickMs);
    this.shard.report.ticksSkipped(skipped, roomId);
  }

  private notSent({ state }: DueTick, result: UnsentTick): void {
    const { roomId, version } = state;
    if (result.why === 'fence') {
      this.shard.fenced();
    } else if (result.current === null) {
      this.shard.plan.drop(roomId);
    } else if (result.current.state.version !== version) {
      // With the same version the deadline came first: the tick was left out, and the plan is right.
      this.shard.report.stalePlan(roomId);
      this.shard.plan.follow(result.current.state, this.shard.now(), version);
    }
  }

  private planNext({ plan, state, tickAt }: DueTick): void {
    plan.isBusy = false;
    if (plan.state === state) plan.planTick(tickAt);
    const dueAt = plan.dueAt();
    // A deadline that came meanwhile found the room busy and was left to this.
    if (plan.state === state && dueAt !== null && this.shard.now() < dueAt) this.shard.plan.enqueueTick(plan);
    else this.shard.plan.enqueue(plan);
  }
}

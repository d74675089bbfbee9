import { type CommitRequest, type CommitResult, DECISION_HOLDS_MS } from '#libs/room';
import {
  after,
  type Change,
  decideDue,
  type EpochMs,
  isActive,
  notAfterAt,
  type RoomEvent,
} from '#libs/timer-core';
import type { RoomPlan } from './room.plan.js';
import type { FiredKind } from './scheduler.options.js';
import type { ShardContext } from './shard.context.js';

/** What is to be committed for a room. */
interface Decided {
  readonly plan: RoomPlan;
  readonly request: CommitRequest;
}

/** A commit that came too late is decided anew at once, and from the second time on after a pause that doubles (ms). */
const FIRST_LATE_PAUSE_MS = 10;
const LONGEST_LATE_PAUSE_MS = 1_000;

const KIND_OF_EVENT: Partial<Record<RoomEvent['type'], FiredKind>> = {
  'question:opened': 'opened',
  'question:closed': 'closed',
  'room:closed': 'ended',
};

/** Commits what time alone changed: openings, expiries, and the ends of idle rooms. */
export class DueCommitter {
  constructor(private readonly shard: ShardContext) {}

  /**
   * Makes ready what will be due shortly, decided for its very instant (a change by time is the same whenever it is
   * decided), so that at the instant it has only to be sent. Plans that change meanwhile forget it.
   */
  prepare(roomIds: readonly string[]): void {
    const { plan: plans, store, fence } = this.shard;
    const now = this.shard.now();
    for (const roomId of roomIds) {
      const plan = plans.room(roomId);
      const dueAt = plan?.dueAt() ?? null;
      const prepareAt = plan?.prepareAt() ?? null;
      // What has moved away meanwhile is planned again by that; what has passed is decided when it is fired.
      if (plan === undefined || dueAt === null || prepareAt === null || prepareAt > now || dueAt <= now)
        continue;
      const request = this.decide(plan, dueAt, dueAt);
      if (request === null) continue;
      store.prepare(fence, request);
      plan.prepared = request;
    }
  }

  /** Opens and closes questions that are due. */
  async fire(roomIds: readonly string[]): Promise<void> {
    const now = this.shard.now();
    const plans = this.freePlans(roomIds, (plan) => isActive(plan.state.question));
    await this.whileBusy(plans, () =>
      // "Occupied now" keeps the idle end out of the commit that closes a question: its run has to be settled first.
      this.commit(plans, (plan) => preparedAt(plan, now) ?? this.decide(plan, now, now)),
    );
  }

  /** Ends idle rooms, or moves their end when somebody has been connected; after the last run was settled. */
  async endIdle(roomIds: readonly string[]): Promise<void> {
    // A room that waits is planned again when its run is settled.
    const plans = this.freePlans(roomIds, (plan) => !isActive(plan.state.question)).filter(
      (plan) => !this.shard.plan.awaitsSettling(plan),
    );
    await this.whileBusy(plans, async () => {
      const occupied = await Promise.all(plans.map(({ state }) => this.shard.store.occupiedAt(state.roomId)));
      const now = this.shard.now();
      await this.commit(plans, (plan, i) => {
        // Meanwhile a question may have been started.
        const occupiedAt = isActive(plan.state.question) ? undefined : occupied[i];
        return occupiedAt === undefined ? null : this.decide(plan, now, occupiedAt);
      });
    });
  }

  /** The rooms that have no call under way (the others are planned again at the end of theirs) and belong here. */
  private freePlans(roomIds: readonly string[], belongs: (plan: RoomPlan) => boolean): RoomPlan[] {
    return roomIds.flatMap((roomId) => {
      const plan = this.shard.plan.room(roomId);
      if (plan === undefined || plan.isBusy) return [];
      if (belongs(plan)) return [plan];
      // It has changed since it was taken from the queue.
      this.shard.plan.enqueue(plan);
      return [];
    });
  }

  private async whileBusy(plans: readonly RoomPlan[], work: () => Promise<void>): Promise<void> {
    for (const plan of plans) plan.isBusy = true;
    try {
      await work();
    } finally {
      for (const plan of plans) {
        plan.isBusy = false;
        this.shard.plan.enqueue(plan);
      }
    }
  }

  private decide(plan: RoomPlan, now: EpochMs, occupiedAt: EpochMs): CommitRequest | null {
    const { state } = plan;
    if (plan.retryAt > now) return null;
    try {
      const change = decideDue(state, now, occupiedAt);
      if (change === null) return null;
      const holdsUntil = notAfterAt(change.state, change.state, now, DECISION_HOLDS_MS);
      return { change, expected: state.version, notAfterAt: holdsUntil };
    } catch (error) {
      // A bug, or a state that should not exist: it must not keep the others of its chunk from their deadlines.
      this.shard.report.undecidable(state.roomId, error);
      this.shard.plan.giveUp(state.roomId);
      return null;
    }
  }

  private async commit(
    plans: readonly RoomPlan[],
    decide: (plan: RoomPlan, index: number) => CommitRequest | null,
  ): Promise<void> {
    const { store, fence } = this.shard;
    const decided: Decided[] = [];
    for (const [i, plan] of plans.entries()) {
      const request = decide(plan, i);
      if (request !== null) decided.push({ plan, request });
    }
    if (decided.length === 0 || !this.shard.isLive()) return;
    const results = await store.commitMany(
      fence,
      decided.map(({ request }) => request),
    );
    for (const [i, decision] of decided.entries()) {
      const result = results[i];
      if (this.shard.isLive() && result !== undefined) this.apply(decision, result);
    }
  }

  private apply({ plan, request }: Decided, result: CommitResult): void {
    const { change, expected } = request;
    const { roomId } = change.state;
    if (result.committed) {
      this.applyDone(change, result.now);
    } else if (result.why === 'fence') {
      this.shard.fenced();
    } else if (result.why === 'gone' || result.current === null) {
      this.shard.plan.drop(roomId);
    } else {
      this.shard.plan.follow(result.current.state, this.shard.now(), expected);
      if (result.why === 'version') this.shard.report.stalePlan(roomId);
      else if (plan.state.version === expected) this.waitForWindow(plan, change, result.now);
    }
  }

  private applyDone(change: Change, committedAt: EpochMs): void {
    const { state, events, runs, notBeforeAt } = change;
    for (const { runId, settlesAt } of runs) {
      if (settlesAt !== null) this.shard.plan.planRun({ roomId: state.roomId, runId }, settlesAt);
    }
    this.shard.plan.follow(state, this.shard.now());
    const last = events.at(-1);
    const kind = last === undefined ? undefined : KIND_OF_EVENT[last.type];
    if (kind !== undefined && notBeforeAt !== null) {
      this.shard.report.fired(committedAt - notBeforeAt, kind, state);
    }
  }

  /** The store's clock decides: too early waits for what is missing by it, too late is decided anew. */
  private waitForWindow(plan: RoomPlan, { notBeforeAt, state }: Change, storeNow: EpochMs): void {
    const now = this.shard.now();
    if (notBeforeAt !== null && storeNow < notBeforeAt) {
      plan.retryAt = after(now, notBeforeAt - storeNow);
      this.shard.report.outsideWindow('early', state.roomId);
      return;
    }
    const pauseMs = Math.min(FIRST_LATE_PAUSE_MS * 2 ** (plan.lateRefusals - 1), LONGEST_LATE_PAUSE_MS);
    plan.retryAt = plan.lateRefusals === 0 ? now : after(now, pauseMs);
    plan.lateRefusals += 1;
    plan.prepared = null;
    this.shard.report.outsideWindow('late', state.roomId);
  }
}

/** What was made ready for the room, if it may be committed at `now`. */
function preparedAt({ prepared, retryAt }: RoomPlan, now: EpochMs): CommitRequest | null {
  if (prepared === null || now < retryAt || now < (prepared.change.notBeforeAt ?? 0)) return null;
  return now < prepared.notAfterAt ? prepared : null;
}

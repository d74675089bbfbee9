import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Fence, ShardPast } from '#libs/room';
import type { Phase } from '#libs/timer-core';
import { ArmedTimer } from './armed.timer.js';
import { CallTracker } from './call.tracker.js';
import type { SchedulerOptions } from './scheduler.options.js';
import { SchedulerReport } from './scheduler.report.js';
import { ShardAudit } from './shard.audit.js';
import type { ShardContext } from './shard.context.js';
import { type ShardGrant, ShardOwner } from './shard.owner.js';
import { ShardPlan } from './shard.plan.js';

/** A timer that is later than this means that the process stood still, and what it knows may be old (ms). */
const STALL_MS = 1_000;

/** How long a stop waits for calls under way (ms). */
const STOP_WITHIN_MS = 2_000;

/** Members see each other come and go within a second; more often would be noise on their screens (ms). */
const PRESENCE_EVERY_MS = 1_000;

/** An audit reads every state once: a small part of what the ticks cost at this interval (ms). */
const AUDIT_EVERY_MS = 60_000;

interface OwnedShard {
  readonly owner: ShardOwner;
  readonly audit: ShardAudit;
  isLive: boolean;
}

/**
 * The owner of shards: fires what time changes, sends ticks, settles runs and tells of members and answers, for every shard
 * that the ownership grants and as long as it does. One timer for the earliest instant of all shards. Nothing it holds is the truth: it may be
 * killed at any moment, and whoever is granted the shard next goes on from what the store has.
 */
export class Scheduler {
  private readonly owned = new Map<number, OwnedShard>();
  private readonly calls = new CallTracker();
  private readonly report: SchedulerReport;
  private readonly timer = new ArmedTimer((lateByMs) => this.wake(lateByMs));
  private isStopping = false;

  constructor(private readonly options: SchedulerOptions) {
    this.report = new SchedulerReport(options);
  }

  /** Starts taking shards. Does not wait until it has any. */
  async start(): Promise<void> {
    this.options.metrics?.observeRooms(() => this.roomsByPhase());
    await this.options.ownership.start({
      granted: (fence, past) => this.granted(fence, past),
      revoked: (shard) => this.revoked(shard),
      changed: (shard, roomId, version) => this.owned.get(shard)?.owner.changed(roomId, version),
    });
  }

  /** Begins nothing more, lets calls under way end (2 s at most), then gives every shard back. Never rejects. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.timer.disarm();
    for (const { owner, audit } of this.owned.values()) {
      owner.close();
      audit.stop();
    }
    if (!(await this.calls.whenNone(STOP_WITHIN_MS))) this.report.unstopped('Stopped with calls under way');
    try {
      await this.options.ownership.stop();
    } catch (error) {
      this.report.unstopped('The shards could not be given back; their leases will run out', error);
    }
    for (const shard of [...this.owned.keys()]) this.drop(shard);
  }

  /** Rooms of the shards that are owned; those of a shard that was just granted may still be unknown. */
  private roomsByPhase(): Record<Phase, number> {
    const byPhase = { idle: 0, 'lead-in': 0, open: 0, paused: 0, closed: 0 };
    for (const { owner } of this.owned.values()) owner.countRooms(byPhase);
    return byPhase;
  }

  private granted(fence: Fence, past: ShardPast): void {
    if (this.isStopping) return;
    this.drop(fence.shard);
    this.take(fence, { isProbing: false, past });
    this.report.granted(fence.shard, fence.epoch, this.owned.size);
  }

  private revoked(shard: number): void {
    if (this.drop(shard)) this.report.revoked(shard, this.owned.size);
  }

  /**
   * The store refused the lease, so the plan is worth nothing. The ownership may still hold the shard: it renews a lease
   * that ran out unnoticed under the same epoch. So the owner waits until it is accepted, or until it is revoked.
   */
  private fenced(fence: Fence, past: ShardPast): void {
    this.report.fenced(fence.shard);
    this.drop(fence.shard);
    if (!this.isStopping) this.take(fence, { isProbing: true, past });
  }

  private take(fence: Fence, grant: ShardGrant): void {
    const { store, presence, outcomes, clock, presenceEveryMs = PRESENCE_EVERY_MS } = this.options;
    const { shard } = fence;
    const context: ShardContext = {
      fence,
      store,
      presence,
      outcomes,
      report: this.report,
      plan: new ShardPlan(grant.past.vacantSinceAt, (roomId) => this.report.wentBack(roomId)),
      now: () => clock.now(shard),
      isLive: () => owned.isLive,
      heard: (changes) => this.options.ownership.heard(shard, changes),
      fenced: () => {
        // Until now it was ours: what was due before, we have done.
        const past = { vacantSinceAt: clock.now(shard), storeRun: owned.owner.unconfirmedRun };
        if (owned.isLive) this.fenced(fence, past);
      },
    };
    const owned: OwnedShard = {
      isLive: true,
      owner: new ShardOwner(context, this.calls, () => this.arm(), presenceEveryMs),
      audit: new ShardAudit(context, this.calls, this.options.auditEveryMs ?? AUDIT_EVERY_MS),
    };
    this.owned.set(shard, owned);
    owned.owner.begin(grant);
    owned.audit.start();
  }

  private drop(shard: number): boolean {
    const owned = this.owned.get(shard);
    if (owned === undefined) return false;
    owned.isLive = false;
    owned.owner.close();
    owned.audit.stop();
    return this.owned.delete(shard);
  }

  private arm(): void {
    if (this.isStopping) return;
    let earliestInMs = Number.POSITIVE_INFINITY;
    for (const { owner } of this.owned.values()) {
      earliestInMs = Math.min(earliestInMs, owner.headInMs() ?? earliestInMs);
    }
    if (earliestInMs < Number.POSITIVE_INFINITY) this.timer.arm(earliestInMs);
  }

  /** Deadlines of all shards go out before the first tick. */
  private async pump(owners: readonly ShardOwner[]): Promise<void> {
    for (const owner of owners) {
      // Between two shards the network has its turn: the store begins with the first while the next is put together.
      if (owner.pumpFires()) await nextTurn();
    }
    for (const owner of owners) owner.pumpRest();
  }

  private wake(lateByMs: number): void {
    const owners = [...this.owned.values()].map(({ owner }) => owner);
    for (const owner of owners) owner.takeDue();
    void this.pump(owners);
    if (lateByMs > STALL_MS) {
      this.report.stalled(lateByMs);
      for (const owner of owners) owner.look();
    }
    this.arm();
  }
}

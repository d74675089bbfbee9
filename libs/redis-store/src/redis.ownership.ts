import type { Fence, HeardChanges, Ownership, OwnershipListener, ShardPast } from '#libs/room';
import { type ChangeCount, ChangeReader } from './change.reader.js';
import type { ClockStep } from './redis.shard.clock.js';
import type { KeySpace } from './room.keys.js';
import { SchedulerRoster } from './scheduler.roster.js';
import type { RedisClient, ScriptRunner } from './script.definition.js';
import { correctClockScript, leaseScript, releaseScript } from './store.scripts.js';

/** Length of a lease, how often it is renewed, and how often a standby looks (ms). */
export const LEASE_MS = 1_200;
const RENEW_MS = 300;
const LOOK_MS = 200;

/** Epoch of somebody who holds no lease. */
const NO_EPOCH = 0;

interface HeldShard {
  readonly fence: Fence;
  readonly reader: ChangeReader;
  /** The run of Redis that the shard does not know yet, if so. */
  readonly unknownRun: string | undefined;
  /** Ends the ownership with the lease, however long an unanswered renewal keeps waiting. */
  expiry: NodeJS.Timeout;
}

export interface RedisOwnershipOptions {
  readonly ownerId: string;
  /** Opens a connection for blocking reads of one shard's stream. */
  readonly openReader: (changes: string) => RedisClient;
  /** Opens a connection for subscribing. */
  readonly openSubscriber: () => RedisClient;
  readonly onError: (error: unknown) => void;
}

/**
 * Takes free shards up to the fair share, renews their leases and follows their changes. What is above the share is given
 * back, one script each, and the scheduler that is below its own takes it at once. When a lease could not be renewed in
 * time it stops acting by itself; Redis refuses it anyway from then on.
 */
export class RedisOwnership implements Ownership {
  private readonly held = new Map<number, HeldShard>();
  private listener: OwnershipListener | undefined;
  private readonly timers = new Map<number, NodeJS.Timeout>();
  /** The looks and renewals under way. */
  private readonly tending = new Set<Promise<void>>();
  /** The epoch that each shard was last held under: as long as no other followed it may be taken again at once. */
  private readonly epochs = new Map<number, number>();
  private readonly roster: SchedulerRoster;
  /** Shards that are being asked for, so that several at once do not go beyond the share. */
  private readonly asking = new Set<number>();
  private stopped = false;

  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: KeySpace,
    private readonly options: RedisOwnershipOptions,
  ) {
    this.roster = new SchedulerRoster(scripts, keys, {
      ...options,
      changed: () => this.giveBackSurplus(),
      holdsAny: () => this.held.size > 0,
      released: (shard) => this.tendNow(shard),
    });
  }

  async start(listener: OwnershipListener): Promise<void> {
    this.listener = listener;
    await this.roster.start();
    await Promise.all([this.roster.whenListening(), ...this.shards().map((shard) => this.tend(shard))]);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    // First the shares of the others grow, then the shards are free.
    await this.roster.stop();
    await Promise.all([...this.held.keys()].map((shard) => this.giveBack(shard)));
    await Promise.all(this.tending);
  }

  /**
   * Takes a jump of Redis' time out of the clock of a shard that is ours.
   *
   * @returns false when it is not ours, or somebody was faster
   */
  async correctClock({ shard, jumpMs, correction }: ClockStep): Promise<boolean> {
    const lease = this.held.get(shard)?.fence;
    if (lease === undefined) return false;
    const { owner } = this.keys.shard(shard);
    const corrected = Number(correction) - jumpMs;
    return this.scripts.run(correctClockScript, { owner, lease, seen: correction, correction: corrected });
  }

  heard(shard: number, changes: string): HeardChanges {
    return this.held.get(shard)?.reader.heard(JSON.parse(changes) as ChangeCount) ?? 'unknown';
  }

  /** Whether it holds a shard, or could: it is known to the others and asks for what is free. */
  get isOwningOrStandby(): boolean {
    return !this.stopped && (this.held.size > 0 || this.roster.isSeen);
  }

  /** Others have come: what is above the share is theirs. */
  private giveBackSurplus(): void {
    const surplus = [...this.held.keys()].slice(this.roster.share);
    for (const shard of surplus) void this.track(this.giveBack(shard));
  }

  private async giveBack(shard: number): Promise<void> {
    const held = this.held.get(shard);
    if (held === undefined) return;
    this.drop(shard);
    await this.release(held.fence);
  }

  private async release(lease: Fence): Promise<void> {
    const { shard } = lease;
    const { owner } = this.keys.shard(shard);
    const channel = this.keys.releasedShards;
    await this.scripts.run(releaseScript, { owner, lease, channel, shard }).catch(this.options.onError);
  }

  /** Renews or tries to take the shard, and comes back to it in time. */
  private async tend(shard: number): Promise<void> {
    clearTimeout(this.timers.get(shard));
    if (!this.asking.has(shard) && this.mayAsk(shard)) {
      this.asking.add(shard);
      await this.track(this.renewOrTake(shard));
      this.asking.delete(shard);
    }
    if (this.stopped) return;
    clearTimeout(this.timers.get(shard));
    this.timers.set(
      shard,
      setTimeout(() => void this.tend(shard), this.held.has(shard) ? RENEW_MS : LOOK_MS),
    );
  }

  private tendNow(shard: number): void {
    if (!this.stopped && !this.held.has(shard)) void this.tend(shard);
  }

  private mayAsk(shard: number): boolean {
    if (this.held.has(shard)) return true;
    const wanted = [...this.asking].filter((other) => !this.held.has(other)).length;
    return this.held.size + wanted < this.roster.share;
  }

  /** Never rejects. */
  private async track(work: Promise<void>): Promise<void> {
    const tracked = work.catch(this.options.onError);
    this.tending.add(tracked);
    await tracked;
    this.tending.delete(tracked);
  }

  private async renewOrTake(shard: number): Promise<void> {
    const ownerId = this.options.ownerId;
    const sentAt = performance.now();
    const reply = await this.scripts.run(leaseScript, {
      owner: this.keys.shard(shard).owner,
      lease: { ownerId, epoch: this.epochs.get(shard) ?? NO_EPOCH },
      leaseMs: LEASE_MS,
    });
    const fence: Fence = { shard, epoch: reply.epoch, ownerId };
    if (this.stopped) {
      // Asked for before the stop: nobody would use it, and standbys would wait for its end.
      if (reply.held) await this.release(fence);
      return;
    }
    const held = this.held.get(shard);
    // Another run of Redis under the same lease: the shard begins anew, because writes may have been lost.
    const isOther = reply.epoch !== held?.fence.epoch || isAnotherRun(held.unknownRun, reply.unknownRun);
    if (held !== undefined && (!reply.held || isOther)) this.drop(shard);
    if (!reply.held) return;
    this.epochs.set(shard, reply.epoch);
    // Counted on the monotonic clock, from before the renewal was sent.
    const leftMs = sentAt + LEASE_MS - performance.now();
    // Answered too late: the lease that it speaks of is over.
    if (leftMs <= 0) return;
    const expiry = setTimeout(() => this.drop(shard), leftMs);
    const still = this.held.get(shard);
    if (still === undefined)
      return this.take(fence, expiry, { storeRun: reply.unknownRun, vacantSinceAt: reply.heldBeforeUntilAt });
    clearTimeout(still.expiry);
    still.expiry = expiry;
  }

  private take(fence: Fence, expiry: NodeJS.Timeout, past: ShardPast): void {
    const { shard } = fence;
    const { changes } = this.keys.shard(shard);
    const reader = new ChangeReader(
      () => this.options.openReader(changes),
      changes,
      (roomId, version) => this.listener?.changed(shard, roomId, version),
      this.options.onError,
    );
    this.held.set(shard, { fence, reader, expiry, unknownRun: past.storeRun });
    void this.begin(fence, reader, past);
  }

  /** Acts for the shard once its changes are followed; renewals do not wait for it. */
  private async begin(fence: Fence, reader: ChangeReader, past: ShardPast): Promise<void> {
    try {
      await reader.start();
      if (this.held.get(fence.shard)?.reader === reader) this.listener?.granted(fence, past);
    } catch (error) {
      this.options.onError(error);
      if (this.held.get(fence.shard)?.reader === reader) this.drop(fence.shard);
    }
  }

  private drop(shard: number): void {
    const held = this.held.get(shard);
    if (held === undefined) return;
    clearTimeout(held.expiry);
    this.held.delete(shard);
    this.listener?.revoked(shard);
    held.reader.stop();
  }

  private shards(): number[] {
    return Array.from({ length: this.keys.shards }, (_, shard) => shard);
  }
}

/** Until the run is confirmed, each renewal tells it again. */
const isAnotherRun = (known: string | undefined, told: string | undefined): boolean =>
  told !== undefined && told !== known;

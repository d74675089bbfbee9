import type { Fence, Ownership, OwnershipListener } from '#libs/room';
import { ChangeReader } from './change.reader.js';
import type { KeySpace } from './room.keys.js';
import type { RedisClient, ScriptRunner } from './script.definition.js';
import { leaseScript, releaseScript } from './store.scripts.js';

/** Length of a lease, how often it is renewed, and how often a standby looks (ms). */
export const LEASE_MS = 1_200;
const RENEW_MS = 300;
const LOOK_MS = 200;

/** Epoch of somebody who holds no lease. */
const NO_EPOCH = 0;

interface HeldShard {
  readonly fence: Fence;
  readonly reader: ChangeReader;
  /** Ends the ownership with the lease, however long an unanswered renewal keeps waiting. */
  expiry: NodeJS.Timeout;
}

export interface RedisOwnershipOptions {
  readonly ownerId: string;
  /** Opens a connection for one shard's blocking reads. */
  readonly openReader: () => RedisClient;
  readonly onError: (error: unknown) => void;
}

/**
 * Takes every shard that nobody holds, renews its leases and follows the changes of its shards. When a lease could not be
 * renewed in time it stops acting by itself; Redis refuses it anyway from then on.
 */
export class RedisOwnership implements Ownership {
  private readonly held = new Map<number, HeldShard>();
  private listener: OwnershipListener | undefined;
  private readonly timers = new Map<number, NodeJS.Timeout>();
  /** The looks and renewals under way. */
  private readonly tending = new Set<Promise<void>>();
  /** The epoch that each shard was last held under: as long as no other followed it may be taken again at once. */
  private readonly epochs = new Map<number, number>();
  private stopped = false;

  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: KeySpace,
    private readonly options: RedisOwnershipOptions,
  ) {}

  async start(listener: OwnershipListener): Promise<void> {
    this.listener = listener;
    await Promise.all(this.shards().map((shard) => this.tend(shard)));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all(
      [...this.held].map(async ([shard, { fence }]) => {
        await this.drop(shard);
        await this.release(fence);
      }),
    );
    await Promise.all(this.tending);
  }

  private async release(lease: Fence): Promise<void> {
    const { owner } = this.keys.shard(lease.shard);
    await this.scripts.run(releaseScript, { owner, lease }).catch(this.options.onError);
  }

  /** Renews or tries to take the shard, and comes back to it in time. */
  private async tend(shard: number): Promise<void> {
    const work = this.renewOrTake(shard).catch(this.options.onError);
    this.tending.add(work);
    await work;
    this.tending.delete(work);
    if (this.stopped) return;
    this.timers.set(
      shard,
      setTimeout(() => void this.tend(shard), this.held.has(shard) ? RENEW_MS : LOOK_MS),
    );
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
    if (held !== undefined && (!reply.held || reply.epoch !== held.fence.epoch)) await this.drop(shard);
    if (!reply.held) return;
    this.epochs.set(shard, reply.epoch);
    // Counted on the monotonic clock, from before the renewal was sent.
    const leftMs = sentAt + LEASE_MS - performance.now();
    // Answered too late: the lease that it speaks of is over.
    if (leftMs <= 0) return;
    const expiry = setTimeout(() => void this.drop(shard), leftMs);
    const still = this.held.get(shard);
    if (still === undefined) return this.take(fence, expiry);
    clearTimeout(still.expiry);
    still.expiry = expiry;
  }

  private take(fence: Fence, expiry: NodeJS.Timeout): void {
    const { shard } = fence;
    const reader = new ChangeReader(
      this.options.openReader(),
      this.keys.shard(shard).changes,
      (roomId, version) => this.listener?.changed(shard, roomId, version),
      this.options.onError,
    );
    this.held.set(shard, { fence, reader, expiry });
    void this.begin(fence, reader);
  }

  /** Acts for the shard once its changes are followed; renewals do not wait for it. */
  private async begin(fence: Fence, reader: ChangeReader): Promise<void> {
    try {
      await reader.start();
      if (this.held.get(fence.shard)?.reader === reader) this.listener?.granted(fence);
    } catch (error) {
      this.options.onError(error);
      if (this.held.get(fence.shard)?.reader === reader) await this.drop(fence.shard);
    }
  }

  private async drop(shard: number): Promise<void> {
    const held = this.held.get(shard);
    if (held === undefined) return;
    clearTimeout(held.expiry);
    this.held.delete(shard);
    this.listener?.revoked(shard);
    await held.reader.stop();
  }

  private shards(): number[] {
    return Array.from({ length: this.keys.shards }, (_, shard) => shard);
  }
}

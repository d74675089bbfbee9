import type { ShardLease } from './shard.owners.js';

interface ShardWatch {
  /** Redis still named the old owner at this instant, so what was published before is not the new one's. */
  oldOwnerSeenAt: number;
  isTaken: boolean;
  /** The first instant at which the new owner published something. */
  spokeAt: number | undefined;
}

/**
 * Finds, for each shard that lost its owner, the first publication of the next one. Only owners publish ticks; whose a
 * tick is, the message does not say, so a shard's ticks count from the last instant at which Redis named the old owner.
 */
export class TakeoverWatch {
  private readonly shards = new Map<number, ShardWatch>();
  /** Instants of ticks since the start, by shard. */
  private readonly ticks = new Map<number, number[]>();

  /** @param victim the process that lost these shards; '' if nobody did, and any tick after `fromAt` counts */
  constructor(
    private readonly victim: string,
    shards: readonly number[],
    private readonly fromAt: number,
  ) {
    for (const shard of shards) {
      this.shards.set(shard, { oldOwnerSeenAt: fromAt, isTaken: victim === '', spokeAt: undefined });
    }
  }

  /** Redis was asked at `at`. */
  sawLeases(leases: readonly ShardLease[], at: number): void {
    for (const { shard, owner, until } of leases) {
      const watch = this.shards.get(shard);
      if (watch === undefined || watch.isTaken) continue;
      if (owner === this.victim) watch.oldOwnerSeenAt = at;
      else if (owner !== '' && until > at) watch.isTaken = true;
      this.decide(shard, watch);
    }
  }

  /** A tick was published at that instant. */
  ticked(shard: number, at: number): void {
    const watch = this.shards.get(shard);
    if (watch === undefined || watch.spokeAt !== undefined || at <= this.fromAt) return;
    const ticks = this.ticks.get(shard) ?? [];
    ticks.push(at);
    this.ticks.set(shard, ticks);
    this.decide(shard, watch);
  }

  /** The shards that nobody has spoken for yet. */
  silentShards(): number[] {
    return [...this.shards].filter(([, { spokeAt }]) => spokeAt === undefined).map(([shard]) => shard);
  }

  /** How long the shard that waited longest went without an owner's word; `undefined` if none was heard. */
  takeoverMs(): number | undefined {
    const spoken = [...this.shards.values()].flatMap(({ spokeAt }) =>
      spokeAt === undefined ? [] : [spokeAt],
    );
    return spoken.length === 0 ? undefined : Math.max(...spoken) - this.fromAt;
  }

  private decide(shard: number, watch: ShardWatch): void {
    if (!watch.isTaken || watch.spokeAt !== undefined) return;
    watch.spokeAt = this.ticks.get(shard)?.find((at) => at > watch.oldOwnerSeenAt);
  }
}

import type { Redis } from 'ioredis';
import type { KeySpace } from '#libs/redis-store';

/** Who holds a shard, as Redis said it at `at`. */
export interface ShardLease {
  readonly shard: number;
  readonly owner: string;
  readonly epoch: number;
  readonly until: number;
}

/** Reads all leases, and Redis' instant of reading them, in one go. */
export async function readLeases(
  redis: Redis,
  keys: KeySpace,
): Promise<{ at: number; leases: ShardLease[] }> {
  const pipeline = redis.pipeline().time();
  for (let shard = 0; shard < keys.shards; shard += 1) {
    pipeline.hmget(keys.shard(shard).owner, 'owner', 'epoch', 'until');
  }
  const replies = (await pipeline.exec()) ?? [];
  const [time, ...rows] = replies.map(([error, value]) => {
    if (error) throw error;
    return value;
  });
  const leases = rows.map((row, shard) => {
    const [owner, epoch, until] = row as (string | null)[];
    return { shard, owner: owner ?? '', epoch: Number(epoch ?? 0), until: Number(until ?? 0) };
  });
  return { at: instantOf(time), leases };
}

/** Redis' TIME in whole milliseconds. */
export function instantOf(time: unknown): number {
  const [seconds, micros] = time as [string | number, string | number];
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

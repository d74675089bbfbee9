import type { Redis } from 'ioredis';
import type { KeySpace } from '#libs/redis-store';
import { shardOfRoom } from '#libs/room';
import type { PromiseChecker } from './promise.checker.js';
import type { RecordSeen } from './room.book.js';

/** A due instant that passed so long ago is one that nobody fires (ms). */
const OVERDUE_MS = 500;

/** Looks at what Redis keeps: the records of runs, and the instants that are due. */
export class RedisAuditor {
  constructor(
    private readonly redis: Redis,
    private readonly keys: KeySpace,
    private readonly checker: PromiseChecker,
  ) {}

  /** Looks at all records that are to be looked at now. @throws Error if Redis does not answer */
  async lookAtRuns(now: number): Promise<void> {
    const runs = this.checker.runsToLookAt(now);
    if (runs.length === 0) return;
    const pipeline = this.redis.pipeline();
    for (const { roomId, runId } of runs) {
      const shard = shardOfRoom(roomId, this.keys.shards) ?? 0;
      pipeline.hmget(this.keys.room(roomId, shard).runs, `${runId}`, `${runId}:settledAt`);
    }
    const replies = (await pipeline.exec()) ?? [];
    for (const [index, run] of runs.entries()) {
      const [error, row] = replies[index] ?? [new Error('no reply'), undefined];
      if (error) throw error;
      const [text, settledAt] = row as (string | null)[];
      this.checker.looked(run, text == null ? undefined : seenOf(text, settledAt ?? null), now);
    }
  }

  /** How many instants are overdue over all shards. @throws Error if Redis does not answer */
  async overdue(now: number): Promise<number> {
    const pipeline = this.redis.pipeline();
    for (let shard = 0; shard < this.keys.shards; shard += 1) {
      pipeline.zcount(this.keys.shard(shard).due, '-inf', now - OVERDUE_MS);
    }
    const replies = (await pipeline.exec()) ?? [];
    return replies.reduce((sum, [error, count]) => {
      if (error) throw error;
      return sum + Number(count);
    }, 0);
  }
}

function seenOf(text: string, settledAt: string | null): RecordSeen {
  const { endsAt, closedAt, reason } = JSON.parse(text) as Omit<RecordSeen, 'text' | 'settledAt'>;
  return { endsAt, closedAt, reason, text, settledAt };
}

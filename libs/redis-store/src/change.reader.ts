import type { HeardChanges } from '#libs/room';
import type { Version } from '#libs/timer-core';
import type { RedisClient } from './script.definition.js';

/** How long one read waits for a change (ms), and how many changes it takes at most. */
const BLOCK_MS = 1_000;
const MAX_CHANGES = 1_000;
const RETRY_MS = 100;

async function changeCount(redis: RedisClient, key: string): Promise<ChangeCount> {
  try {
    const flat = (await redis.xinfo('STREAM', key)) as unknown[];
    const field = (name: string) => flat[flat.indexOf(name) + 1];
    return { added: Number(field('entries-added')), lastId: String(field('last-generated-id')) };
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return { added: 0, lastId: '0-0' };
    throw error;
  }
}

type StreamReply = [key: string, entries: [id: string, fields: string[]][]][] | null;

/** How far a stream of changes has come. */
export interface ChangeCount {
  /** How many were ever appended. */
  readonly added: number;
  /** '0-0' when there was none. */
  readonly lastId: string;
}

/**
 * Follows one shard's stream of changes from its present end on a connection of its own, which its blocking reads would
 * stop for everybody else. Losing changes costs nothing: the owner also asks what is due.
 */
export class ChangeReader {
  private position = '0-0';
  /** How many changes the stream had had with the one at the position, if none was lost. */
  private count = 0;
  private stopped = false;
  private redis: RedisClient | undefined;

  constructor(
    /** Opens a connection to whoever holds the stream; may throw. */
    private readonly open: () => RedisClient,
    private readonly key: string,
    private readonly changed: (roomId: string, version: Version) => void,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Notes the stream's end; from here on no change is missed. */
  async start(): Promise<void> {
    this.redis = this.open();
    const { added, lastId } = await changeCount(this.redis, this.key);
    this.position = lastId;
    this.count = added;
    void this.follow();
  }

  /** Whether every change up to there was told. When some were not, it counts from there on anew. */
  heard({ added, lastId }: ChangeCount): HeardChanges {
    if (this.position !== lastId) return 'unknown';
    // Deleted before they were read, or the stream is another one.
    const isComplete = this.count === added;
    this.count = added;
    return isComplete ? 'all' : 'not-all';
  }

  /** Tells nothing any more. Does not wait: a read under way may never be answered. */
  stop(): void {
    this.stopped = true;
    this.close();
  }

  private close(): void {
    const { redis } = this;
    this.redis = undefined;
    if (redis === undefined) return;
    const isBetweenTries = redis.status === 'reconnecting';
    redis.disconnect();
    // ioredis then tells nobody that the connection has ended, and settles none of its commands.
    if (isBetweenTries) redis.emit('end');
  }

  private async follow(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.readOnce();
      } catch (error) {
        if (this.stopped) return;
        this.onError(error);
        // The stream may be on another server by now.
        this.close();
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private async readOnce(): Promise<void> {
    const args = ['COUNT', MAX_CHANGES, 'BLOCK', BLOCK_MS, 'STREAMS', this.key, this.position] as const;
    this.redis ??= this.open();
    const reply = (await this.redis.xread(...args)) as StreamReply;
    if (this.stopped) return;
    for (const [id, fields] of reply?.[0]?.[1] ?? []) {
      this.position = id;
      this.count += 1;
      const [, roomId, , version] = fields;
      if (roomId !== undefined) this.changed(roomId, Number(version) as Version);
    }
  }
}

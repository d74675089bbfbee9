import { Redis } from 'ioredis';
import { RandomIds } from '#libs/ops';
import { EVENT_NAMESPACE, RedisBackend } from '#libs/redis-store';
import { RoomService, shardOfRoom } from '#libs/room';
import { decide, durationMs, epochMs } from '#libs/timer-core';
import type { DueRoom, ReceivedFrame } from './closing.observer.js';
import type { Arena } from './contestants/contestant.types.js';
import { removeKeys } from './process/redis.keys.js';
import { CannotRun } from './suite.types.js';

const SHARDS = 8;
const TIMEOUT_MS = 10_000;
const RETENTION_MS = 3_600_000;
/** Rooms that are created or started at the same time: as many as keep Redis busy. */
const AT_ONCE = 32;
const CLOCK_SAMPLES = 50;
/** Channels in one SSUBSCRIBE. */
const BATCH = 500;

/** One contest's rooms, and the measurer's connections. Every contestant is measured through the same. */
export class ContestArena implements Arena {
  readonly shards = SHARDS;
  readonly env: NodeJS.ProcessEnv;
  private offsetMs = 0;
  private frames: { readonly message: Buffer; readonly at: number }[] = [];
  private wanted = { frames: Number.POSITIVE_INFINITY, reached: () => {} };

  private constructor(
    readonly url: string,
    readonly prefix: string,
    readonly nodeArgs: readonly string[],
    private readonly backend: RedisBackend,
    private readonly redis: Redis,
    private readonly subscriber: Redis,
  ) {
    this.env = { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'warn' };
    // Only notes the message: whatever else were done here would delay those behind it.
    subscriber.on('smessageBuffer', (_channel: Buffer, message: Buffer) => {
      this.frames.push({ message, at: performance.now() });
      if (this.frames.length === this.wanted.frames) this.wanted.reached();
    });
  }

  static async open(url: string, prefix: string, nodeArgs: readonly string[]): Promise<ContestArena> {
    const backend = await RedisBackend.connect({
      url,
      prefix,
      shards: SHARDS,
      retentionMs: RETENTION_MS,
      timeoutMs: TIMEOUT_MS,
      processName: 'bench',
    });
    const redis = new Redis(url);
    const arena = new ContestArena(url, prefix, nodeArgs, backend, redis, new Redis(url));
    await arena.synchronise();
    return arena;
  }

  get keys() {
    return this.backend.keys;
  }

  now(): number {
    return performance.now() + this.offsetMs;
  }

  async leases(): Promise<number[]> {
    const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
    return Promise.all(
      shards.map(async (shard) => Number(await this.redis.hget(this.keys.shard(shard).owner, 'until'))),
    );
  }

  /** Compares the clocks by the quickest of many samples: to a few hundredths of a millisecond, where ShardClock has whole ones. */
  async synchronise(): Promise<void> {
    let quickestMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < CLOCK_SAMPLES; i++) {
      const sentAt = performance.now();
      const [seconds, micros] = await this.redis.time();
      const tookMs = performance.now() - sentAt;
      if (tookMs >= quickestMs) continue;
      quickestMs = tookMs;
      this.offsetMs = Number(seconds) * 1_000 + Number(micros) / 1_000 - (sentAt + tookMs / 2);
    }
  }

  async createRooms(count: number): Promise<string[]> {
    const limits = { idleMs: durationMs(RETENTION_MS) };
    const service = new RoomService(this.backend.store, this.backend.clock, new RandomIds(), limits);
    return inParallel(Array.from({ length: count }), async () => {
      const created = await service.createRoom({});
      if (created.kind === 'refused') throw new CannotRun(`A room was refused: ${created.message}`);
      return created.roomId;
    });
  }

  /**
   * Starts a question in each room that ends at `endsAt`, whenever the start was decided. It is open at once: an opening
   * after a lead-in would be an owner's work, which BullMQ's side does not have.
   */
  async startQuestions(roomIds: readonly string[], endsAt: number): Promise<DueRoom[]> {
    const { store } = this.backend;
    return inParallel(roomIds, async (roomId) => {
      const loaded = await store.load(roomId);
      if (loaded === null) throw new CannotRun(`The room ${roomId} is gone.`);
      const { state, now } = loaded;
      const start = {
        type: 'question:start',
        actor: 'bench',
        questionId: 'q1',
        durationMs: durationMs(endsAt - now),
        leadInMs: durationMs(0),
        graceMs: durationMs(0),
        tickMs: durationMs(0),
      } as const;
      const decision = decide(state, start, now, now);
      if (decision.kind !== 'change') throw new CannotRun(`A start was answered: ${decision.kind}`);
      const result = await store.commit({
        change: decision,
        expected: state.version,
        notAfterAt: epochMs(endsAt),
        content: '{"text":"Which planet is the largest?"}',
      });
      if (!result.committed) throw new CannotRun(`A start was not committed: ${result.why}`);
      return { roomId, runId: decision.state.version, endsAt };
    });
  }

  /** Hears, from here on, all that is published to the rooms. */
  async listen(roomIds: readonly string[]): Promise<void> {
    this.frames = [];
    const channels = roomIds.map((roomId) => this.channelOf(roomId));
    for (let i = 0; i < channels.length; i += BATCH)
      await this.subscriber.ssubscribe(...channels.slice(i, i + BATCH));
  }

  /** Resolves when as many messages came; stays open when they do not. */
  heard(count: number): Promise<void> {
    if (this.frames.length >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.wanted = { frames: count, reached: resolve };
    });
  }

  /** What was heard since `listen`; hears no more. */
  async received(): Promise<ReceivedFrame[]> {
    await this.subscriber.sunsubscribe();
    return this.frames.map(({ message, at }) => ({
      frame: message.toString(),
      receivedAt: at + this.offsetMs,
    }));
  }

  /** Removes every key of the contest and closes the connections. */
  async close(): Promise<void> {
    await removeKeys(this.url, this.prefix);
    await Promise.all([this.redis.quit(), this.subscriber.quit(), this.backend.close()]);
  }

  private channelOf(roomId: string): string {
    const shard = shardOfRoom(roomId, SHARDS);
    if (shard === null) throw new RangeError('not a room id of this service');
    return this.keys.adapterChannel(this.keys.socketRoom('room', roomId, shard), EVENT_NAMESPACE);
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}

import { Redis } from 'ioredis';
import { RandomIds } from '#libs/ops';
import { EVENT_NAMESPACE, RedisBackend } from '#libs/redis-store';
import { type Audience, RoomService, shardOfRoom } from '#libs/room';
import { type Command, decide, durationMs, type EpochMs, epochMs } from '#libs/timer-core';
import type { DueRoom, ReceivedFrame } from './closing.observer.js';
import type { Arena, Lease } from './contestants/contestant.types.js';
import { inParallel } from './in.parallel.js';
import { PlainSubscriber } from './process/plain.subscriber.js';
import { removeKeys } from './process/redis.keys.js';
import { CPU_PROBE_ARGS, redisCpuMs } from './stats/cpu.time.js';
import { redisClockOffset } from './stats/redis.clock.js';
import { CannotRun } from './suite.types.js';

const SHARDS = 8;
const TIMEOUT_MS = 10_000;
const RETENTION_MS = 3_600_000;

/** A room whose question is not started yet. */
export interface NewRoom {
  readonly roomId: string;
  readonly pin: string;
}

/** One contest's rooms, and the measurer's connections. Every contestant is measured through the same. */
export class ContestArena implements Arena {
  readonly shards = SHARDS;
  readonly env: NodeJS.ProcessEnv;
  private offsetMs = 0;

  private constructor(
    readonly url: string,
    readonly prefix: string,
    readonly nodeArgs: readonly string[],
    readonly backend: RedisBackend,
    private readonly redis: Redis,
    private readonly subscriber: PlainSubscriber,
  ) {
    this.env = { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'warn' };
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
    const args = [...CPU_PROBE_ARGS, ...nodeArgs];
    const arena = new ContestArena(url, prefix, args, backend, redis, await PlainSubscriber.connect(url));
    await arena.synchronise();
    return arena;
  }

  get keys() {
    return this.backend.keys;
  }

  get store() {
    return this.backend.store;
  }

  now(): number {
    return performance.now() + this.offsetMs;
  }

  async leases(): Promise<Lease[]> {
    const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
    return Promise.all(
      shards.map(async (shard) => {
        const [owner = null, until] = await this.redis.hmget(this.keys.shard(shard).owner, 'owner', 'until');
        return { owner, until: Number(until) };
      }),
    );
  }

  async synchronise(): Promise<void> {
    this.offsetMs = await redisClockOffset(this.redis);
  }

  redisCpuMs(): Promise<number> {
    return redisCpuMs(this.redis);
  }

  async createRooms(count: number): Promise<NewRoom[]> {
    const limits = { idleMs: durationMs(RETENTION_MS) };
    const service = new RoomService(this.backend.store, this.backend.clock, new RandomIds(), limits);
    return inParallel(Array.from({ length: count }), async () => {
      const created = await service.createRoom({});
      if (created.kind === 'refused') throw new CannotRun(`A room was refused: ${created.message}`);
      return created;
    });
  }

  /**
   * Starts a question in each room that ends at its `endsAt`, whenever the start was decided. It is open at once: an opening
   * after a lead-in would be an owner's work, which the other contestants do not have.
   *
   * @param tickMs 0: no ticks
   */
  async startQuestions(rooms: readonly Omit<DueRoom, 'runId'>[], tickMs = 0): Promise<DueRoom[]> {
    return inParallel(rooms, async ({ roomId, endsAt }) => {
      const runId = await this.commit(roomId, endsAt, (now) => ({
        type: 'question:start',
        actor: 'bench',
        questionId: 'q1',
        durationMs: durationMs(endsAt - now),
        leadInMs: durationMs(0),
        graceMs: durationMs(0),
        tickMs: durationMs(tickMs),
      }));
      return { roomId, runId, endsAt };
    });
  }

  /** Ends the questions of the rooms now. */
  async stopQuestions(rooms: readonly Omit<DueRoom, 'runId'>[]): Promise<void> {
    await inParallel(rooms, ({ roomId, endsAt }) =>
      this.commit(roomId, endsAt, () => ({ type: 'question:stop', actor: 'bench' })),
    );
  }

  /** @returns the room's version */
  private async commit(
    roomId: string,
    notAfterAt: number,
    commandAt: (now: EpochMs) => Command,
  ): Promise<number> {
    const { store } = this.backend;
    const loaded = await store.load(roomId);
    if (loaded === null) throw new CannotRun(`The room ${roomId} is gone.`);
    const { state, now } = loaded;
    const command = commandAt(now);
    const decision = decide(state, command, now, now);
    if (decision.kind !== 'change') throw new CannotRun(`${command.type} was answered: ${decision.kind}`);
    const isStart = command.type === 'question:start';
    const result = await store.commit({
      change: decision,
      expected: state.version,
      notAfterAt: epochMs(notAfterAt),
      ...(isStart ? { content: '{"text":"Which planet is the largest?"}' } : {}),
    });
    if (!result.committed) throw new CannotRun(`${command.type} was not committed: ${result.why}`);
    return decision.state.version;
  }

  /** Hears, from here on, all that is published to an audience of the rooms. */
  async listen(roomIds: readonly string[], audience: Audience = 'room'): Promise<void> {
    await this.subscriber.subscribe(roomIds.map((roomId) => this.channelOf(roomId, audience)));
  }

  /** Resolves when so many events of this name came, counted from the call on; stays open when they do not. */
  heard(event: string, count: number): Promise<void> {
    return this.subscriber.until(`"${event}"`, count);
  }

  /** What was heard since `listen`; hears no more. */
  received(): ReceivedFrame[] {
    return this.subscriber.messages().map(({ message, at }) => ({
      frame: message.toString(),
      receivedAt: at + this.offsetMs,
    }));
  }

  /** Removes every key of the contest and closes the connections. */
  async close(): Promise<void> {
    await removeKeys(this.url, this.prefix);
    this.subscriber.close();
    await Promise.all([this.redis.quit(), this.backend.close()]);
  }

  socketRoom(roomId: string, audience: Audience): string {
    const shard = shardOfRoom(roomId, SHARDS);
    if (shard === null) throw new RangeError('not a room id of this service');
    return this.keys.socketRoom(audience, roomId, shard);
  }

  channelOf(roomId: string, audience: Audience): string {
    return this.keys.adapterChannel(this.socketRoom(roomId, audience), EVENT_NAMESPACE);
  }
}

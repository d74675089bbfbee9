import calculateSlot from 'cluster-key-slot';
import type { Redis } from 'ioredis';
import { type Fence, MemoryRoomStore, type PublishedEvent } from '#libs/room';
import {
  closeRedisClient,
  redisClient,
  removeKeys,
  startRedisCluster,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { durationMs, type EpochMs, epochMs, type RunId } from '#libs/timer-core';
import { EVENT_NAMESPACE } from '../src/index.js';
import { closeRedis, openRedis, whenReady } from '../src/redis.connection.js';
import { RedisRoomStore } from '../src/redis.room.store.js';
import { KeySpace } from '../src/room.keys.js';
import { ScriptRunner } from '../src/script.definition.js';
import { leaseScript, releaseScript } from '../src/store.scripts.js';
import type { Store } from './room.fixture.js';

/** An event as it was published, and to whom. */
export interface Heard extends PublishedEvent {
  readonly audience: 'room' | 'ticks';
}

export interface KeptRun {
  readonly record: unknown;
  readonly correct: string | undefined;
  readonly settledAt: number | undefined;
}

/** A store of one shard under test, with what a test must reach behind its back. */
export interface StoreHarness {
  readonly store: Store;
  readonly retentionMs: number;
  now(): Promise<EpochMs>;
  /** Lets time pass on the store's clock. */
  pass(ms: number): Promise<void>;
  /** Makes somebody the owner of the shard, after whoever it was. */
  own(ownerId: string): Promise<Fence>;
  /** Records from now on what is published to the room. */
  listen(roomId: string): Promise<void>;
  /** What was published to the rooms that are listened to, since the last call. */
  heard(): Promise<Heard[]>;
  /** The rooms that were told as changed since the last call. */
  changed(): Promise<string[]>;
  runOf(roomId: string, runId: RunId): Promise<KeptRun | undefined>;
  close(): Promise<void>;
}

export const RETENTION_MS = 7 * 86_400_000;
const LONG_LEASE_MS = 30 * 86_400_000;

export async function memoryHarness(): Promise<StoreHarness> {
  let now = epochMs(1_700_000_000_000);
  let fence: Fence = { shard: 0, epoch: 0, ownerId: 'nobody' };
  let heard: Heard[] = [];
  let changed: string[] = [];
  const listened = new Set<string>();
  const store = new MemoryRoomStore({
    now: () => now,
    publish: (channel, event) => {
      const [audience, roomId] = channel.split(':');
      if (listened.has(roomId ?? '')) heard.push({ audience: audience as Heard['audience'], ...event });
    },
    changed: (roomId) => changed.push(roomId),
    retentionMs: durationMs(RETENTION_MS),
    fence: () => fence,
  });
  return {
    store,
    retentionMs: RETENTION_MS,
    now: async () => now,
    pass: async (ms) => {
      now = epochMs(now + ms);
    },
    own: async (ownerId) => {
      fence = { shard: 0, epoch: fence.epoch + 1, ownerId };
      return fence;
    },
    listen: async (roomId) => {
      listened.add(roomId);
    },
    heard: async () => {
      const all = heard;
      heard = [];
      return all;
    },
    changed: async () => {
      const all = changed;
      changed = [];
      return all;
    },
    runOf: async (roomId, runId) => {
      const run = store.runOf(roomId, runId);
      return run && { record: run.record, correct: run.correct, settledAt: run.settledAt };
    },
    close: async () => {},
  };
}

export interface RedisHarness extends StoreHarness {
  readonly keys: KeySpace;
  readonly scripts: ScriptRunner;
  /** A connection for looking at what is stored. */
  readonly redis: Redis;
}

/** What a test Redis tells of its own errors. */
const raise = (error: Error): void => {
  throw error;
};

/** On a cluster of its own: the store's connection knows all of it, the test's look only at the master of the shard. */
export async function clusterHarness(name: string): Promise<RedisHarness> {
  const cluster = await startRedisCluster();
  const slot = calculateSlot(new KeySpace('any', 1).shard(0).owner);
  const harness = await redisHarness(name, 1, { url: cluster.url, lookUrl: cluster.nodeOfSlot(slot).url });
  return {
    ...harness,
    close: async () => {
      await harness.close();
      await cluster.stop();
    },
  };
}

export async function redisHarness(
  name: string,
  shards = 1,
  { url, lookUrl } = { url: testRedisUrl(), lookUrl: testRedisUrl() },
): Promise<RedisHarness> {
  const keys = new KeySpace(uniquePrefix(name), shards);
  const commands = openRedis('commands', { url, timeoutMs: 2_000, name }, raise);
  const redis = redisClient(lookUrl);
  const subscriber = redisClient(lookUrl);
  await Promise.all([commands, redis, subscriber].map((client) => whenReady(client, 5_000)));
  const store = new RedisRoomStore(commands, keys, { retentionMs: RETENTION_MS, gatewayId: 'gateway-1' });
  const scripts = new ScriptRunner(commands);
  const { owner, changes } = keys.shard(0);
  const audiences = new Map<string, Heard['audience']>();
  let heard: Heard[] = [];
  let position = '-';
  let held: Fence | undefined;
  subscriber.on('smessage', (channel: string, text: string) => {
    const audience = audiences.get(channel);
    if (audience !== undefined) heard.push({ audience, ...parsedFrame(channel, text) });
  });
  return {
    store,
    keys,
    scripts,
    redis,
    retentionMs: RETENTION_MS,
    now: async () => {
      const [seconds, micros] = await redis.time();
      const correction = Number((await redis.hget(owner, 'correction')) ?? 0);
      return epochMs(Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000) + correction);
    },
    pass: async (ms) => {
      await redis.hincrby(owner, 'correction', ms);
    },
    own: async (ownerId) => {
      if (held !== undefined) {
        await scripts.run(releaseScript, { owner, lease: held, channel: keys.releasedShards, shard: 0 });
      }
      const reply = await scripts.run(leaseScript, {
        owner,
        lease: { ownerId, epoch: 0 },
        leaseMs: LONG_LEASE_MS,
      });
      held = { shard: 0, epoch: reply.epoch, ownerId };
      return held;
    },
    listen: async (roomId) => {
      for (const audience of ['room', 'ticks'] as const) {
        const channel = keys.adapterChannel(store.channel(audience, roomId), EVENT_NAMESPACE);
        audiences.set(channel, audience);
        await subscriber.ssubscribe(channel);
      }
    },
    heard: async () => {
      await subscriber.ping(); // answered after everything that was published before
      const all = heard;
      heard = [];
      return all;
    },
    changed: async () => {
      const entries = await redis.xrange(changes, position, '+');
      position = `(${entries.at(-1)?.[0] ?? '0-0'}`;
      return entries.map(([, fields]) => fields[1] ?? '');
    },
    runOf: async (roomId, runId) => {
      const { runs } = keys.room(roomId, 0);
      const [record, correct, settledAt] = await redis.hmget(
        runs,
        `${runId}`,
        `${runId}:correct`,
        `${runId}:settledAt`,
      );
      if (!record) return undefined;
      return {
        record: JSON.parse(record),
        correct: correct ?? undefined,
        settledAt: settledAt ? Number(settledAt) : undefined,
      };
    },
    close: async () => {
      await removeKeys(redis, keys.prefix);
      await Promise.all([closeRedis(commands), closeRedisClient(redis), closeRedisClient(subscriber)]);
    },
  };
}

/** A published frame; throws when it is not what the adapter understands. */
function parsedFrame(channel: string, text: string): PublishedEvent {
  const { uid, nsp, type, data, ...rest } = JSON.parse(text);
  const [room] = data.opts.rooms;
  const [event, payload, ...more] = data.packet.data;
  const isWhole =
    uid === 'emitter' &&
    type === 3 &&
    nsp === EVENT_NAMESPACE &&
    data.packet.nsp === EVENT_NAMESPACE &&
    data.packet.type === 2 &&
    channel.endsWith(`#${EVENT_NAMESPACE}#${room}#`) &&
    data.opts.rooms.length === 1 &&
    (data.opts.flags.volatile === true) === (event === 'question:tick') &&
    more.length === 0 &&
    Object.keys(rest).length === 0;
  if (!isWhole) throw new Error(`not a frame of the adapter: ${text}`);
  return { event, payload };
}

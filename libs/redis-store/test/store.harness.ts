import calculateSlot from 'cluster-key-slot';
import type { Redis } from 'ioredis';
import {
  type AnswerRecord,
  type AnswerStore,
  type Audience,
  type DeliveryStore,
  type Fence,
  type MemberStore,
  MemoryAnswerStore,
  MemoryDeliveryStore,
  MemoryMemberStore,
  MemoryRoomStore,
  MemoryRooms,
  type PresenceStore,
  type PublishedEvent,
} from '#libs/room';
import {
  closeRedisClient,
  type RedisCluster,
  redisClient,
  removeKeys,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { durationMs, type EpochMs, epochMs, type RunId } from '#libs/timer-core';
import { EVENT_NAMESPACE } from '../src/index.js';
import { heartbeatScript } from '../src/member.scripts.js';
import { RedisAnswerStore } from '../src/redis.answer.store.js';
import { closeRedis, openRedis, whenReady } from '../src/redis.connection.js';
import { RedisDeliveryStore } from '../src/redis.delivery.store.js';
import { RedisMemberStore } from '../src/redis.member.store.js';
import { RedisRoomStore } from '../src/redis.room.store.js';
import { KeySpace } from '../src/room.keys.js';
import { ScriptRunner } from '../src/script.definition.js';
import { leaseScript, releaseScript } from '../src/store.scripts.js';
import type { Store } from './room.fixture.js';

/** An event as it was published, and to whom. */
export interface Heard extends PublishedEvent {
  readonly audience: Audience;
  /** The connection that does not hear it. */
  readonly except?: string;
}

export interface KeptRun {
  readonly record: unknown;
  readonly correct: string | undefined;
  readonly settledAt: number | undefined;
}

/** A store of one shard under test, with what a test must reach behind its back. */
export interface StoreHarness {
  readonly store: Store;
  /** Of the gateway `gateway-1`. */
  readonly members: MemberStore & PresenceStore;
  readonly answers: AnswerStore;
  readonly deliveries: DeliveryStore;
  readonly retentionMs: number;
  now(): Promise<EpochMs>;
  /** Lets time pass on the store's clock. */
  pass(ms: number): Promise<void>;
  /** Makes somebody the owner of the shard, after whoever it was. */
  own(ownerId: string): Promise<Fence>;
  /** Says that the gateway is alive; until it has, and a lifetime after it, its members do not count. */
  beat(): Promise<void>;
  /** Keeps an accepted answer, as if it had been judged. */
  accept(roomId: string, runId: RunId, playerId: string): Promise<void>;
  /** Records from now on what is published to the room, its hosts and screens, and these players. */
  listen(roomId: string, ...playerIds: string[]): Promise<void>;
  /** What was published to the rooms that are listened to, since the last call. */
  heard(): Promise<Heard[]>;
  /** The rooms that were told as changed since the last call. */
  changed(): Promise<string[]>;
  runOf(roomId: string, runId: RunId): Promise<KeptRun | undefined>;
  close(): Promise<void>;
}

export const RETENTION_MS = 7 * 86_400_000;
const LONG_LEASE_MS = 30 * 86_400_000;

export async function memoryHarness(maxRooms?: number): Promise<StoreHarness> {
  let now = epochMs(1_700_000_000_000);
  let fence: Fence = { shard: 0, epoch: 0, ownerId: 'nobody' };
  let heard: Heard[] = [];
  let changed: string[] = [];
  const listened = new Set<string>();
  const memory = new MemoryRooms(() => now);
  const publish = (channel: string, event: PublishedEvent, except?: string): void => {
    const [audience, name] = channel.split(':');
    if (!listened.has(name ?? '')) return;
    heard.push({ audience: audience as Audience, ...event, ...(except === undefined ? {} : { except }) });
  };
  const store = new MemoryRoomStore({
    memory,
    publish,
    changed: (roomId) => changed.push(roomId),
    retentionMs: durationMs(RETENTION_MS),
    ...(maxRooms === undefined ? {} : { maxRooms }),
    fence: () => fence,
  });
  return {
    store,
    answers: new MemoryAnswerStore(memory, { retentionMs: durationMs(RETENTION_MS) }),
    deliveries: new MemoryDeliveryStore(memory),
    members: new MemoryMemberStore(memory, {
      publish,
      channel: (audience, roomId, playerId) => store.channel(audience, roomId, playerId),
      fence: () => fence,
    }),
    retentionMs: RETENTION_MS,
    beat: async () => {},
    accept: async (roomId, runId, playerId) => {
      memory.rooms
        .get(roomId)
        ?.runs.get(runId)
        ?.answers.set(playerId, { playerId } as AnswerRecord);
      memory.stirred.add(roomId);
    },
    now: async () => now,
    pass: async (ms) => {
      now = epochMs(now + ms);
    },
    own: async (ownerId) => {
      fence = { shard: 0, epoch: fence.epoch + 1, ownerId };
      return fence;
    },
    listen: async (roomId, ...playerIds) => {
      for (const playerId of ['', ...playerIds]) listened.add(`${roomId}${playerId}`);
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
  /** The members as another gateway sees them. */
  membersOf(gatewayId: string): MemberStore & PresenceStore;
  /** A heartbeat of any gateway in the first shard; one with an age of a lifetime says goodbye. */
  beatOf(gatewayId: string, ageMs?: number): Promise<void>;
}

/** What a test Redis tells of its own errors. */
const raise = (error: Error): void => {
  throw error;
};

/** On a cluster: the store's connection knows all of it, the test's look only at the master of the shard. */
export function clusterHarness(name: string, cluster: RedisCluster): Promise<RedisHarness> {
  const slot = calculateSlot(new KeySpace('any', 1).shard(0).owner);
  return redisHarness(name, 1, { url: cluster.url, lookUrl: cluster.nodeOfSlot(slot).url });
}

export async function redisHarness(
  name: string,
  shards = 1,
  { url, lookUrl } = { url: testRedisUrl(), lookUrl: testRedisUrl() },
  maxRooms?: number,
): Promise<RedisHarness> {
  const keys = new KeySpace(uniquePrefix(name), shards);
  const commands = openRedis('commands', { url, timeoutMs: 10_000, name }, raise);
  const redis = redisClient(lookUrl);
  const subscriber = redisClient(lookUrl);
  await Promise.all([commands, redis, subscriber].map((client) => whenReady(client, 30_000)));
  const store = new RedisRoomStore(commands, keys, {
    retentionMs: RETENTION_MS,
    ...(maxRooms === undefined ? {} : { maxRooms }),
  });
  const membersOf = (gatewayId: string) => new RedisMemberStore(commands, keys, { gatewayId });
  const scripts = new ScriptRunner(commands);
  const beatOf = async (gatewayId: string, ageMs = 0): Promise<void> => {
    await scripts.run(heartbeatScript, { shard: keys.shard(0), gatewayId, isFirst: false, ageMs });
  };
  const { owner, changes } = keys.shard(0);
  const audiences = new Map<string, Audience>();
  let heard: Heard[] = [];
  let position = '-';
  let held: Fence | undefined;
  subscriber.on('smessage', (channel: string, text: string) => {
    const audience = audiences.get(channel);
    if (audience !== undefined) heard.push({ audience, ...parsedFrame(channel, text) });
  });
  return {
    store,
    answers: new RedisAnswerStore(commands, keys, { retentionMs: RETENTION_MS }),
    deliveries: new RedisDeliveryStore(commands, keys),
    members: membersOf('gateway-1'),
    membersOf,
    beatOf,
    beat: () => beatOf('gateway-1'),
    accept: async (roomId, runId, playerId) => {
      await redis.hset(keys.answers(roomId, runId, 0).answers, playerId, JSON.stringify({ playerId }));
      await redis.sadd(keys.shard(0).stirred, roomId);
    },
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
    listen: async (roomId, ...playerIds) => {
      const rooms = [
        ...(['room', 'ticks', 'staff'] as const).map((audience) => [audience, ''] as const),
        ...playerIds.map((playerId) => ['player', playerId] as const),
      ];
      for (const [audience, playerId] of rooms) {
        const channel = keys.adapterChannel(store.channel(audience, roomId, playerId), EVENT_NAMESPACE);
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
function parsedFrame(channel: string, text: string): Omit<Heard, 'audience'> {
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
  const [except] = data.opts.except;
  return { event, payload, ...(except === undefined ? {} : { except }) };
}

import { isDeepStrictEqual } from 'node:util';
import {
  type AnswerStore,
  type Fence,
  type MemberStore,
  MemoryAnswerStore,
  MemoryMemberStore,
  MemoryRoomStore,
  MemoryRooms,
} from '#libs/room';
import { closeRedisClient, redisClient, removeKeys, testRedisUrl, uniquePrefix } from '#libs/testing';
import { durationMs, type EpochMs, epochMs } from '#libs/timer-core';
import { EVENT_NAMESPACE, KeySpace } from '../src/index.js';
import { RedisAnswerStore } from '../src/redis.answer.store.js';
import { closeRedis, openRedis, whenReady } from '../src/redis.connection.js';
import { RedisMemberStore } from '../src/redis.member.store.js';
import { RedisRoomStore } from '../src/redis.room.store.js';
import type { Store } from './room.fixture.js';

const RETENTION_MS = 7 * 86_400_000;
/** A lease that no jump of the clock ends. */
const FOR_EVER = 9_000_000_000_000_000;

/** An event with the channel's audience, as one list of both worlds' kinds. */
export type Told = readonly [audience: string, event: string, payload: unknown];

/** A shard in Redis and its twin in memory, whose clock is set to the instants that Redis answers with. */
export interface Twins {
  readonly shard: number;
  readonly fence: Fence;
  readonly redis: Store;
  readonly memory: MemoryRoomStore;
  readonly answers: { readonly redis: AnswerStore; readonly memory: AnswerStore };
  readonly members: { readonly redis: MemberStore; readonly memory: MemberStore };
  /** Sets the clock of the memory twin. */
  at(now: EpochMs): void;
  /** Lets time pass in Redis. */
  jump(ms: number): Promise<void>;
  /** Follows a room's events in both. */
  listen(roomId: string): Promise<void>;
  /** What both have told of a room since `listen`. */
  told(roomId: string): Promise<{ redis: Told[]; memory: Told[] }>;
  /** The runs of a room as Redis keeps them. */
  runsInRedis(roomId: string): Promise<Record<string, string>>;
}

export interface World {
  readonly twins: readonly Twins[];
  close(): Promise<void>;
}

export async function differentialWorld(shards: number): Promise<World> {
  const url = testRedisUrl();
  const keys = new KeySpace(uniquePrefix('differential'), shards);
  const fail = (error: Error): void => {
    throw error;
  };
  const commands = openRedis('commands', { url, timeoutMs: 10_000, name: 'differential' }, fail);
  const admin = redisClient(url);
  const subscriber = redisClient(url);
  await Promise.all([commands, admin, subscriber].map((client) => whenReady(client, 30_000)));
  const store = new RedisRoomStore(commands, keys, { retentionMs: RETENTION_MS });
  const toldByRedis = new Map<string, Told[]>();
  subscriber.on('smessage', (channel: string, text: string) => {
    const [event, payload] = JSON.parse(text).data.packet.data;
    const [audience = '', roomId = ''] = nameOf(channel);
    toldByRedis.get(roomId)?.push([audience, event, payload]);
  });

  const twins = Array.from({ length: shards }, (_, shard): Twins => {
    const fence: Fence = { shard, epoch: 1, ownerId: 'owner' };
    const { owner } = keys.shard(shard);
    const toldByMemory = new Map<string, Told[]>();
    let now = epochMs(0);
    const rooms = new MemoryRooms(() => now);
    const memory = new MemoryRoomStore({
      memory: rooms,
      publish: (channel, { event, payload }) => {
        const [audience = '', roomId = ''] = channel.split(':');
        toldByMemory.get(roomId)?.push([audience, event, payload]);
      },
      changed: () => {},
      retentionMs: durationMs(RETENTION_MS),
      fence: () => fence,
    });
    const channelsOf = (roomId: string): string[] =>
      (['room', 'ticks'] as const).map((audience) =>
        keys.adapterChannel(keys.socketRoom(audience, roomId, shard), EVENT_NAMESPACE),
      );
    return {
      shard,
      fence,
      redis: store,
      memory,
      answers: {
        redis: new RedisAnswerStore(commands, keys, { retentionMs: RETENTION_MS }),
        memory: new MemoryAnswerStore(rooms),
      },
      members: {
        redis: new RedisMemberStore(commands, keys, { gatewayId: 'gateway' }),
        memory: new MemoryMemberStore(rooms, {
          publish: () => {},
          channel: (audience, roomId) => `${audience}:${roomId}`,
        }),
      },
      at: (instant) => {
        now = instant;
      },
      jump: async (ms) => {
        await admin.hincrby(owner, 'correction', ms);
      },
      listen: async (roomId) => {
        toldByRedis.set(roomId, []);
        toldByMemory.set(roomId, []);
        await Promise.all(channelsOf(roomId).map((channel) => subscriber.ssubscribe(channel)));
      },
      told: async (roomId) => {
        await subscriber.ping(); // answered after everything that was published before
        const told = { redis: toldByRedis.get(roomId) ?? [], memory: toldByMemory.get(roomId) ?? [] };
        toldByRedis.delete(roomId);
        toldByMemory.delete(roomId);
        await Promise.all(channelsOf(roomId).map((channel) => subscriber.sunsubscribe(channel)));
        return told;
      },
      runsInRedis: (roomId) => admin.hgetall(keys.room(roomId, shard).runs),
    };
  });
  await Promise.all(
    twins.map(({ shard, fence }) =>
      admin.hset(keys.shard(shard).owner, 'owner', fence.ownerId, 'epoch', fence.epoch, 'until', FOR_EVER),
    ),
  );
  return {
    twins,
    close: async () => {
      await removeKeys(admin, keys.prefix);
      await Promise.all([closeRedis(commands), closeRedisClient(admin), closeRedisClient(subscriber)]);
    },
  };
}

/** Audience and room id of an adapter channel: `<prefix>#/quiz#<audience>:{<tag>}<room id>#`. */
function nameOf(channel: string): string[] {
  return /#([a-z]+):\{[^}]*\}([a-z0-9]+)#$/.exec(channel)?.slice(1) ?? [];
}

/** @throws Error with both values unless they are equal */
export function same(what: string, redis: unknown, memory: unknown): void {
  if (isDeepStrictEqual(redis, memory)) return;
  throw new Error(
    `${what}: Redis and memory differ\n  Redis  ${JSON.stringify(redis)}\n  memory ${JSON.stringify(memory)}`,
  );
}

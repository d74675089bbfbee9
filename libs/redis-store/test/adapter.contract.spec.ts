import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import calculateSlot from 'cluster-key-slot';
import type { Redis } from 'ioredis';
import type { Fence, LoadedRoom } from '#libs/room';
import {
  closeRedisClient,
  eventually,
  eventuallyPasses,
  redisClient,
  removeKeys,
  startRedisCluster,
  type TestClient,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { epochMs, type RoomState, snapshotOf } from '#libs/timer-core';
import { EVENT_NAMESPACE } from '../src/index.js';
import { heartbeatScript } from '../src/member.scripts.js';
import { KeySpace } from '../src/room.keys.js';
import { ScriptRunner } from '../src/script.definition.js';
import { leaseScript } from '../src/store.scripts.js';
import { Gateway } from './gateway.fixture.js';
import { closeIt, does, entry, pause, roomIn, type Store, start } from './room.fixture.js';

const PREFIX = uniquePrefix('adapter');
const SHARDS = 2;

interface FoundRedis {
  readonly url: string;
  /** The server that holds shard 1. */
  readonly lookUrl: string;
  removeKeys(client: Redis): Promise<void>;
  stop(): Promise<void>;
}

const sharedRedis = async (): Promise<FoundRedis> => ({
  url: testRedisUrl(),
  lookUrl: testRedisUrl(),
  removeKeys: (client) => removeKeys(client, PREFIX),
  stop: async () => {},
});

async function ownCluster(): Promise<FoundRedis> {
  const { url, nodeOfSlot, stop } = await startRedisCluster();
  const { owner } = new KeySpace(PREFIX, SHARDS).shard(1);
  return { url, lookUrl: nodeOfSlot(calculateSlot(owner)).url, removeKeys: async () => {}, stop };
}

describe.each([
  ['Redis', sharedRedis],
  ['Redis Cluster', ownCluster],
])('on %s', (_name, find) => {
  let found: FoundRedis;
  /** A connection to the server that holds the tests' shard. */
  let redis: Redis;
  let near: Gateway;
  /** A second gateway that holds no room of these tests. */
  let far: Gateway;
  let store: Store;
  let fence: Fence;

  beforeAll(async () => {
    found = await find();
    redis = redisClient(found.lookUrl);
    const options = { url: found.url, prefix: PREFIX, shards: SHARDS };
    near = await Gateway.start({ ...options, processName: 'near' });
    far = await Gateway.start({ ...options, processName: 'far' });
    store = near.backend.store;
    const { owner } = near.backend.keys.shard(1);
    const lease = { owner, lease: { ownerId: 'o', epoch: 0 }, leaseMs: 600_000 };
    const { epoch } = await new ScriptRunner(redis).run(leaseScript, lease);
    fence = { shard: 1, epoch, ownerId: 'o' };
  });
  afterAll(async () => {
    await Promise.all([near.close(), far.close()]);
    await found.removeKeys(redis);
    await closeRedisClient(redis);
    await found.stop();
  });
  beforeEach(() => {
    near.observed.length = 0;
    near.messages = 0;
    far.messages = 0;
  });

  const room = (): Promise<LoadedRoom> => roomIn(store, { shard: 1, now: epochMs(Date.now()) });

  async function member(
    roomId: string,
    audiences: ('room' | 'ticks')[] = ['room', 'ticks'],
  ): Promise<TestClient> {
    const client = await near.connect();
    const rooms = audiences.map((audience) => store.channel(audience, roomId));
    expect(await client.call('join', { rooms })).toEqual({ ok: true });
    return client;
  }

  async function tick(state: RoomState): Promise<number> {
    const [result] = await store.tickMany(fence, [{ state }]);
    if (result?.sent !== true) throw new Error('the tick was not sent');
    return result.now;
  }

  /** A tick while the client's connection is free: volatile events are dropped where another one is being written. */
  async function tickTo(client: TestClient, state: RoomState): Promise<number> {
    await client.waitFor('question:started', undefined, { since: 0 });
    const ticksBefore = client.events('question:tick').length;
    const at = await tick(state);
    await eventually(() => client.events('question:tick').length > ticksBefore);
    return at;
  }

  const heardBy = ({ received }: TestClient) => received.map(({ event, payload }) => ({ event, payload }));
  /** Every event once the last one is there; a second copy would be there by then too, since the order is kept. */
  const heardUntil = async (client: TestClient, event: string) => {
    await client.waitFor(event, undefined, { since: 0 });
    return heardBy(client);
  };

  describe('a member', () => {
    it('hears each commit and each tick of the scripts once, in order, with all of its fields', async () => {
      const { roomId } = (await room()).state;
      const client = await member(roomId);
      const content = { text: '1 + 1?', choices: [{ id: 'a', text: '2' }] };
      const started = await does(store, roomId, start({ graceMs: 5 }), { content: JSON.stringify(content) });
      const tickAt = await tickTo(client, started);
      const paused = await does(store, roomId, pause);
      const closed = await does(store, roomId, closeIt);
      const heard = await heardUntil(client, 'room:closed');
      const now = expect.any(Number);
      const told = (state: RoomState) => ({ ...snapshotOf(state, epochMs(0)), serverNow: now, content });
      expect(heard).toEqual([
        { event: 'question:started', payload: { ...told(started), remainingMs: now } },
        { event: 'question:tick', payload: snapshotOf(started, epochMs(tickAt)) },
        { event: 'question:paused', payload: told(paused) },
        { event: 'question:closed', payload: { ...told(closed), version: closed.version - 1 } },
        {
          event: 'room:closed',
          payload: { roomId, version: closed.version, reason: 'host', serverNow: now },
        },
      ]);
      expect(near.observed.map(({ event, socketRoom }) => [event, socketRoom])).toEqual(
        heard.map(({ event }) => [
          event,
          store.channel(event === 'question:tick' ? 'ticks' : 'room', roomId),
        ]),
      );
      client.close();
    });

    it('that wants no ticks hears none', async () => {
      const { roomId } = (await room()).state;
      const [without, all] = [await member(roomId, ['room']), await member(roomId)];
      const state = await does(store, roomId, start());
      await tickTo(all, state);
      await tickTo(all, state);
      await does(store, roomId, closeIt);
      expect((await heardUntil(all, 'room:closed')).map(({ event }) => event)).toEqual([
        'question:started',
        'question:tick',
        'question:tick',
        'question:closed',
        'room:closed',
      ]);
      expect((await heardUntil(without, 'room:closed')).map(({ event }) => event)).toEqual([
        'question:started',
        'question:closed',
        'room:closed',
      ]);
      without.close();
      all.close();
    });

    it.each([
      ['quotes, backslashes and markup', '{"a\\"b":"\\\\ \\u0000 </script> \\n"}'],
      ['text of every kind', '"ü 漢字 😀 \\ud83d\\ude00 \\u2028"'],
      ['keys that name prototypes', '{"__proto__":{"x":1},"constructor":{"prototype":null}}'],
      ['large and small numbers', '[9007199254740991,-0.1e-7,1.7976931348623157e308,12345678901234567890]'],
      ['what looks like the frame', '"}]}}},\\"serverNow\\":1"'],
      ['nothing, told apart from no content', 'null'],
      ['percent signs, which Lua would format', '"%s %d %0.f %%"'],
      ['much', JSON.stringify('x'.repeat(8_000))],
    ])('gets content whole: %s', async (_, text) => {
      const { roomId } = (await room()).state;
      const client = await member(roomId);
      await does(store, roomId, start(), { content: text });
      const { payload } = await client.waitFor('question:started', undefined, { since: 0 });
      expect(JSON.stringify(payload.content)).toBe(JSON.stringify(JSON.parse(text)));
      expect(Object.keys(payload)).toContain('content');
      client.close();
    });

    it('hears no content where there is none', async () => {
      const { roomId } = (await room()).state;
      const client = await member(roomId);
      await does(store, roomId, start(), { content: null });
      const { payload } = await client.waitFor('question:started', undefined, { since: 0 });
      expect(Object.keys(payload)).not.toContain('content');
      client.close();
    });

    it('hears a thousand events in the order of their versions, none twice', async () => {
      const { roomId } = (await room()).state;
      const client = await member(roomId);
      const versions = [(await does(store, roomId, start({ durationMs: 3_600_000 }))).version];
      for (let i = 0; i < 999; i++) {
        const extend = { type: 'question:extend', actor: 'host', byMs: 1 as never } as const;
        versions.push((await does(store, roomId, extend)).version);
      }
      await eventually(() => client.received.length >= 1_000);
      expect(client.received.map(({ payload }) => payload.version)).toEqual(versions);
      client.close();
    });
  });

  describe('what members are told of one another', () => {
    const inRooms = async (...rooms: string[]): Promise<TestClient> => {
      const client = await near.connect();
      expect(await client.call('join', { rooms })).toEqual({ ok: true });
      return client;
    };

    it('reaches the room, its hosts and screens, or one player, but not the connection that is left out', async () => {
      const { roomId } = (await room()).state;
      const { members, keys } = near.backend;
      const own = store.channel('player', roomId, 'p1');
      const [first, second] = [
        await inRooms(store.channel('room', roomId), own),
        await inRooms(store.channel('room', roomId), own),
      ];
      const host = await inRooms(store.channel('room', roomId), store.channel('staff', roomId));
      const { question } = await does(store, roomId, start());
      const { runId = 0 as never, questionId = '' } = question ?? {};
      const gateways = { shard: keys.shard(1), gatewayId: near.backend.processId, isFirst: true };
      await new ScriptRunner(redis).run(heartbeatScript, gateways);
      await members.enter(entry(roomId, 'p1', { connection: first.socket.id ?? '' }));
      await members.enter(entry(roomId, 'p1', { connection: second.socket.id ?? '' }));
      await members.tellStirred(fence, [{ roomId, run: { runId, questionId } }]);
      await does(store, roomId, closeIt);
      const now = expect.any(Number);
      const presence = { roomId, players: 1, spectators: 0, hostConnected: false, serverNow: now };
      const told = async (client: TestClient) =>
        (await heardUntil(client, 'room:closed'))
          .filter(({ event }) => !event.startsWith('question:') && event !== 'room:closed')
          .map(({ event, payload }) => [event, payload]);
      expect(await told(first)).toEqual([
        ['member:removed', { reason: 'replaced' }],
        ['room:presence', presence],
      ]);
      expect(await told(second)).toEqual([['room:presence', presence]]);
      const count = { roomId, questionId, count: 0, serverNow: now };
      const heardByHost = await told(host);
      expect(heardByHost).toHaveLength(2);
      expect(heardByHost).toContainEqual(['room:presence', presence]);
      expect(heardByHost).toContainEqual(['answers:count', count]);
      expect(near.observed.filter(({ event }) => event === 'member:removed')).toEqual([
        { event: 'member:removed', socketRoom: own, payload: { reason: 'replaced' } },
      ]);
      for (const client of [first, second, host]) client.close();
    });

    it('reaches a member who is put out', async () => {
      const { roomId } = (await room()).state;
      const client = await inRooms(store.channel('player', roomId, 'p1'));
      await near.backend.members.enter(entry(roomId, 'p1'));
      await near.backend.members.remove(roomId, 'p1', 'banned');
      const { payload } = await client.waitFor('member:removed', undefined, { since: 0 });
      expect(payload).toEqual({ reason: 'banned' });
      client.close();
    });
  });

  describe('a gateway', () => {
    it('that holds nobody of a room gets nothing of it', async () => {
      const { roomId } = (await room()).state;
      const [client, stranger] = [await member(roomId), await far.connect()];
      const state = await does(store, roomId, start());
      for (let i = 0; i < 50; i++) await tick(state);
      await does(store, roomId, closeIt);
      await heardUntil(client, 'room:closed');
      expect(near.messages).toBe(53);
      expect(far.messages).toBe(0);
      for (const audience of ['room', 'ticks'] as const) {
        const channel = near.backend.keys.adapterChannel(store.channel(audience, roomId), EVENT_NAMESPACE);
        expect(await redis.call('PUBSUB', 'SHARDNUMSUB', channel)).toEqual([channel, 1]);
      }
      client.close();
      stranger.close();
    });

    it('stops hearing of a room when its last member has left', async () => {
      const { roomId } = (await room()).state;
      const channel = near.backend.keys.adapterChannel(store.channel('room', roomId), EVENT_NAMESPACE);
      const subscribers = async () => redis.call('PUBSUB', 'SHARDNUMSUB', channel);
      const [one, two] = [await member(roomId), await member(roomId)];
      one.close();
      await one.ended;
      expect(await subscribers()).toEqual([channel, 1]);
      expect(await two.call('leave', { rooms: [store.channel('room', roomId)] })).toEqual({ ok: true });
      await eventuallyPasses(async () => expect(await subscribers()).toEqual([channel, 0]));
      two.close();
    });

    it('hears of a room again after its connection was cut', async () => {
      const { roomId } = (await room()).state;
      const client = await member(roomId);
      const channel = near.backend.keys.adapterChannel(store.channel('room', roomId), EVENT_NAMESPACE);
      const list = String(await redis.client('LIST'));
      const id = /^id=(\d+) .* name=\S*quizbell-near-subscriptions .* ssub=[1-9]/m.exec(list)?.[1];
      expect(id).toBeDefined();
      await redis.client('KILL', 'ID', Number(id));
      await eventuallyPasses(async () =>
        expect(await redis.call('PUBSUB', 'SHARDNUMSUB', channel)).toEqual([channel, 1]),
      );
      await does(store, roomId, start());
      await client.waitFor('question:started', undefined, { since: 0 });
      const other = await member((await room()).state.roomId);
      other.close();
      client.close();
    });
  });
});

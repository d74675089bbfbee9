import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  closeRedisClient,
  eventuallyPasses,
  redisClient,
  removeKeys,
  startRedisServer,
  stopAllRedisServers,
  type TestClient,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { type Command, durationMs, epochMs } from '#libs/timer-core';
import { Gateway } from './gateway.fixture.js';
import { does, existing, roomIn, start } from './room.fixture.js';

const PREFIX = uniquePrefix('subscribing');

afterAll(async () => {
  const redis = redisClient();
  await removeKeys(redis, PREFIX);
  await closeRedisClient(redis);
  await stopAllRedisServers();
});

describe('a confirmed join', () => {
  const CLIENTS = 10;
  const ROOMS_EACH = 3;
  const ROUNDS = 10;
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await Gateway.start({ url: testRedisUrl(), prefix: PREFIX, shards: 4, processName: 'racing' });
    gateway.delaySubscriptions(10);
  });
  afterAll(() => gateway.close());

  it(`misses nothing: ${CLIENTS * ROOMS_EACH * ROUNDS} joins in the middle of a stream of commits`, async () => {
    const { store } = gateway.backend;
    const extend: Command = { type: 'question:extend', actor: 'host', byMs: durationMs(1) };
    /** By room, the versions that were committed. */
    const committed = new Map<string, number[]>();
    for (let i = 0; i < CLIENTS * ROOMS_EACH; i++) {
      const { state } = await roomIn(store, { shard: i % 4, now: epochMs(Date.now()) });
      committed.set(state.roomId, [
        (await does(store, state.roomId, start({ durationMs: 3_600_000 }))).version,
      ]);
    }
    let isOver = false;
    const commitOn = async (): Promise<void> => {
      while (!isOver) {
        for (const [roomId, versions] of committed)
          versions.push((await does(store, roomId, extend)).version);
      }
    };
    let joins = 0;
    let heardInAll = 0;
    const joinAndLeave = async (client: TestClient, roomId: string): Promise<void> => {
      const rooms = [store.channel('room', roomId)];
      const since = client.received.length;
      expect(await client.call('join', { rooms })).toEqual({ ok: true });
      joins++;
      const from = existing(await store.load(roomId)).state.version;
      await sleep(10);
      const until = existing(await store.load(roomId)).state.version;
      const between = (versions: readonly number[]) =>
        versions.filter((version) => version > from && version <= until);
      await eventuallyPasses(() => {
        const heard = between(client.received.slice(since).map(({ payload }) => payload.version));
        expect(heard).toEqual(between(committed.get(roomId) ?? []));
      });
      heardInAll += between(committed.get(roomId) ?? []).length;
      await client.call('leave', { rooms });
    };
    const attend = async (own: readonly string[]): Promise<void> => {
      const client = await gateway.connect();
      for (let round = 0; round < ROUNDS; round++) {
        for (const roomId of own) await joinAndLeave(client, roomId);
      }
      client.close();
    };
    const rooms = [...committed.keys()];
    const attending = Array.from({ length: CLIENTS }, (_, i) =>
      attend(rooms.slice(i * ROOMS_EACH, (i + 1) * ROOMS_EACH)),
    );
    const committing = commitOn();
    await Promise.all(attending).finally(() => {
      isOver = true;
    });
    await committing;
    expect(joins).toBe(CLIENTS * ROOMS_EACH * ROUNDS);
    // Not nothing; how much a busy machine hears in the time is its own affair.
    expect(heardInAll).toBeGreaterThan(0);
  });
});

describe('a join while Redis does not answer', () => {
  it('is unavailable within about two seconds, ends no process, and works again afterwards', async () => {
    const server = await startRedisServer();
    const gateway = await Gateway.start({ url: server.url, prefix: 'qb', shards: 1, processName: 'frozen' });
    const client = await gateway.connect();
    const { store } = gateway.backend;
    const { state } = await roomIn(store, { now: epochMs(Date.now()) });
    const rooms = [store.channel('room', state.roomId)];
    await server.freeze();
    const askedAt = performance.now();
    expect(await client.call('join', { rooms })).toEqual({ ok: false, isUnavailable: true });
    const waitedMs = performance.now() - askedAt;
    expect(waitedMs).toBeGreaterThan(1_900);
    // Whoever waits for Redis waits for ever.
    expect(waitedMs).toBeLessThan(15_000);
    server.thaw();
    await eventuallyPasses(async () => expect(await client.call('join', { rooms })).toEqual({ ok: true }));
    await does(store, state.roomId, start());
    await client.waitFor('question:started', undefined, { since: 0 });
    client.close();
    await gateway.close();
    await server.stop();
  });

  it('is confirmed late when Redis comes back in time', async () => {
    const server = await startRedisServer();
    const gateway = await Gateway.start({ url: server.url, prefix: 'qb', shards: 1, processName: 'killed' });
    const client = await gateway.connect();
    const rooms = [gateway.backend.store.channel('room', '0'.repeat(24))];
    // A join waits for two seconds, in which a busy machine may not have started a Redis yet.
    const joinOverRestart = async () => {
      await server.kill();
      const joining = client.call('join', { rooms });
      await server.restart();
      return (await joining).ok;
    };
    let isConfirmed = false;
    for (let round = 0; round < 5 && !isConfirmed; round++) isConfirmed = await joinOverRestart();
    expect(isConfirmed).toBe(true);
    client.close();
    await gateway.close();
    await server.stop();
  });
});

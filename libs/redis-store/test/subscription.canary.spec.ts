import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import {
  closeRedisClient,
  eventually,
  type RedisCluster,
  type RedisServer,
  redisClient,
  startRedisCluster,
  startRedisServer,
  stopAllRedisServers,
} from '#libs/testing';
import { RedisBackend } from '../src/index.js';
import type { RedisClient } from '../src/script.definition.js';

const SHARDS = 6;
const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);
/** A lost connection is made anew at once, a dead one is noticed within about 4 s. */
const WITHIN = { timeoutMs: 20_000 };

afterAll(() => stopAllRedisServers());

type SocketAdapter = Awaited<ReturnType<RedisBackend['socketAdapter']>>;

interface Listening {
  readonly backend: RedisBackend;
  readonly adapter: SocketAdapter;
  /** The shards of every gap that was told. */
  readonly gaps: Set<number>;
}

async function listen(url: string): Promise<Listening> {
  const options = {
    prefix: 'qb',
    shards: SHARDS,
    retentionMs: 60_000,
    timeoutMs: 3_000,
    processName: 'canary',
  };
  const backend = await RedisBackend.connect({ url, ...options });
  const adapter = await backend.socketAdapter({ observe: () => {} });
  const gaps = new Set<number>();
  adapter.onGap((shards) => {
    for (const shard of shards) gaps.add(shard);
  });
  return { backend, adapter, gaps };
}

/** Ends the subscribing connections to that server, and says how many. */
async function killSubscribers(url: string): Promise<number> {
  const redis = redisClient(url);
  const clients = String(await redis.client('LIST')).split('\n');
  const subscribed = clients.filter((line) => / ssub=[1-9]/.test(line));
  for (const line of subscribed) await redis.client('KILL', 'ID', /\bid=(\d+)/.exec(line)?.[1] ?? '');
  await closeRedisClient(redis);
  return subscribed.length;
}

describe('on one server', () => {
  let server: RedisServer;
  let listening: Listening;
  beforeEach(async () => {
    server = await startRedisServer();
    listening = await listen(server.url);
  });
  afterEach(async () => {
    server.thaw();
    await listening.backend.close();
    await server.stop();
  });

  it('is heard from the start, and tells no gap', async () => {
    const { backend, adapter, gaps } = listening;
    expect(backend.isHearing).toBe(true);
    await Promise.all(ALL.map((shard) => adapter.caughtUp(shard)));
    expect([...gaps]).toEqual([]);
  });

  it('tells a gap of all shards when the connection was killed', async () => {
    const { backend, gaps } = listening;
    for (let i = 0; i < 5; i++) {
      gaps.clear();
      await eventually(async () => (await killSubscribers(server.url)) === 1);
      await eventually(() => gaps.size === SHARDS, WITHIN);
      expect(backend.isHearing).toBe(true);
    }
  });

  it('tells a gap when Redis was restarted', async () => {
    const { backend, gaps } = listening;
    await server.kill();
    await eventually(() => !backend.isHearing, WITHIN);
    await server.restart();
    await eventually(() => gaps.size === SHARDS && backend.isHearing, WITHIN);
  });

  it('hears nothing while Redis is frozen, and keeps the connection', async () => {
    const { backend, gaps } = listening;
    await server.freeze();
    await eventually(() => !backend.isHearing, WITHIN);
    server.thaw();
    await eventually(() => gaps.size === SHARDS && backend.isHearing, WITHIN);
    const redis = redisClient(server.url);
    const clients = String(await redis.client('LIST')).split('\n');
    await closeRedisClient(redis);
    const [subscriber = ''] = clients.filter((line) => / ssub=[1-9]/.test(line));
    expect(Number(/\bage=(\d+)/.exec(subscriber)?.[1])).toBeGreaterThanOrEqual(2);
  });
});

describe('on a Cluster', () => {
  let cluster: RedisCluster;
  let listening: Listening;
  beforeAll(async () => {
    cluster = await startRedisCluster();
    listening = await listen(cluster.url);
  });
  beforeEach(() => listening.gaps.clear());
  afterAll(async () => {
    await listening?.backend.close();
    await cluster?.stop();
  });

  const allCaughtUp = () => Promise.all(ALL.map((shard) => listening.adapter.caughtUp(shard)));

  it('every master is heard', async () => {
    await allCaughtUp();
    expect(listening.backend.isHearing).toBe(true);
  });

  // It is made anew within a second: no canary is missing, only events may be.
  it.each([0, 1, 2])('tells a gap when the connection to master %d was killed', async (i) => {
    const shards = ALL.slice((i * SHARDS) / 3, ((i + 1) * SHARDS) / 3);
    expect(await killSubscribers(cluster.nodes[i]?.url ?? '')).toBe(1);
    await eventually(() => shards.every((shard) => listening.gaps.has(shard)), WITHIN);
    await allCaughtUp();
  });

  it('hears every master again after it has cut its connections itself', async () => {
    // biome-ignore lint/complexity/useLiteralKeys: the brackets reach a private field
    const clients: Set<RedisClient> = listening.backend['connections'];
    const subscriber = [...clients].find(
      (client) => client instanceof Cluster && client.options.shardedSubscribers,
    );
    subscriber?.disconnect(true);
    await eventually(() => listening.gaps.size === SHARDS, WITHIN);
    await allCaughtUp();
  });
});

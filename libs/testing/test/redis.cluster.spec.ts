import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import {
  closeRedisClient,
  eventually,
  eventuallyPasses,
  type RedisCluster,
  type RedisSentinel,
  redisClient,
  startRedisCluster,
  startRedisSentinel,
} from '#libs/testing';

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

describe('a Redis Cluster of the test', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster?.stop());

  it('has three masters that share all slots, at the addresses that it tells', async () => {
    const hosts = cluster.url.replace('redis+cluster://', '').split(',');
    expect(hosts).toEqual(cluster.nodes.map(({ port }) => `127.0.0.1:${port}`));
    const client = new Cluster(hosts);
    const values = Array.from({ length: 30 }, (_, i) => `key${i}`);
    for (const key of values) expect(await client.set(key, key)).toBe('OK');
    expect(await Promise.all(values.map((key) => client.get(key)))).toEqual(values);
    const sizes = await Promise.all(client.nodes('master').map((node) => node.dbsize()));
    expect(sizes).toHaveLength(3);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    await client.quit();
  });

  it('names the master of a slot', async () => {
    const [first, , last] = cluster.nodes;
    expect(cluster.nodeOfSlot(0)).toBe(first);
    expect(cluster.nodeOfSlot(16_383)).toBe(last);
    expect(() => cluster.nodeOfSlot(16_384)).toThrow('no slot 16384');
    for (const slot of [5_460, 5_461, 10_922, 10_923]) {
      const client = redisClient(cluster.nodeOfSlot(slot).url);
      await client.cluster('COUNTKEYSINSLOT', slot);
      const owner = String(await client.cluster('NODES'))
        .split('\n')
        .find((line) => line.includes('myself'));
      const [from, to] = (owner?.split(' ').at(-1) ?? '').split('-').map(Number);
      expect(slot).toBeGreaterThanOrEqual(from ?? Number.NaN);
      expect(slot).toBeLessThanOrEqual(to ?? Number.NaN);
      await closeRedisClient(client);
    }
  });

  it('takes a restarted master back with its slots', async () => {
    const [node] = cluster.nodes;
    if (node === undefined) throw new Error('no node');
    await node.restart('SIGKILL');
    const client = redisClient(node.url);
    await eventuallyPasses(async () => {
      expect(String(await client.cluster('INFO'))).toMatch(/cluster_state:ok[\s\S]*cluster_known_nodes:3/);
      expect(await client.set('{0}', 'x').catch((error) => String(error))).toMatch(/OK|MOVED/);
    });
    await closeRedisClient(client);
  });

  it('leaves no process behind', async () => {
    const pids = cluster.nodes.map(({ pid }) => pid);
    await cluster.stop();
    expect(pids.map(isGone)).toEqual([true, true, true]);
  });
});

describe('Redis with Sentinels', () => {
  let sentinel: RedisSentinel;
  beforeAll(async () => {
    sentinel = await startRedisSentinel();
  });
  afterAll(() => sentinel?.stop());

  it('fails over to its replica, which has the data, and takes the old master back as a replica', async () => {
    const { before, after } = await (async () => {
      const client = redisClient((await sentinel.master()).url);
      await client.set('key', 'value');
      await closeRedisClient(client);
      await sentinel.replicated();
      return sentinel.failOver();
    })();
    expect(after.url).not.toBe(before.url);
    const client = redisClient(after.url);
    expect(await client.get('key')).toBe('value');
    await eventually(async () => (await client.set('key', 'new')) === 'OK');
    await before.restart();
    await eventually(async () => /slave0:.*state=online/.test(await client.info('replication')), {
      timeoutMs: 60_000,
    });
    expect(await sentinel.replica()).toBe(before);
    await closeRedisClient(client);
  });
});

import { afterAll, describe, expect, it } from '@jest/globals';
import type { SharedRates } from '#libs/room';
import {
  closeRedisClient,
  eventually,
  redisClient,
  removeKeys,
  startRedisCluster,
  startRedisServer,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { durationMs } from '#libs/timer-core';
import { describeRateLimits, type LimitsHarness, ratesOf } from '../../room/test/rate.limits.suite.js';
import { closeRedis, openRedis, whenReady } from '../src/redis.connection.js';
import { RedisLimits } from '../src/redis.limits.js';
import { KeySpace } from '../src/room.keys.js';

const ignore = (): void => undefined;

/** The limits of one gateway. */
async function limitsOn(
  url: string,
  prefix: string,
  rates: SharedRates,
  patienceMs = 30_000,
): Promise<LimitsHarness> {
  const client = openRedis('commands', { url, timeoutMs: 20_000, name: 'limits' }, ignore);
  await whenReady(client, 30_000);
  return {
    limits: new RedisLimits(client, new KeySpace(prefix, 1), rates, patienceMs),
    close: () => closeRedis(client),
  };
}

describeRateLimits('Redis', async (rates) => {
  const prefix = uniquePrefix('limits');
  const harness = await limitsOn(testRedisUrl(), prefix, rates);
  return {
    limits: harness.limits,
    close: async () => {
      await harness.close();
      const redis = redisClient(testRedisUrl());
      await removeKeys(redis, prefix);
      await closeRedisClient(redis);
    },
  };
});

describeRateLimits('Redis Cluster', async (rates) => {
  const cluster = await startRedisCluster();
  const harness = await limitsOn(cluster.url, 'cluster', rates);
  return {
    limits: harness.limits,
    close: async () => {
      await harness.close();
      await cluster.stop();
    },
  };
});

describe('shared limits', () => {
  const prefix = uniquePrefix('limits');
  const redis = redisClient(testRedisUrl());
  const rates = ratesOf({ joins: { count: 3, perMs: durationMs(60_000) } });
  afterAll(async () => {
    await removeKeys(redis, prefix);
    await closeRedisClient(redis);
  });

  it('are one for all gateways, under keys that begin with the prefix and go by themselves', async () => {
    const gateways = await Promise.all([1, 2].map(() => limitsOn(testRedisUrl(), prefix, rates)));
    const answers = [];
    for (let i = 0; i < 4; i++) {
      for (const { limits } of gateways) answers.push(await limits.take('joins', '192.0.2.1'));
    }
    expect(answers.filter((answer) => answer.allowed)).toHaveLength(3);
    const keys = await redis.keys(`${prefix}*`);
    expect(keys).toEqual([`${prefix}:limit:joins:192.0.2.1`]);
    for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
    await Promise.all(gateways.map((gateway) => gateway.close()));
  });

  it('are counted by each process for itself while Redis is away, and together again after it', async () => {
    const server = await startRedisServer();
    const { limits, close } = await limitsOn(server.url, 'away', rates);
    expect(await limits.take('joins', 'a')).toEqual({ allowed: true });
    await server.kill();
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await limits.take('joins', 'a'));
    expect(answers.map((answer) => answer.allowed)).toEqual([true, true, true, false, false]);
    expect(await limits.peek('joins', 'b')).toEqual({ allowed: true, taken: 0 });
    await server.restart();
    const back = redisClient(server.url);
    await eventually(
      async () => {
        await limits.take('joins', 'c');
        return (await back.exists('away:limit:joins:c')) === 1;
      },
      { message: 'nothing was counted in Redis any more' },
    );
    await closeRedisClient(back);
    await close();
    await server.stop();
  });

  it('keep nobody waiting for a Redis that does not answer', async () => {
    const server = await startRedisServer();
    const { limits, close } = await limitsOn(server.url, 'frozen', rates, 100);
    await server.freeze();
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 5 }, () => limits.take('joins', 'a')));
    const tookMs = performance.now() - began;
    server.thaw();
    expect(answers.filter((answer) => answer.allowed)).toHaveLength(3);
    // The commands themselves would be given up after 20 s.
    expect(tookMs).toBeLessThan(10_000);
    await close();
    await server.stop();
  });
});

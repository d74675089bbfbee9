import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  eventually,
  type RedisServer,
  rest,
  startGateway,
  startRedisServer,
  startScheduler,
  stopAllProcesses,
  stopAllRedisServers,
  type TestProcess,
  uniquePrefix,
} from '#libs/testing';
import { opsUrl } from './support/ops.port.js';

jest.setTimeout(120_000);

const ready = async (one: TestProcess) => {
  const { status, body } = await rest(`${opsUrl(one)}/health/ready`);
  return { status, checks: body.checks };
};

const owned = async (one: TestProcess) =>
  Number(/^quizbell_shards_owned (\d+)/m.exec(String((await rest(`${opsUrl(one)}/metrics`)).body))?.[1]);

describe('readiness', () => {
  let redis: RedisServer;
  let gateway: TestProcess;
  let schedulers: TestProcess[];

  beforeAll(async () => {
    redis = await startRedisServer();
    const env = { QUIZBELL_SHARDS: '2' };
    const app = { prefix: uniquePrefix('health'), redisUrl: redis.url, env };
    gateway = await startGateway(app);
    schedulers = await Promise.all([startScheduler(app), startScheduler(app), startScheduler(app)]);
  });
  afterAll(async () => {
    await stopAllProcesses();
    await stopAllRedisServers();
  });

  it('is given to a scheduler that owns nothing, but could', async () => {
    const counts = async () => (await Promise.all(schedulers.map(owned))).sort();
    await eventually(async () => (await counts()).join() === '0,1,1', {
      message: 'two of three own a shard',
    });
    const all = { status: 200, checks: { redis: true, clock: true, shards: true, accepting: true } };
    for (const scheduler of schedulers) expect(await ready(scheduler)).toEqual(all);
  });

  it('is taken away by each thing that is missing, by name, and comes back with it', async () => {
    await redis.kill();
    const missing = { redis: false, clock: false, shards: false, accepting: true };
    for (const scheduler of schedulers) {
      const isGone = async () => {
        const { status, checks } = await ready(scheduler);
        return status === 503 && JSON.stringify(checks) === JSON.stringify(missing);
      };
      await eventually(isGone, { message: 'a scheduler does not tell what it misses' });
    }
    const gone = { redis: false, clock: false, subscriptions: false, accepting: true };
    await eventually(async () => JSON.stringify((await ready(gateway)).checks) === JSON.stringify(gone));
    for (const one of [gateway, ...schedulers]) {
      expect((await rest(`${opsUrl(one)}/health/live`)).status).toBe(200);
    }
    await redis.restart();
    for (const one of [gateway, ...schedulers]) {
      await eventually(async () => (await ready(one)).status === 200, { message: 'not ready again' });
    }
  });
});

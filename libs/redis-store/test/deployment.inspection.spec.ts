import { afterAll, describe, expect, it } from '@jest/globals';
import {
  closeRedisClient,
  eventually,
  redisClient,
  removeKeys,
  startRedisServer,
  stopAllRedisServers,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { inspectDeployment, KeySpace, RedisBackend } from '../src/index.js';

const PREFIX = uniquePrefix('inspection');

afterAll(async () => {
  const redis = redisClient();
  await removeKeys(redis, PREFIX);
  await closeRedisClient(redis);
  await stopAllRedisServers();
});

const connect = (prefix: string, url = testRedisUrl()) =>
  RedisBackend.connect({
    url,
    prefix,
    shards: 3,
    retentionMs: 1_000,
    timeoutMs: 10_000,
    processName: 'test',
  });

async function look(prefix: string, { url = testRedisUrl(), shards = 8 } = {}) {
  const facts = await inspectDeployment({
    url,
    prefix,
    shards,
    timeoutMs: 10_000,
    connectWithinMs: 10_000,
  });
  if (facts.refusal !== undefined || typeof facts.installation === 'string')
    throw new Error(JSON.stringify(facts));
  return { ...facts.installation, servers: facts.servers };
}

const NOBODY = { granted: () => {}, revoked: () => {}, changed: () => {} };

describe('looking at a deployment', () => {
  it('writes nothing, and finds nothing before the first start', async () => {
    const prefix = `${PREFIX}-empty`;
    const { shards, ownerlessShards, processes } = await look(prefix);
    expect({ shards, processes }).toEqual({ shards: undefined, processes: [] });
    expect(ownerlessShards).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const redis = redisClient();
    expect(await redis.keys(`${prefix}*`)).toEqual([]);
    await closeRedisClient(redis);
  });

  it('finds gateways with what they tell of themselves, schedulers, owners, and who has gone', async () => {
    const prefix = `${PREFIX}-living`;
    const [gateway, scheduler] = await Promise.all([connect(prefix), connect(prefix)]);
    await gateway.introduce({ release: '1.2.3', secrets: ['new', 'old'] });
    await gateway.startHeartbeat();
    const ownership = scheduler.ownership();
    await ownership.start(NOBODY);
    const found = await eventually(async () => {
      const seen = await look(prefix);
      return seen.ownerlessShards.length === 0 && seen.processes.length === 2 && seen;
    });
    expect(found.shards).toBe(3);
    expect(found.processes).toContainEqual({
      id: gateway.processId,
      isGateway: true,
      isScheduler: false,
      release: '1.2.3',
      secrets: ['new', 'old'],
    });
    expect(found.processes).toContainEqual({
      id: scheduler.processId,
      isGateway: false,
      isScheduler: true,
      release: undefined,
      secrets: [],
    });
    await ownership.stop();
    await Promise.all([gateway.close(), scheduler.close()]);
    const gone = await eventually(async () => {
      const seen = await look(prefix);
      return seen.processes.length === 0 && seen;
    });
    expect(gone.ownerlessShards).toEqual([0, 1, 2]);
    const redis = redisClient();
    await eventually(async () => (await redis.exists(new KeySpace(prefix, 3).processes)) === 0);
    await closeRedisClient(redis);
  });

  it('is told again by everybody after Redis has lost its data', async () => {
    const server = await startRedisServer();
    const gateway = await connect(PREFIX, server.url);
    await gateway.introduce({ release: '1', secrets: ['x'] });
    await gateway.startHeartbeat();
    await server.restart('SIGKILL');
    const told = await eventually(
      async () =>
        (await look(PREFIX, { url: server.url, shards: 3 })).processes.find(({ secrets }) =>
          secrets.includes('x'),
        ),
      { timeoutMs: 60_000, everyMs: 200 },
    );
    expect(told.id).toBe(gateway.processId);
    await gateway.close();
    await server.stop();
  });

  it('throws away what the dead left behind a day ago, and what it cannot read', async () => {
    const { processes } = new KeySpace(`${PREFIX}-old`, 3);
    const redis = redisClient();
    const card = (seenAt: number) => JSON.stringify({ release: '1', secrets: [], seenAt });
    await redis.hset(processes, { dead: card(Date.now() - 90_000_000), odd: '{', fresh: card(Date.now()) });
    const backend = await connect(`${PREFIX}-old`);
    await backend.introduce({ release: '1', secrets: [] });
    expect((await redis.hkeys(processes)).sort()).toEqual(['fresh', backend.processId].sort());
    await backend.close();
    await closeRedisClient(redis);
  });
});

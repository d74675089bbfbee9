import { afterAll, describe, expect, it } from '@jest/globals';
import {
  closeRedisClient,
  redisClient,
  removeKeys,
  startRedisServer,
  stopAllRedisServers,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { epochMs } from '#libs/timer-core';
import { EVENT_NAMESPACE, RedisBackend, type RedisBackendOptions, StartupError } from '../src/index.js';
import { newPinIn, roomIn } from './room.fixture.js';

const PREFIX = uniquePrefix('starting');

afterAll(async () => {
  const redis = redisClient();
  await removeKeys(redis, PREFIX);
  await closeRedisClient(redis);
  await stopAllRedisServers();
});

describe('starting', () => {
  const options = (more: Partial<RedisBackendOptions>): RedisBackendOptions => ({
    url: testRedisUrl(),
    prefix: PREFIX,
    shards: 8,
    retentionMs: 1_000,
    timeoutMs: 10_000,
    processName: 'test',
    ...more,
  });
  const refusal = async (more: Partial<RedisBackendOptions>) => {
    const error = await RedisBackend.connect(options(more)).catch((reason: unknown) => reason);
    if (!(error instanceof StartupError)) throw new Error(`no StartupError: ${String(error)}`);
    return error.problems.join('\n');
  };

  it('fixes the number of shards for all that follow', async () => {
    const prefix = `${PREFIX}-fixed`;
    const first = await RedisBackend.connect(options({ prefix }));
    const second = await RedisBackend.connect(options({ prefix }));
    expect(first.processId).not.toBe(second.processId);
    expect(await refusal({ prefix, shards: 4 })).toMatch(/QUIZBELL_SHARDS.*8 shards/);
    expect(first.clock.now(7)).toBeGreaterThan(epochMs(1_600_000_000_000));
    expect(() => first.clock.now(8)).toThrow('shard 8');
    await Promise.all([first.close(), second.close()]);
  });

  it('is refused on a Redis that may evict rooms', async () => {
    const server = await startRedisServer({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    expect(await refusal({ url: server.url })).toMatch(/allkeys-lru, noeviction is needed/);
    await server.stop();
  });

  it('goes on with a warning where Redis hides its settings', async () => {
    const server = await startRedisServer({ args: ['--rename-command', 'CONFIG', ''] });
    const backend = await RedisBackend.connect(options({ url: server.url }));
    expect(backend.warnings).toEqual([expect.stringContaining('maxmemory-policy')]);
    await backend.close();
    await server.stop();
  });

  it('says what is wrong with the address, and never repeats it', async () => {
    expect(await refusal({ url: 'http://:secret@localhost' })).toBe('REDIS_URL is not a Redis address');
    expect(await refusal({ url: 'redis+sentinel://:secret@h1' })).not.toContain('secret');
  });

  it('works with what a process needs', async () => {
    const backend = await RedisBackend.connect(options({}));
    const pin = newPinIn(3, 8);
    const { state } = await roomIn(backend.store, { shard: 3, pin, now: backend.clock.now(3) });
    expect(await backend.store.findByPin(pin)).toBe(state.roomId);
    expect(await backend.ready()).toBe(true);
    await backend.startHeartbeat();
    await backend.members.enter({
      roomId: state.roomId,
      connection: 'c',
      member: { playerId: 'p', name: 'P', role: 'host' },
      nameKey: 'p',
      maxPlayers: 1,
      secondConnection: 'replace',
    });
    expect(await backend.store.occupiedAt(state.roomId)).toBeGreaterThan(state.createdAt - 1_000);
    expect(backend.store.channel('room', state.roomId)).toBe(
      backend.keys.socketRoom('room', state.roomId, 3),
    );
    expect(backend.keys.adapterChannel('room:x', EVENT_NAMESPACE)).toBe(`${PREFIX}#/quiz#room:x#`);
    await backend.close();
    expect(await backend.ready()).toBe(false);
  });
});

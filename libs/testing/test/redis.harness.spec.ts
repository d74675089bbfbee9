import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  acquireRedis,
  closeRedisClient,
  findOnPath,
  redisClient,
  removeKeys,
  stopAllRedisServers,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';

const folder = mkdtempSync(join(tmpdir(), 'quizbell-harness-'));

afterAll(async () => {
  await stopAllRedisServers();
  rmSync(folder, { recursive: true });
});

function script(name: string, body: string): string {
  const bin = join(folder, name);
  mkdirSync(bin);
  writeFileSync(join(bin, 'apt-get'), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return bin;
}

describe('acquiring a Redis', () => {
  it('has one for the whole run', async () => {
    const client = redisClient(testRedisUrl());
    await expect(client.ping()).resolves.toBe('PONG');
    await closeRedisClient(client);
  });

  it('takes REDIS_URL as it is, hides its password, and leaves it alone on stop', async () => {
    const url = testRedisUrl();
    const withUser = url.includes('@') ? url : url.replace('redis://', 'redis://default:@');
    const redis = await acquireRedis({ env: { REDIS_URL: withUser, PATH: '' } });
    expect(redis.url).toBe(withUser);
    expect(redis.origin).toMatch(/^REDIS_URL \(redis:\/\//);
    expect(redis.origin).not.toContain('@');
    expect(redis.version).toMatch(/^\d+\.\d+\.\d+$/);
    await redis.stop();
    const client = redisClient(url);
    await expect(client.ping()).resolves.toBe('PONG');
    await closeRedisClient(client);
  });

  it('refuses a REDIS_URL that does not answer, rather than test on another Redis', async () => {
    const env = { PATH: process.env.PATH, REDIS_URL: 'redis://:secret@127.0.0.1:1' };
    const refused = await acquireRedis({ env }).catch((error: Error) => error.message);
    expect(refused).toMatch(/REDIS_URL \(redis:\/\/127.0.0.1:1\) does not answer: .*ECONNREFUSED/);
    expect(refused).not.toContain('secret');
  });

  it('starts a private redis-server from the PATH and ends it on stop', async () => {
    const redis = await acquireRedis({ env: { PATH: process.env.PATH } });
    const client = redisClient(redis.url, { retryStrategy: () => null });
    await expect(client.config('GET', 'save')).resolves.toEqual(['save', '']);
    await redis.stop();
    await expect(client.ping()).rejects.toThrow();
    await closeRedisClient(client);
  });

  it('installs one with apt where there is none, without a service of its own', async () => {
    const binary = findOnPath('redis-server');
    if (process.getuid?.() !== 0 || !binary) return; // only root can install
    const bin = script(
      'apt',
      `[ "$1" = install ] && [ "$RUNLEVEL" = 1 ] && /bin/ln -s ${binary} "$(/usr/bin/dirname "$0")"/redis-server`,
    );
    const redis = await acquireRedis({ env: { PATH: bin }, sources: ['path', 'apt'] });
    expect(redis.origin).toContain(bin);
    await redis.stop();
  });

  it('says what it tried and how to get one', async () => {
    const bin = script('broken', 'echo "Unable to locate package" >&2; exit 100');
    const sources = ['url', 'path', 'apt'] as const;
    const tried = acquireRedis({ env: { PATH: bin }, sources });
    await expect(tried).rejects.toThrow(/apt-get install redis-server.*start Docker.*set REDIS_URL/);
  });
});

describe('keys', () => {
  it('have a prefix that is unique', () => {
    expect(uniquePrefix('Leases & co')).toMatch(/^qb-leases-co-[0-9a-f]{8}$/);
    expect(uniquePrefix('a')).not.toBe(uniquePrefix('a'));
  });

  it('are removed by prefix and no others', async () => {
    const client = redisClient();
    const [mine, other] = [uniquePrefix('mine'), uniquePrefix('other')];
    await client.mset(`${mine}:{0}a`, 1, `${mine}:{1}b`, 2, `${other}:{0}a`, 3);
    await removeKeys(client, mine);
    await expect(client.mget(`${mine}:{0}a`, `${mine}:{1}b`, `${other}:{0}a`)).resolves.toEqual([
      null,
      null,
      '3',
    ]);
    await removeKeys(client, other);
    await closeRedisClient(client);
  });
});

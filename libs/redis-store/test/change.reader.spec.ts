import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import {
  closeRedisClient,
  eventually,
  redisClient,
  removeKeys,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { type ChangeCount, ChangeReader } from '../src/change.reader.js';

const prefix = uniquePrefix('change-reader');
const stream = `${prefix}:changes`;
let redis: Redis;
let reader: ChangeReader;
const told: string[] = [];

beforeAll(async () => {
  redis = redisClient(testRedisUrl()) as Redis;
  reader = new ChangeReader(
    () => redisClient(testRedisUrl()),
    stream,
    (roomId) => told.push(roomId),
    (error) => {
      throw error;
    },
  );
  await reader.start();
});
afterAll(async () => {
  reader.stop();
  await removeKeys(redis, prefix);
  await closeRedisClient(redis);
});

const add = (roomId: string) => redis.xadd(stream, '*', 'room', roomId, 'version', 1);
const heardOf = (roomId: string) =>
  eventually(() => told.includes(roomId), { message: `${roomId} was not told` });

/** As the owner's look is told. */
async function marked(): Promise<ChangeCount> {
  const flat = (await redis.xinfo('STREAM', stream)) as unknown[];
  const field = (name: string) => flat[flat.indexOf(name) + 1];
  return { added: Number(field('entries-added')), lastId: String(field('last-generated-id')) };
}

describe('the reader of changes', () => {
  it('knows that it has told all of them', async () => {
    expect(reader.heard({ added: 0, lastId: '0-0' })).toBe('all');
    for (const roomId of ['a', 'b', 'c']) await add(roomId);
    await heardOf('c');
    expect(reader.heard(await marked())).toBe('all');
  });

  it('does not know of one that may be on its way', async () => {
    const { added, lastId } = await marked();
    const later = `${Number(lastId.split('-')[0]) + 60_000}-0`;
    expect(reader.heard({ added: added + 1, lastId: later })).toBe('unknown');
    expect(reader.heard({ added, lastId })).toBe('all');
  });

  it('notices one that was deleted before it read it, once', async () => {
    const lost = `${Date.now() + 1_000}-0`;
    await redis.multi().xadd(stream, lost, 'room', 'lost', 'version', 1).xdel(stream, lost).exec();
    const behind = `${Date.now() + 1_001}-0`;
    await redis.xadd(stream, behind, 'room', 'behind', 'version', 1);
    await heardOf('behind');
    expect(told).not.toContain('lost');
    expect(reader.heard(await marked())).toBe('not-all');
    expect(reader.heard(await marked())).toBe('all');
  });

  it('notices that the stream is another one', async () => {
    const first = `${Date.now() + 2_000}-0`;
    await redis.multi().del(stream).xadd(stream, first, 'room', 'another', 'version', 1).exec();
    await heardOf('another');
    expect(reader.heard(await marked())).toBe('not-all');
    expect(reader.heard(await marked())).toBe('all');
  });
});

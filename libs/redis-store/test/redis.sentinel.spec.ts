import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  closeRedisClient,
  eventually,
  type RedisSentinel,
  redisClient,
  startRedisSentinel,
} from '#libs/testing';
import { type ConnectionUse, closeRedis, openRedis, whenReady } from '../src/redis.connection.js';

const SENTINELS = 3;

let sentinel: RedisSentinel;

beforeAll(async () => {
  sentinel = await startRedisSentinel();
});
afterAll(() => sentinel?.stop());

async function open(use: ConnectionUse): Promise<Redis> {
  const client = openRedis(use, { url: sentinel.url, timeoutMs: 10_000, name: use }, () => {});
  if (!(client instanceof Redis)) throw new Error('a Cluster');
  await whenReady(client, 30_000);
  return client;
}

/** How many connections listen to a Sentinel for a fail-over. */
async function listeners(): Promise<number> {
  const counts = await Promise.all(
    sentinel.sentinelUrls.map(async (url) => {
      const client = redisClient(url);
      const list = String(await client.client('LIST'));
      await closeRedisClient(client);
      return list.split('\n').filter((line) => / sub=1 /.test(line)).length;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Cuts the client, and runs `act` while it asks a Sentinel who the master is. */
async function whileAsking(client: Redis, act: () => unknown): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    client.once('connecting', () => {
      act();
      resolve();
    });
  });
  client.disconnect(true);
  await asked;
}

describe('a connection through Sentinels', () => {
  // ioredis hears of a fail-over also by the connection that has just broken. If that was in the moment in which it asked
  // for the new master, it gave the client up: a gateway heard nothing any more, until somebody restarted it.
  it.each(['commands', 'subscriptions', 'blocking'] as const)(
    'for %s that is cut while it asks for the master is made all the same',
    async (use) => {
      const client = await open(use);
      let isOver = false;
      client.once('end', () => {
        isOver = true;
      });
      for (let i = 0; i < 3; i++) {
        await whileAsking(client, () => client.disconnect(true));
        await eventually(() => isOver || client.status === 'ready');
        expect(isOver).toBe(false);
      }
      expect(await client.ping()).toBe('PONG');
      await closeRedis(client);
    },
  );

  it('goes on hearing after such a cut', async () => {
    const [client, other] = await Promise.all([open('subscriptions'), open('commands')]);
    const heard: string[] = [];
    client.on('smessage', (_, text: string) => heard.push(text));
    await client.ssubscribe('{1}channel');
    await whileAsking(client, () => client.disconnect(true));
    await eventually(async () => {
      await other.spublish('{1}channel', 'still there');
      return heard.includes('still there');
    });
    await Promise.all([closeRedis(client), closeRedis(other)]);
  });

  // A QUIT ended the connection to the master alone. What listened to the Sentinels for a fail-over stayed, and a command
  // line that had done its work never ended.
  it('that is closed leaves none to a Sentinel behind', async () => {
    const clients = await Promise.all([open('commands'), open('subscriptions'), open('blocking')]);
    await eventually(async () => (await listeners()) === 2 * SENTINELS);
    await Promise.all(clients.map(closeRedis));
    await eventually(async () => (await listeners()) === 0, { message: 'somebody still listens' });
  });

  it('that is closed while it asks for the master ends', async () => {
    const client = await open('subscriptions');
    await whileAsking(client, () => closeRedis(client));
    await eventually(() => client.status === 'end');
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { closeRedisClient, redisClient, removeKeys, uniquePrefix } from '#libs/testing';
import type { RunId } from '#libs/timer-core';
import { BOARD_PATH, outcomeBoard } from '../src/outcome.board.js';
import { OutcomeQueue } from '../src/outcome.queue.js';

const KEY = 'a-key-for-the-board';
const keyPrefix = uniquePrefix('board');
const basic = (password: string) => `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}`;

let redis: Redis;
let queue: OutcomeQueue;
let server: Server;
let url: string;

beforeAll(async () => {
  redis = redisClient();
  const retry = { attempts: 1, retryMs: 10, retryMaxMs: 10 };
  queue = new OutcomeQueue({ commands: redis, keyPrefix, retry, retentionMs: 60_000, wantsEveryRun: false });
  server = createServer(outcomeBoard(queue, ['another-key', KEY]));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${BOARD_PATH}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await queue.close();
  await removeKeys(redis, keyPrefix);
  await closeRedisClient(redis);
});

const ask = (path: string, authorization?: string, method = 'GET') =>
  fetch(`${url}${path}`, { method, headers: authorization === undefined ? {} : { authorization } });

describe('the board of the queue', () => {
  it.each([
    ['nothing', undefined],
    ['a wrong key', `Bearer ${KEY}x`],
    ['an empty key', 'Bearer '],
    ['a wrong password', basic('wrong')],
    ['an empty password', basic('')],
    ['a password alone', `Basic ${Buffer.from(KEY).toString('base64')}`],
    ['another scheme', `Digest ${KEY}`],
  ])('asks for an API key: %s', async (_what, authorization) => {
    for (const path of ['', '/', '/api/queues', '/static/favicon-32x32.png']) {
      const response = await ask(path, authorization);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic /);
      expect(await response.text()).not.toMatch(/<html/i);
    }
  });

  it.each([`Bearer ${KEY}`, basic(KEY), basic('another-key')])('is shown to whoever has one', async (key) => {
    const page = await ask('/', key);
    expect(page.status).toBe(200);
    const html = await page.text();
    expect(html).toMatch(/<title>Quizbell/);
    const [, script = ''] = /src="([^"]+\.js)"/.exec(html) ?? [];
    const asset = await ask(`/${script.replace(/^.*?static\//, 'static/')}`, key);
    expect([asset.status, asset.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/javascript/),
    ]);
  });

  it('shows the jobs, and lets nobody change them', async () => {
    await queue.runSettling('r1', 17 as RunId);
    const shown = await ask('/api/queues?activeQueue=outcomes&status=waiting', basic(KEY));
    expect(await shown.json()).toMatchObject({
      queues: [{ name: 'outcomes', readOnlyMode: true, jobs: [{ id: 'outcome-r1-17' }] }],
    });
    for (const [method, path] of [
      ['PUT', '/api/queues/outcomes/outcome-r1-17/clean'],
      ['PUT', '/api/queues/outcomes/empty'],
      ['PUT', '/api/queues/outcomes/obliterate'],
      ['PUT', '/api/queues/outcomes/pause'],
      ['POST', '/api/queues/outcomes/add'],
    ] as const) {
      const { status } = await ask(path, basic(KEY), method);
      expect(status).toBe(405);
    }
    expect(await queue.counts()).toMatchObject({ waiting: 1 });
    expect(await (await queue.queue()).isPaused()).toBe(false);
  });
});

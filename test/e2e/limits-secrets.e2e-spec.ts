import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  runProcess,
  startGateway,
  startScheduler,
  stopAllProcesses,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { accepted, closeAllClients, connect, createRoom } from './support/room.client.js';

jest.setTimeout(120_000);

const OLD = 'w8Vt0hQ2yKf7ZrXcN5mBpLs3Jd9GaEu1';
const NEW = 'k4Rz6TqYbW1nVxMjC8eHgPf2Ul0DsAo7';

afterEach(closeAllClients);
afterAll(stopAllProcesses);

describe('the replacement of a secret', () => {
  const prefix = uniquePrefix('rotation');
  beforeAll(() => startScheduler({ prefix }));

  it('throws nobody out while gateways are restarted one by one, and ends what the old one signed', async () => {
    const before = await startGateway({ prefix, secret: OLD });
    const room = await createRoom(before.url);
    const during = await startGateway({ prefix, secret: `${NEW},${OLD}` });
    const renewed = accepted(
      await (await connect(during.url)).call('room:join', { token: room.hostToken }),
    ).token;
    const after = await startGateway({ prefix, secret: NEW });
    accepted(await (await connect(after.url)).call('room:join', { token: renewed }));
    const stale = await (await connect(after.url)).call('room:join', { token: room.hostToken });
    expect(stale).toMatchObject({ ok: false, error: { code: 'unauthorized' } });
    // A gateway that was not restarted yet does not know the new one: first all must verify it, then it may sign.
    const early = await (await connect(before.url)).call('room:join', { token: renewed });
    expect(early).toMatchObject({ ok: false, error: { code: 'unauthorized' } });
    const prepared = await startGateway({ prefix, secret: `${OLD},${NEW}` });
    accepted(await (await connect(prepared.url)).call('room:join', { token: renewed }));
  });
});

describe('production does not start', () => {
  it.each([
    [
      'a secret of an example',
      { QUIZBELL_SECRET: 'change-me-change-me-change-me-change-me' },
      'QUIZBELL_SECRET',
    ],
    ['a repeated character', { QUIZBELL_SECRET: 'x'.repeat(40) }, 'QUIZBELL_SECRET'],
    ['a short secret', { QUIZBELL_SECRET: 'k4Rz6TqYbW1nVxMj' }, 'QUIZBELL_SECRET'],
    ['no secret', { QUIZBELL_SECRET: undefined }, 'QUIZBELL_SECRET'],
    ['one bad secret of two', { QUIZBELL_SECRET: `${NEW},${'ab'.repeat(20)}` }, 'QUIZBELL_SECRET'],
    ['an API key of an example', { QUIZBELL_API_KEYS: 'change-me' }, 'QUIZBELL_API_KEYS'],
  ])('with %s', async (_, wrong, name) => {
    const env = {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      REDIS_URL: testRedisUrl(),
      QUIZBELL_KEY_PREFIX: uniquePrefix('weak'),
      QUIZBELL_SECRET: NEW,
      QUIZBELL_API_KEYS: 'a-key-of-our-own',
      ...wrong,
    };
    for (const app of ['gateway', 'standalone']) {
      const { code, stderr } = await runProcess({ name: app, script: `dist/apps/${app}/src/main.js`, env });
      expect(code).toBe(2);
      expect(stderr).toContain(name);
      for (const value of Object.values(wrong)) if (value !== undefined) expect(stderr).not.toContain(value);
    }
  });
});

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  eventually,
  rest,
  runProcess,
  startGateway,
  startRedisServer,
  startScheduler,
  startStandalone,
  stopAllProcesses,
  stopAllRedisServers,
  type TestProcess,
  uniquePrefix,
} from '#libs/testing';
import { closeAllClients, connect, createRoom, join, tokenFor } from '../e2e/support/room.client.js';
import { opsUrl } from './support/ops.port.js';

jest.setTimeout(120_000);

const PASSWORD = 'Zx8-redis-password/with@signs';
const WRONG_PASSWORD = 'Qm3-another-password-that-is-wrong';
const SECRET = 'w8Vt0hQ2yKf7ZrXcN5mBpLs3Jd9GaEu1';
const OLD_SECRET = 'k4Rz6TqYbW1nVxMjC8eHgPf2Ul0DsAo7';
const API_KEY = 'H7s-api-key-of-the-quiz-app-0001';
const WEBHOOK_SECRET = `whsec_${Buffer.from('thirty-two random bytes of ours!').toString('base64')}`;
/** What hosts and players hand over; the right answer is a secret until the closing, and then no log's business. */
const CORRECT = 'the-right-answer-nobody-may-read';

const addressWith = (url: string, password: string) =>
  url.replace('redis://', `redis://:${encodeURIComponent(password)}@`);

/** Every form in which a secret might be written. */
const formsOf = (secret: string) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];

describe('the logs at their most talkative level', () => {
  const processes: TestProcess[] = [];
  const tokens: string[] = [];
  const output: string[] = [];

  beforeAll(async () => {
    const redis = await startRedisServer({ args: ['--requirepass', PASSWORD] });
    const app = {
      prefix: uniquePrefix('log'),
      redisUrl: addressWith(redis.url, PASSWORD),
      secret: `${SECRET},${OLD_SECRET}`,
      env: {
        NODE_ENV: 'production',
        LOG_LEVEL: 'trace',
        QUIZBELL_API_KEYS: API_KEY,
        QUIZBELL_WEBHOOK_SECRET: WEBHOOK_SECRET,
        QUIZBELL_WEBHOOK_URL: `http://user:${encodeURIComponent(PASSWORD)}@127.0.0.1:9/`,
        QUIZBELL_WEBHOOK_ALLOW_PRIVATE: 'true',
        QUIZBELL_WEBHOOK_RETRY_MS: '50',
      },
    };
    processes.push(...(await Promise.all([startGateway(app), startScheduler(app), startStandalone(app)])));
    const [gateway, scheduler, standalone] = processes as [TestProcess, TestProcess, TestProcess];
    for (const url of [gateway.url ?? '', standalone.url ?? '']) {
      const room = await createRoom(url, undefined, API_KEY);
      tokens.push(room.hostToken, await tokenFor(url, room, 'spectator'));
      const host = await join(url, { token: room.hostToken });
      const player = await join(url, { pin: room.pin, name: 'Ada' });
      tokens.push(host.token, player.token);
      const question = { questionId: 'q', durationMs: 1_000, content: {}, correct: CORRECT };
      await host.client.call('question:start', question);
      await player.client.call('answer:submit', { questionId: 'q', choice: CORRECT });
      await player.client.waitFor('question:closed');
      // Refused with what they carry: errors are where secrets get out.
      const stranger = await connect(url);
      await stranger.call('room:join', { token: `${room.hostToken}x` });
      await stranger.call('room:join', { token: { token: room.hostToken } });
      await rest(`${url}/v1/rooms`, { body: '{', key: API_KEY });
      await rest(`${url}/v1/rooms/${room.roomId}?token=${room.hostToken}`, { key: room.hostToken });
    }
    await eventually(async () => {
      const { body } = await rest(`${opsUrl(scheduler)}/metrics`);
      const settled = /^quizbell_runs_settled_total (\d+)/m.exec(String(body));
      const elsewhere = String((await rest(`${opsUrl(standalone)}/metrics`)).body);
      return Number(settled?.[1]) + Number(/^quizbell_runs_settled_total (\d+)/m.exec(elsewhere)?.[1]) >= 2;
    });
    // An outage, so that drivers tell of commands that failed.
    await redis.kill();
    await eventually(() =>
      processes.every(({ lines }) => lines.some((line) => line.includes('Redis trouble'))),
    );
    await redis.restart();
    const refusedStart = (name: string) => {
      const env = {
        ...app.env,
        HOST: '127.0.0.1',
        PORT: '0',
        QUIZBELL_SECRET: app.secret,
        QUIZBELL_KEY_PREFIX: app.prefix,
        REDIS_URL: addressWith(redis.url, WRONG_PASSWORD),
      };
      return runProcess({ name, script: `dist/apps/${name}/src/main.js`, env });
    };
    const refused = await Promise.all(['gateway', 'scheduler', 'standalone'].map(refusedStart));
    for (const { code, stdout, stderr } of refused) {
      expect(code).toBe(2);
      output.push(stdout, stderr);
    }
  });
  afterAll(async () => {
    closeAllClients();
    await stopAllProcesses();
    await stopAllRedisServers();
  });

  it('are JSON, and tell of no secret, key, password or token', () => {
    for (const { name, stderr } of processes) {
      expect(stderr.length).toBeGreaterThan(5);
      for (const line of stderr) expect(JSON.parse(line)).toMatchObject({ name, level: expect.any(Number) });
    }
    const written = [...processes.flatMap(({ lines }) => lines), ...output].join('\n');
    expect(written).toContain('A command was done');
    const secrets = [PASSWORD, WRONG_PASSWORD, SECRET, OLD_SECRET, API_KEY, WEBHOOK_SECRET, CORRECT];
    expect(new Set(tokens).size).toBeGreaterThanOrEqual(6);
    const found = [...secrets, ...tokens].flatMap(formsOf).filter((secret) => written.includes(secret));
    expect(found).toEqual([]);
    // Nor without its prefix, or a token without its last part.
    expect(written).not.toContain(WEBHOOK_SECRET.replace('whsec_', ''));
    expect(written).not.toMatch(/eyJ[A-Za-z0-9_-]{8,}\./);
  });
});

import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import {
  closeRedisClient,
  eventually,
  redisClient,
  removeKeys,
  rest,
  runProcess,
  startGateway,
  startRedisServer,
  startScheduler,
  startStandalone,
  stopAllProcesses,
  stopAllRedisServers,
  TestClient,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { LATENESS_MS } from './support/cluster.harness.js';
import {
  changesOf,
  closeAllClients,
  command,
  createRoom,
  historyOf,
  hostOf,
  playerOf,
  startOf,
} from './support/room.client.js';
import { expectTicksAt } from './support/tick.matcher.js';

const APPS = ['gateway', 'scheduler', 'standalone'] as const;
const prefix = uniquePrefix('start');

afterEach(closeAllClients);
afterAll(async () => {
  await stopAllProcesses();
  const redis = redisClient();
  await removeKeys(redis, prefix);
  await closeRedisClient(redis);
  await stopAllRedisServers();
});

type App = (typeof APPS)[number];

/** Runs an app that cannot start to its end. */
function refusedStart(app: App, env: Record<string, string | undefined>) {
  const base = { HOST: '127.0.0.1', PORT: '0', QUIZBELL_KEY_PREFIX: prefix };
  return runProcess({ name: app, script: `dist/apps/${app}/src/main.js`, env: { ...base, ...env } });
}

/** The problems that stderr lists, one a line. */
const problemsOf = (stderr: string) => stderr.split('\n').filter((line) => /^\s+- /.test(line));

describe('a start that is refused', () => {
  it('lists every problem of the configuration on stderr, by name and never by value, and ends with 2', async () => {
    const env = {
      HOST: 'no such value-1',
      PORT: 'value-2',
      QUIZBELL_OPS_PORT: '99999',
      REDIS_URL: 'http://user:value-3@secret-host',
      QUIZBELL_KEY_PREFIX: '{value-4}',
      QUIZBELL_SECRET: 'value-5',
      QUIZBELL_PUBLIC_ROOMS: 'value-6',
      QUIZBELL_ORIGINS: 'value-7',
      QUIZBELL_SHARDS: '0',
      QUIZBELL_ROOM_IDLE_MS: '-8',
      LOG_LEVEL: 'value-9',
    };
    for (const app of ['gateway', 'standalone'] as const) {
      const { code, stderr, stdout } = await refusedStart(app, env);
      expect(code).toBe(2);
      const problems = problemsOf(stderr);
      const listed = problems.map((line) => /- (\w+)/.exec(line)?.[1]);
      expect(listed.sort()).toEqual(Object.keys(env).sort());
      for (const value of ['value-', '99999', '-8', 'secret-host'])
        expect(stderr + stdout).not.toContain(value);
      expect(stdout).not.toContain('ready');
    }
  });

  it.each(['gateway', 'scheduler'] as const)('a %s without a Redis to share rooms through', async (app) => {
    const { code, stderr } = await refusedStart(app, {});
    expect(code).toBe(2);
    expect(problemsOf(stderr)).toEqual([expect.stringContaining('REDIS_URL')]);
  });

  it.each(['gateway', 'standalone'] as const)('a %s in production without secret and keys', async (app) => {
    const env = { NODE_ENV: 'production', REDIS_URL: testRedisUrl() };
    const bare = await refusedStart(app, env);
    expect(bare.code).toBe(2);
    const expected = ['QUIZBELL_SECRET', 'QUIZBELL_API_KEYS'].map((name) => expect.stringContaining(name));
    expect(problemsOf(bare.stderr)).toEqual(expected);
    const weak = await refusedStart(app, {
      ...env,
      QUIZBELL_SECRET: 'only-twenty-letters!',
      QUIZBELL_API_KEYS: 'k',
    });
    expect(weak.code).toBe(2);
    expect(weak.stderr).toContain('QUIZBELL_SECRET');
    expect(weak.stderr).not.toContain('only-twenty');
  });

  it('an installation that was begun with another number of shards', async () => {
    const scheduler = await startScheduler({ prefix });
    for (const app of APPS) {
      const { code, stderr } = await refusedStart(app, { REDIS_URL: testRedisUrl(), QUIZBELL_SHARDS: '4' });
      expect(code).toBe(2);
      expect(problemsOf(stderr)).toEqual([expect.stringContaining('QUIZBELL_SHARDS')]);
    }
    await scheduler.stop();
  });

  it('a Redis that may evict live rooms', async () => {
    const redis = await startRedisServer({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const { code, stderr } = await refusedStart('gateway', { REDIS_URL: redis.url });
    expect(code).toBe(2);
    expect(problemsOf(stderr)).toEqual([expect.stringContaining('maxmemory-policy')]);
    await redis.stop();
  });

  it('a port that is taken', async () => {
    const first = await startStandalone({ prefix });
    const { code, stderr } = await refusedStart('standalone', { PORT: new URL(first.url).port });
    expect(code).toBe(2);
    expect(problemsOf(stderr)).toEqual([expect.stringContaining('PORT')]);
    await first.stop();
  });
});

describe('a start', () => {
  it('says last, on stdout, that it is ready, and where', async () => {
    const [gateway, scheduler, single] = await Promise.all([
      startGateway({ prefix }),
      startScheduler({ prefix }),
      startStandalone({ prefix }),
    ]);
    expect(gateway.stdout.at(-1)).toBe(`Quizbell gateway is ready on ${gateway.url}`);
    expect(scheduler.stdout.at(-1)).toMatch(/^Quizbell scheduler is ready/);
    expect(single.stdout.at(-1)).toBe(`Quizbell is ready on ${single.url}`);
    for (const app of [gateway, single]) {
      expect((await rest(`${app.url}/health/live`)).status).toBe(200);
      expect((await rest(`${app.url}/health/ready`)).body).toMatchObject({ status: 'ok' });
    }
    for (const app of [gateway, scheduler, single]) {
      await expect(app.stop()).resolves.toEqual({ code: 0, signal: null });
    }
  });

  it('in development says what it made up', async () => {
    const single = await startStandalone({ prefix, env: { QUIZBELL_SECRET: undefined } });
    single.signal('SIGINT');
    await expect(single.exited).resolves.toEqual({ code: 0, signal: null });
    // A warning comes by another pipe than the line of a ready process: now both were read to their end.
    for (const name of ['QUIZBELL_SECRET', 'QUIZBELL_API_KEYS', 'REDIS_URL']) {
      expect(single.lines.filter((line) => line.includes(name))).toHaveLength(1);
    }
  });

  it('of the single process plays a question without any Redis', async () => {
    const single = await startStandalone({ prefix });
    const room = await createRoom(single.url);
    const host = await hostOf(single.url, room);
    const player = await playerOf(single.url, room);
    const content = { text: 'Why?' };
    const start = startOf('q1', { leadInMs: 200, durationMs: 3_500, tickMs: 1_000, content });
    await command(host.client, 'question:start', start);
    const { payload: opened } = await player.client.waitFor('question:opened');
    await command(host.client, 'question:pause');
    await command(host.client, 'question:resume');
    const { payload: closed } = await player.client.waitFor('question:closed');
    expect(changesOf(player.client).map(({ event }) => event)).toEqual([
      'question:started',
      'question:opened',
      'question:paused',
      'question:resumed',
      'question:closed',
    ]);
    const places = player.client
      .events('question:tick')
      .map(({ payload }) => Math.ceil(payload.remainingMs / 1_000));
    expectTicksAt(places, [3, 2, 1]);
    expect(closed).toMatchObject({ reason: 'expired', closedAt: closed.endsAt });
    expect(closed.endsAt).toBeGreaterThanOrEqual(opened.endsAt);
    expect(closed.serverNow - closed.endsAt).toBeGreaterThanOrEqual(0);
    expect(closed.serverNow - closed.endsAt).toBeLessThan(LATENESS_MS);
    // The default namespace is the tutorial's, in development.
    await expect(TestClient.connect(single.url, { namespace: '/' })).rejects.toThrow('Token not provided');
    await expect(single.stop()).resolves.toEqual({ code: 0, signal: null });
    await player.client.waitFor('server:draining');
  });
});

it('the single process on Redis shares its rooms with a gateway', async () => {
  const app = { prefix, redisUrl: testRedisUrl() };
  const [single, gateway] = await Promise.all([startStandalone(app), startGateway(app)]);
  const room = await createRoom(gateway.url);
  const host = await hostOf(single.url, room);
  const player = await playerOf(gateway.url, room);
  await command(host.client, 'question:start', startOf('q1', { durationMs: 300 }));
  const { payload } = await player.client.waitFor('question:closed');
  expect(payload.reason).toBe('expired');
  await host.client.waitFor('question:closed');
  expect(historyOf(player.client)).toEqual(historyOf(host.client));
  await expect(single.stop()).resolves.toEqual({ code: 0, signal: null });
  await gateway.stop();
});

describe('while Redis does not answer', () => {
  it.each(['frozen', 'killed'] as const)(
    '(%s) a gateway lives, is not ready, refuses in time, and comes back',
    async (how) => {
      const redis = await startRedisServer();
      const app = { prefix, redisUrl: redis.url };
      const [gateway] = await Promise.all([startGateway(app), startScheduler(app)]);
      const room = await createRoom(gateway.url);
      const host = await hostOf(gateway.url, room);
      await (how === 'frozen' ? redis.freeze() : redis.kill());

      expect((await rest(`${gateway.url}/health/ready`)).status).toBe(503);
      expect((await rest(`${gateway.url}/health/live`)).status).toBe(200);
      const ack = await host.client.call('question:start', startOf('q1'));
      expect(ack.error).toMatchObject({ code: 'unavailable', retryable: true });
      const stranger = await TestClient.connect(gateway.url);
      expect((await stranger.call('room:join', { pin: room.pin })).error?.code).toBe('unavailable');
      stranger.close();
      const read = await rest(`${gateway.url}/v1/rooms/${room.roomId}`, { key: room.hostToken });
      expect([read.status, read.body.code]).toEqual([503, 'unavailable']);

      if (how === 'frozen') redis.thaw();
      else await redis.restart();
      await eventually(async () => (await rest(`${gateway.url}/health/ready`)).status === 200, {
        timeoutMs: 60_000,
      });
      const other = await createRoom(gateway.url);
      const otherHost = await hostOf(gateway.url, other);
      // A Redis that has lost its memory has no owners yet: `unavailable` means to ask again.
      const start = startOf('q1', { durationMs: 100, commandId: 'c1' });
      await eventually(async () => (await otherHost.client.call('question:start', start)).ok);
      await otherHost.client.waitFor('question:closed');
      await stopAllProcesses();
      await redis.stop();
    },
  );
});

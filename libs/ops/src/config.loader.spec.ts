import { describe, expect, it } from '@jest/globals';
import { type Config, loadConfig, type ProcessRole } from './config.loader.js';
import { ConfigurationError } from './configuration.error.js';

const SECRET = 'a-secret-of-thirty-two-characters!!';
const REDIS = 'redis://localhost:6379';

function problemsFor(env: Record<string, string>, role: ProcessRole = 'standalone'): readonly string[] {
  try {
    loadConfig(env, role);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('starts in development with nothing set, and says what it made up', () => {
    const config = loadConfig({}, 'standalone');
    expect(config.http).toEqual({
      host: '0.0.0.0',
      port: 3000,
      origins: undefined,
      trustProxy: false,
      drainMs: 5_000,
      hasPages: true,
    });
    expect(config.redis).toEqual({ url: undefined, prefix: 'quizbell', shards: 8, timeoutMs: 1_000 });
    expect(config.rooms).toEqual({
      idleMs: 3_600_000,
      maxPlayers: 10_000,
      maxRooms: 100_000,
      retentionMs: 604_800_000,
    });
    const perTenSeconds = { count: 1_000, perMs: 10_000 };
    expect(config.limits).toEqual({
      shared: {
        connections: perTenSeconds,
        joins: perTenSeconds,
        rooms: { count: 10, perMs: 60_000 },
        rest: { count: 3_000, perMs: 10_000 },
        wrong_pins: { count: 100, perMs: 60_000 },
        wrong_pins_overall: { count: 1_000, perMs: 60_000 },
      },
      events: { count: 100, perMs: 2_000 },
      maxConnections: 20_000,
      maxConnectionsPerAddress: 5_000,
      maxBufferBytes: 1_048_576,
    });
    expect(config.access.createRooms).toBe('open');
    expect(config.opsPort).toBeUndefined();
    expect(config.notices.map((notice) => notice.split(' ')[0])).toEqual([
      'QUIZBELL_SECRET',
      'QUIZBELL_API_KEYS',
      'REDIS_URL',
    ]);
  });

  it('makes up another secret each time', () => {
    const [one, other] = [loadConfig({}, 'standalone'), loadConfig({}, 'standalone')];
    expect(one.access.secrets).not.toEqual(other.access.secrets);
  });

  it('has nothing to say where everything is set', () => {
    const env = { REDIS_URL: REDIS, QUIZBELL_SECRET: SECRET, QUIZBELL_API_KEYS: 'k1, k2,' };
    const config = loadConfig(env, 'gateway');
    expect(config.notices).toEqual([]);
    expect(config.access).toEqual({ secrets: [SECRET], apiKeys: ['k1', 'k2'], createRooms: 'keys' });
  });

  it('lists every problem at once and names variables, never values', () => {
    const problems = problemsFor(
      {
        PORT: '99999x',
        REDIS_URL: 'http://user:hunter2@elsewhere',
        QUIZBELL_KEY_PREFIX: '{tag}',
        QUIZBELL_SHARDS: '0',
        QUIZBELL_SECRET: 'hunter2',
        QUIZBELL_TRUST_PROXY: 'my-proxy-hunter2',
        LOG_LEVEL: 'hunter2',
      },
      'gateway',
    );
    const named = problems.map((problem) => problem.split(':')[0]);
    expect(named.sort()).toEqual([
      'LOG_LEVEL',
      'PORT',
      'QUIZBELL_KEY_PREFIX',
      'QUIZBELL_SECRET',
      'QUIZBELL_SHARDS',
      'QUIZBELL_TRUST_PROXY',
      'REDIS_URL',
    ]);
    expect(problems.join()).not.toMatch(/hunter2|99999|tag/);
  });

  it('refuses production without a secret and without anybody who could create a room', () => {
    expect(problemsFor({ NODE_ENV: 'production' })).toEqual([
      expect.stringMatching(/^QUIZBELL_SECRET is not set/),
      expect.stringMatching(/^QUIZBELL_API_KEYS is not set/),
    ]);
    const weak = {
      NODE_ENV: 'production',
      QUIZBELL_SECRET: `${SECRET},too-short-for-production`,
      QUIZBELL_API_KEYS: 'k',
    };
    expect(problemsFor(weak)).toEqual([expect.stringMatching(/^QUIZBELL_SECRET: .*32/)]);
    const open = { NODE_ENV: 'production', QUIZBELL_SECRET: SECRET, QUIZBELL_PUBLIC_ROOMS: 'true' };
    expect(loadConfig(open, 'standalone').access.createRooms).toBe('limited');
  });

  it.each([
    'change-me-change-me-change-me-change-me-1',
    'CHANGEME_before_you_go_live_0123456789',
    'your-secret-here-your-own-secret-key-42',
    'my-super-secret-jwt-signing-key-4711-0815',
    'a'.repeat(64),
    'ab'.repeat(20),
    'Quizbell1'.repeat(4),
    '0123456789abcdef0123456789abcdef',
    'abcdefghijklmnopqrstuvwxyz0123456789',
    '12345678901234567890123456789012345',
  ])('refuses the secret %s in production, which somebody could know or guess', (secret) => {
    const env = { QUIZBELL_SECRET: `${SECRET},${secret}`, QUIZBELL_API_KEYS: 'k1' };
    const problems = problemsFor({ ...env, NODE_ENV: 'production' });
    expect(problems).toEqual([expect.stringMatching(/^QUIZBELL_SECRET: one of them /)]);
    expect(problems.join()).not.toContain(secret);
    expect(problemsFor(env)).toEqual([]);
  });

  it('takes random secrets in production, several for a rotation, but no API key from an example', () => {
    const good = ['TyLlm2iL0wWHxJ0oNgBFuLPZ2dDwfS4nTPJ9IYxPpqs=', '9f86d081884c7d659a2feaa0c55ad015'];
    const env = { NODE_ENV: 'production', QUIZBELL_SECRET: good.join(', '), QUIZBELL_API_KEYS: 'k1' };
    expect(loadConfig(env, 'standalone').access.secrets).toEqual(good);
    expect(problemsFor({ ...env, QUIZBELL_API_KEYS: 'k1,change-me' })).toEqual([
      expect.stringMatching(/^QUIZBELL_API_KEYS: one of them /),
    ]);
  });

  it.each<[string, Config['limits']['events']]>([
    ['5/1s', { count: 5, perMs: 1_000 as never }],
    ['1000/3600s', { count: 1_000, perMs: 3_600_000 as never }],
    ['off', null],
    ['OFF', null],
  ])('reads the rate %s', (text, expected) => {
    expect(loadConfig({ QUIZBELL_RATE_EVENTS: text }, 'standalone').limits.events).toEqual(expected);
  });

  it.each(['5', '5/s', '0/1s', '5/0s', '5/1m', '-5/1s', '5/1.5s', 'on'])('takes no rate %s', (text) => {
    expect(problemsFor({ QUIZBELL_RATE_JOINS: text })).toEqual([
      expect.stringMatching(/^QUIZBELL_RATE_JOINS: expected a rate such as 1000\/10s/),
    ]);
  });

  it.each(['10.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0.0/08'])('does not trust the proxies %s', (text) => {
    expect(problemsFor({ QUIZBELL_TRUST_PROXY: text })).toEqual([
      expect.stringMatching(/^QUIZBELL_TRUST_PROXY: expected/),
    ]);
  });

  it('refuses gateway and scheduler without Redis; a scheduler needs no secret, in production neither', () => {
    expect(problemsFor({}, 'gateway')).toEqual([expect.stringMatching(/^REDIS_URL is not set/)]);
    expect(problemsFor({}, 'scheduler')).toEqual([expect.stringMatching(/^REDIS_URL is not set/)]);
    const scheduler = loadConfig({ NODE_ENV: 'production', REDIS_URL: REDIS }, 'scheduler');
    expect([scheduler.notices, scheduler.access.secrets]).toEqual([[], []]);
  });

  it('refuses an API key from an example in a scheduler too, and there looks at no secret of tokens', () => {
    const env = { NODE_ENV: 'production', REDIS_URL: REDIS, QUIZBELL_SECRET: 'short' };
    expect(problemsFor({ ...env, QUIZBELL_API_KEYS: 'k1,change-me' }, 'scheduler')).toEqual([
      expect.stringMatching(/^QUIZBELL_API_KEYS: one of them /),
    ]);
    expect(problemsFor({ ...env, QUIZBELL_API_KEYS: 'k1' }, 'scheduler')).toEqual([]);
  });

  it.each([
    'redis://localhost',
    'rediss://user:secret@redis.example.com:6380/2',
    'redis+sentinel://s1:26379,s2:26379/mymaster',
    'redis+cluster://n1:7000,n2:7001,n3',
  ])('knows Redis at %s', (url) => {
    expect(loadConfig({ REDIS_URL: url }, 'gateway').redis.url).toBe(url);
  });

  it.each([
    'localhost:6379',
    'redis://',
    'redis+sentinel://s1,s2',
    'redis+cluster://',
    'redis+cluster://a/b',
  ])('does not take %s for a Redis', (url) => {
    expect(problemsFor({ REDIS_URL: url })).toEqual([expect.stringMatching(/^REDIS_URL: expected redis:/)]);
  });

  it.each<[string, Config['http']['trustProxy']]>([
    ['true', true],
    ['1', 1],
    ['loopback, 10.0.0.0/8,::1', ['loopback', '10.0.0.0/8', '::1']],
  ])('reads the proxies %s as Express does', (text, expected) => {
    expect(loadConfig({ QUIZBELL_TRUST_PROXY: text }, 'standalone').http.trustProxy).toEqual(expected);
  });

  it('takes an empty variable for an absent one', () => {
    expect(loadConfig({ PORT: '', REDIS_URL: '', QUIZBELL_SECRET: '' }, 'standalone').http.port).toBe(3000);
  });

  it('refuses one port for both listeners, unless each takes a free one', () => {
    expect(problemsFor({ PORT: '3000', QUIZBELL_OPS_PORT: '3000' })).toHaveLength(1);
    expect(problemsFor({ PORT: '0', QUIZBELL_OPS_PORT: '0' })).toEqual([]);
  });

  it('cannot be changed afterwards', () => {
    const config = loadConfig({}, 'standalone');
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
  });
});

describe('tutorial mode', () => {
  const production = {
    NODE_ENV: 'production',
    REDIS_URL: REDIS,
    QUIZBELL_SECRET: SECRET,
    QUIZBELL_API_KEYS: 'k1',
  };
  const USERS = 'Vw8-qTzRk3_LpXn0YcJs5MdHuGe2iAbF';

  it('is on in development, and in production only if somebody says so', () => {
    expect(loadConfig({}, 'standalone').tutorial).toEqual({ isOn: true, secrets: [] });
    expect(loadConfig({ QUIZBELL_TUTORIAL_MODE: 'off' }, 'standalone').tutorial.isOn).toBe(false);
    const { tutorial, notices } = loadConfig(production, 'gateway');
    expect([tutorial, notices]).toEqual([{ isOn: false, secrets: [] }, []]);
    expect(loadConfig({ REDIS_URL: REDIS }, 'scheduler').tutorial.isOn).toBe(false);
  });

  it('without a secret in production is told at the start', () => {
    const on = { ...production, QUIZBELL_TUTORIAL_MODE: 'true' };
    expect(loadConfig(on, 'gateway').notices).toEqual([
      expect.stringMatching(/^QUIZBELL_TUTORIAL_SECRET is not set/),
    ]);
    const { tutorial, notices } = loadConfig(
      { ...on, QUIZBELL_TUTORIAL_SECRET: `${USERS}, ${SECRET}` },
      'gateway',
    );
    expect([tutorial.secrets, notices]).toEqual([[USERS, SECRET], []]);
  });

  it('takes no secret that can be guessed', () => {
    const problems = (secret: string) =>
      problemsFor({ ...production, QUIZBELL_TUTORIAL_SECRET: `${USERS},${secret}` }, 'gateway');
    expect(problems('only-twenty-letters!')).toEqual([
      'QUIZBELL_TUTORIAL_SECRET: each secret must have at least 32 characters.',
    ]);
    expect(problems('your-secret-key-change-me-please-now')).toEqual([
      expect.stringMatching(/^QUIZBELL_TUTORIAL_SECRET: one of them is/),
    ]);
    const both = { QUIZBELL_SECRET: 'short', QUIZBELL_TUTORIAL_SECRET: 'short' };
    expect(problemsFor(both, 'standalone')).toHaveLength(2);
  });
});

describe('webhooks', () => {
  const webhook = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

  it('are off without a secret; what they go by has defaults', () => {
    const { webhooks, notices } = loadConfig({}, 'standalone');
    expect(webhooks).toEqual({
      url: undefined,
      secrets: [],
      timeoutMs: 10_000,
      attempts: 24,
      retryMs: 1_000,
      retryMaxMs: 3_600_000,
      allowPrivate: true,
    });
    expect(notices.join()).not.toMatch(/[Ww]ebhook/);
  });

  it('may go to internal addresses in development, and in production if somebody says so; the start tells', () => {
    const production = { NODE_ENV: 'production', REDIS_URL: REDIS, QUIZBELL_WEBHOOK_SECRET: webhook };
    const loaded = loadConfig(production, 'scheduler');
    expect([loaded.webhooks.allowPrivate, loaded.notices]).toEqual([false, []]);
    const allowed = loadConfig({ ...production, QUIZBELL_WEBHOOK_ALLOW_PRIVATE: 'true' }, 'scheduler');
    expect(allowed.webhooks.allowPrivate).toBe(true);
    expect(allowed.notices).toEqual([expect.stringMatching(/^QUIZBELL_WEBHOOK_ALLOW_PRIVATE is true/)]);
    const development = loadConfig({ REDIS_URL: REDIS, QUIZBELL_WEBHOOK_SECRET: webhook }, 'scheduler');
    expect(development.notices.join()).toMatch(/internal addresses/);
  });

  it('take a list of secrets of 24 to 64 bytes, with or without their prefix', () => {
    const list = `${webhook}, ${Buffer.alloc(24, 1).toString('base64')},${Buffer.alloc(64, 2).toString('base64')}`;
    expect(loadConfig({ QUIZBELL_WEBHOOK_SECRET: list }, 'standalone').webhooks.secrets).toHaveLength(3);
    for (const bad of [
      'secret',
      'whsec_',
      `${webhook}x`,
      Buffer.alloc(23).toString('base64'),
      `${webhook},x`,
    ]) {
      expect(problemsFor({ QUIZBELL_WEBHOOK_SECRET: bad }, 'standalone')).toEqual([
        expect.stringMatching(/^QUIZBELL_WEBHOOK_SECRET: expected whsec_/),
      ]);
    }
  });

  it.each(['quiz.example.com', 'ftp://quiz.example.com', 'https://'])('do not go to %p', (url) => {
    const env = { QUIZBELL_WEBHOOK_URL: url, QUIZBELL_WEBHOOK_SECRET: webhook };
    expect(problemsFor(env, 'standalone')).toEqual([
      expect.stringMatching(/^QUIZBELL_WEBHOOK_URL: expected/),
    ]);
  });

  it.each(['http://quiz.example.com', 'https://10.0.0.1/hook', 'https://[::7f00:1]/'])(
    'do not go to %s in production, unless somebody says so',
    (url) => {
      const env = { REDIS_URL: REDIS, QUIZBELL_WEBHOOK_URL: url, QUIZBELL_WEBHOOK_SECRET: webhook };
      const production = { ...env, NODE_ENV: 'production' };
      const problem = expect.stringMatching(/^QUIZBELL_WEBHOOK_URL is /);
      expect(problemsFor(production, 'scheduler')).toEqual([problem]);
      const keys = { QUIZBELL_SECRET: SECRET, QUIZBELL_API_KEYS: 'k1' };
      expect(problemsFor({ ...production, ...keys }, 'gateway')).toEqual([problem]);
      expect(problemsFor({ ...production, QUIZBELL_WEBHOOK_ALLOW_PRIVATE: 'true' }, 'scheduler')).toEqual([]);
      expect(problemsFor(env, 'scheduler')).toEqual([]);
    },
  );

  it('go to https addresses of the internet in production', () => {
    const env = { NODE_ENV: 'production', REDIS_URL: REDIS, QUIZBELL_WEBHOOK_SECRET: webhook };
    const url = 'https://quiz.example.com/outcomes';
    expect(problemsFor({ ...env, QUIZBELL_WEBHOOK_URL: url }, 'scheduler')).toEqual([]);
  });

  it('to one address for all rooms need a secret', () => {
    expect(problemsFor({ QUIZBELL_WEBHOOK_URL: 'https://quiz.example.com' }, 'standalone')).toEqual([
      expect.stringMatching(/^QUIZBELL_WEBHOOK_SECRET is not set/),
    ]);
  });
});

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
    });
    expect(config.redis).toEqual({ url: undefined, prefix: 'quizbell', shards: 8, timeoutMs: 1_000 });
    expect(config.rooms).toEqual({ idleMs: 3_600_000, maxPlayers: 10_000, retentionMs: 604_800_000 });
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

  it('refuses gateway and scheduler without Redis; a scheduler needs no secret, in production neither', () => {
    expect(problemsFor({}, 'gateway')).toEqual([expect.stringMatching(/^REDIS_URL is not set/)]);
    expect(problemsFor({}, 'scheduler')).toEqual([expect.stringMatching(/^REDIS_URL is not set/)]);
    const scheduler = loadConfig({ NODE_ENV: 'production', REDIS_URL: REDIS }, 'scheduler');
    expect([scheduler.notices, scheduler.access.secrets]).toEqual([[], []]);
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

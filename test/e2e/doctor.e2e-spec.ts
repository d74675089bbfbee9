import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  closeRedisClient,
  eventuallyPasses,
  type RedisServer,
  redisClient,
  runProcess,
  startGateway,
  startRedisCluster,
  startRedisServer,
  startScheduler,
  stopAllProcesses,
  stopAllRedisServers,
  uniquePrefix,
} from '#libs/testing';
import { startRedisProxy } from './support/redis.proxy.js';

const prefix = uniquePrefix('doctor');
const PERSISTENT = ['--appendonly', 'yes', '--appendfsync', 'everysec'];
const SECRETS = [
  'the-first-secret-of-the-gateways-0123456789',
  'the-second-secret-of-the-gateways-987654321',
];

interface Check {
  readonly id: string;
  readonly ok: boolean;
  readonly status: string;
  readonly found: string;
  readonly wanted: string;
  readonly advice: string;
}

interface Examination {
  readonly code: number | null;
  readonly report: { readonly ok: boolean; readonly checks: readonly Check[] };
  /** Everything that it wrote. */
  readonly output: string;
  readonly of: (id: string) => Check;
  /** The ids of checks that are wrong. */
  readonly wrong: readonly string[];
}

async function doctor(
  env: Record<string, string | undefined>,
  args: readonly string[] = [],
): Promise<Examination> {
  const { code, stdout, stderr } = await runProcess({
    name: 'doctor',
    script: 'dist/apps/cli/src/main.js',
    args: ['doctor', '--json', ...args],
    // A busy machine is not a Redis that does not answer.
    env: { QUIZBELL_KEY_PREFIX: prefix, QUIZBELL_REDIS_TIMEOUT_MS: '10000', ...env },
  });
  const report = JSON.parse(stdout) as Examination['report'];
  for (const check of report.checks) {
    expect(Object.keys(check).sort()).toEqual(['advice', 'found', 'id', 'ok', 'status', 'wanted']);
    // Whoever is told that something is wrong is told what to do.
    if (!check.ok) expect(check.advice).not.toBe('');
  }
  return {
    code,
    report,
    output: stdout + stderr,
    of: (id) => {
      const found = report.checks.find((check) => check.id === id);
      if (found === undefined) throw new Error(`there is no check ${id} in ${stdout}`);
      return found;
    },
    wrong: report.checks.filter(({ ok }) => !ok).map(({ id }) => id),
  };
}

afterEach(stopAllProcesses);
afterAll(async () => {
  await stopAllProcesses();
  await stopAllRedisServers();
});

describe('the doctor names what is wrong with Redis:', () => {
  it('a wrong password, and a missing one, without repeating it', async () => {
    const server = await startRedisServer({ args: ['--requirepass', 'the-right-one'] });
    for (const login of ['', ':the-wrong-one@']) {
      const { code, report, wrong, of, output } = await doctor({
        REDIS_URL: `redis://${login}127.0.0.1:${server.port}`,
      });
      expect([code, report.ok, wrong]).toEqual([1, false, ['redis-password']]);
      expect(of('redis-password').found).toMatch(/NOAUTH|WRONGPASS/);
      expect(output).not.toMatch(/the-(right|wrong)-one/);
    }
    const right = await doctor({ REDIS_URL: `redis://:the-right-one@127.0.0.1:${server.port}` });
    expect(right.of('redis-password')).toMatchObject({ status: 'good', found: 'accepted' });
    expect(right.output).not.toContain('the-right-one');
    await server.stop();
  });

  it('an evicting policy', async () => {
    const server = await startRedisServer({ args: [...PERSISTENT, '--maxmemory-policy', 'allkeys-lru'] });
    const { code, of } = await doctor({ REDIS_URL: server.url });
    expect(code).toBe(1);
    expect(of('redis-eviction')).toMatchObject({ ok: false, found: 'allkeys-lru' });
    expect(of('redis-persistence')).toMatchObject({
      ok: true,
      found: 'appendonly yes, appendfsync everysec',
    });
    await server.stop();
  });

  it('no persistence, and snapshots alone', async () => {
    const none = await startRedisServer({ args: ['--appendonly', 'no', '--save', ''] });
    const bare = await doctor({ REDIS_URL: none.url });
    expect(bare.code).toBe(1);
    expect(bare.of('redis-persistence')).toMatchObject({ ok: false, found: "appendonly no, save ''" });
    expect(bare.of('redis-eviction').ok).toBe(true);
    const redis = redisClient(none.url);
    await redis.config('SET', 'save', '3600 1');
    const some = await doctor({ REDIS_URL: none.url });
    expect(some.of('redis-persistence')).toMatchObject({ ok: false, found: "appendonly no, save '3600 1'" });
    await redis.config('SET', 'appendonly', 'yes', 'appendfsync', 'no');
    expect((await doctor({ REDIS_URL: none.url })).of('redis-persistence').status).toBe('warning');
    await closeRedisClient(redis);
    await none.stop();
  });

  it('Redis 6', async () => {
    const server = await startRedisServer({ args: PERSISTENT });
    const proxy = await startRedisProxy(server.url, { majorVersion: 6 });
    const { code, of } = await doctor({ REDIS_URL: proxy.url });
    expect(code).toBe(1);
    expect(of('redis-version')).toMatchObject({
      ok: false,
      found: expect.stringMatching(/^6\./),
      wanted: '7.0 or newer',
    });
    await proxy.stop();
    expect((await doctor({ REDIS_URL: server.url })).of('redis-version').ok).toBe(true);
    await server.stop();
  });

  it('nobody who listens', async () => {
    const server = await startRedisServer();
    await server.kill();
    const { code, wrong, of } = await doctor({ REDIS_URL: server.url });
    expect([code, wrong]).toEqual([1, ['redis-reachable']]);
    expect(of('redis-reachable').found).toContain('ECONNREFUSED');
  });

  it('and says what could not be checked where Redis hides its settings', async () => {
    const server = await startRedisServer({ args: [...PERSISTENT, '--rename-command', 'CONFIG', ''] });
    const { of } = await doctor({ REDIS_URL: server.url });
    expect(of('redis-settings').status).toBe('unknown');
    // INFO tells these all the same.
    expect(of('redis-eviction')).toMatchObject({ status: 'good', found: 'noeviction' });
    expect(of('redis-persistence')).toMatchObject({
      status: 'unknown',
      found: 'appendonly yes, appendfsync unknown',
    });
    await server.stop();
  });

  it('a Cluster that stops altogether when one master is lost, master by master', async () => {
    const cluster = await startRedisCluster({ args: PERSISTENT });
    const first = redisClient(cluster.nodes[0]?.url);
    await first.config('SET', 'maxmemory-policy', 'allkeys-lru', 'cluster-require-full-coverage', 'yes');
    const { of } = await doctor({ REDIS_URL: cluster.url });
    expect(of('redis-coverage')).toMatchObject({
      status: 'warning',
      found: expect.stringContaining(': yes'),
    });
    expect(of('redis-eviction').ok).toBe(false);
    expect(of('redis-eviction').found).toContain(`127.0.0.1:${cluster.nodes[0]?.port}: allkeys-lru; `);
    expect(of('redis-eviction').found.match(/noeviction/g)).toHaveLength(2);
    expect(of('schedulers').found).toBe('none is alive');
    await closeRedisClient(first);
    await cluster.stop();
  });
});

describe('the doctor names what is wrong with an installation:', () => {
  let server: RedisServer;
  let env: Record<string, string>;
  const secrets = (...which: number[]) => which.map((i) => SECRETS[i]).join(',');

  beforeAll(async () => {
    server = await startRedisServer({ args: [...PERSISTENT, '--requirepass', 'p'] });
    env = { REDIS_URL: `redis://:p@127.0.0.1:${server.port}` };
  });
  const app = (secret = secrets(0)) => ({ redisUrl: env.REDIS_URL ?? '', prefix, secret });

  it('nobody is alive; then nothing, once two of each are; then whoever was killed', async () => {
    const before = await doctor(env);
    expect(before.wrong).toEqual(['schedulers', 'shard-owners', 'gateways']);

    const [a, b, one, other] = await Promise.all([
      startGateway(app()),
      startGateway(app()),
      startScheduler(app()),
      startScheduler(app()),
    ]);
    const urls = ['--url', a.url, '--url', b.url];
    // Who stood still with the machine has not told that it is alive, or has lost a shard, at one look.
    await eventuallyPasses(
      async () => {
        const well = await doctor({ ...env, QUIZBELL_SECRET: secrets(0) }, urls);
        expect(well.wrong).toEqual([]);
        expect([well.code, well.report.ok]).toEqual([0, true]);
        for (const id of [
          'schedulers',
          'shard-owners',
          'gateways',
          'releases',
          'secrets',
          'secret-here',
          'gateways-agree',
        ])
          expect(well.of(id).status).toBe('good');
        for (const secret of SECRETS) expect(well.output).not.toContain(secret);
      },
      { timeoutMs: 60_000 },
    );

    await one.stop();
    await other.kill('SIGKILL');
    await a.kill('SIGKILL');
    await eventuallyPasses(
      async () => {
        const after = await doctor(env);
        expect(after.of('gateways').status).toBe('warning');
        expect(after.of('schedulers')).toMatchObject({ ok: false, found: 'none is alive' });
        expect(after.of('shard-owners').found).toMatch(/^8 of 8 without/);
      },
      { timeoutMs: 60_000 },
    );
    await b.stop();
  });

  it('another number of shards', async () => {
    const { code, of } = await doctor({ ...env, QUIZBELL_SHARDS: '4' });
    expect(code).toBe(1);
    expect(of('shards')).toMatchObject({ ok: false, found: '8', wanted: expect.stringMatching(/^4/) });
    expect(of('shards').advice).toContain('QUIZBELL_SHARDS=8');
  });

  it('two gateways with different secrets, by their names and by a token; not a rotation', async () => {
    const [a, b] = await Promise.all([startGateway(app(secrets(0))), startGateway(app(secrets(1)))]);
    await eventuallyPasses(async () => {
      const { code, of, output } = await doctor(env, ['--url', a.url, '--url', b.url]);
      expect(code).toBe(1);
      expect(of('secrets').ok).toBe(false);
      expect(of('gateways-agree')).toMatchObject({
        ok: false,
        found: expect.stringContaining('different secrets'),
      });
      for (const secret of SECRETS) expect(output).not.toContain(secret);
    });
    await stopAllProcesses();

    await Promise.all([startGateway(app(secrets(0, 1))), startGateway(app(secrets(1, 0)))]);
    await eventuallyPasses(async () => {
      const rotating = await doctor({ ...env, QUIZBELL_SECRET: 'quite-another-secret-0123456789' });
      expect(rotating.of('secrets').status).toBe('info');
      expect(rotating.of('secret-here').status).toBe('warning');
    });
    await stopAllProcesses();
    // The next one would not know what the first of the list signs.
    await Promise.all([startGateway(app(secrets(0, 1))), startGateway(app(secrets(1)))]);
    await eventuallyPasses(async () => {
      expect((await doctor(env)).of('secrets').ok).toBe(false);
    });
  });

  it('a gateway on another Redis, and one that does not answer', async () => {
    const [a, b] = await Promise.all([
      startGateway(app()),
      startGateway({ ...app(), prefix: uniquePrefix('another') }),
    ]);
    await eventuallyPasses(async () => {
      const apart = await doctor(env, ['--url', a.url, '--url', b.url]);
      expect(apart.of('gateways-agree')).toMatchObject({
        ok: false,
        found: expect.stringContaining('does not know'),
      });
    });
    const silent = 'http://127.0.0.1:9';
    const { of } = await doctor(env, ['--url', silent]);
    expect(of(`gateway-ready ${silent}`).ok).toBe(false);
  });

  it('an environment that no process would accept', async () => {
    const { code, wrong, of } = await doctor({ ...env, QUIZBELL_SHARDS: 'many' });
    expect([code, wrong]).toEqual([1, ['configuration']]);
    expect(of('configuration').found).toMatch(/QUIZBELL_SHARDS: expected/);
  });
});

describe('the doctor', () => {
  it('could not run without an address of Redis, or with arguments that are none', async () => {
    expect((await doctor({})).code).toBe(2);
    const { code, stderr } = await runProcess({
      name: 'doctor',
      script: 'dist/apps/cli/src/main.js',
      args: ['doctor', '--url', 'nonsense'],
      env: { REDIS_URL: 'redis://127.0.0.1:9' },
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining('--url takes')]);
  });

  it('tells people in a table what to do', async () => {
    const server = await startRedisServer({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const { code, stdout } = await runProcess({
      name: 'doctor',
      script: 'dist/apps/cli/src/main.js',
      args: ['doctor'],
      env: { REDIS_URL: server.url, QUIZBELL_KEY_PREFIX: prefix },
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^WRONG +redis-eviction +allkeys-lru\n +wanted: maxmemory-policy noeviction\n +-> /m,
    );
    expect(stdout).toMatch(/\d+ checks: \d+ wrong/);
    await server.stop();
  });
});

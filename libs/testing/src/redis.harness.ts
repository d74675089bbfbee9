import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis, type RedisOptions } from 'ioredis';
import { findOnPath, startRedisServer } from './redis.server.js';

/** A Redis to test on. */
export interface AcquiredRedis {
  readonly url: string;
  /** Where it came from, for the eye: never holds the password of a `REDIS_URL`. */
  readonly origin: string;
  /** `redis_version`, or `unknown` where the server hides it. */
  readonly version: string;
  /** Ends what acquiring started; does nothing to a Redis that was there before. */
  stop(): Promise<void>;
}

/** The ways to get a Redis, in the order in which they are tried. */
export type RedisSource = 'url' | 'path' | 'docker' | 'apt';

const DEFAULT_IMAGE = 'redis:8';
const DOCKER_TIMEOUT_MS = 120_000; // a first pull over a slow line
const APT_TIMEOUT_MS = 180_000;
const FIRST_CONTACT_MS = 30_000;
const REDIS_PORT = 6379;
const RECONNECT_MS = 50; // ioredis' own backs off to 5 s, longer than most tests wait after a restart
const DISCONNECT_MS = 100; // ioredis holds the process for this long (2 s) if its connection was gone before disconnect()
const QUIT_MS = 1_000;
const SCAN_COUNT = 500;

type Found = Omit<AcquiredRedis, 'version'>;

/**
 * Gets a Redis: `REDIS_URL` as it is, else a private `redis-server` from the PATH, else Docker, else (root on Debian)
 * `apt-get install`. With `QUIZBELL_TEST_REDIS_IMAGE` set it is Docker with that image, or an error: so that CI never
 * believes to have tested on a version that it did not run.
 *
 * @throws Error that lists what was tried and how to get a Redis.
 */
export async function acquireRedis(
  options: { env?: NodeJS.ProcessEnv; sources?: readonly RedisSource[] } = {},
): Promise<AcquiredRedis> {
  const env = options.env ?? process.env;
  const image = env.QUIZBELL_TEST_REDIS_IMAGE;
  if (image) return described(await fromDocker(image));

  const attempts: Record<RedisSource, () => Promise<Found | undefined>> = {
    url: async () => fromUrl(env),
    path: () => fromPath(env),
    docker: () => fromDocker(DEFAULT_IMAGE),
    apt: () => fromApt(env),
  };
  const failures: string[] = [];
  for (const source of options.sources ?? (['url', 'path', 'docker', 'apt'] as const)) {
    let found: Found | undefined;
    try {
      found = await attempts[source]();
    } catch (failure) {
      failures.push(`  ${source}: ${failure instanceof Error ? failure.message : String(failure)}`);
    }
    // Outside the try: a REDIS_URL that does not answer is an error, not a reason to test on another Redis.
    if (found) return described(found);
  }
  throw new Error(
    'These tests need a Redis (7.0 or newer). Put a redis-server on the PATH (Debian: apt-get install redis-server; ' +
      'macOS: brew install redis), or start Docker, or set REDIS_URL to one that tests may write to.' +
      (failures.length > 0 ? `\nTried without success:\n${failures.join('\n')}` : ''),
  );
}

/** The Redis of this jest run, acquired once by the global setup of the projects `redis` and `e2e`. */
export function testRedisUrl(): string {
  const url = process.env.QUIZBELL_TEST_REDIS_URL;
  if (!url) {
    throw new Error(
      'QUIZBELL_TEST_REDIS_URL is not set: only the jest projects "redis" and "e2e" have a Redis (libs/testing/jest).',
    );
  }
  return url;
}

/** A key prefix that no other test uses, such as `qb-leases-3f9a61c2`: tests share one Redis and never flush it. */
export function uniquePrefix(name: string): string {
  return `qb-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${randomBytes(4).toString('hex')}`;
}

/** An ioredis client that reconnects fast and survives connection errors. End it with `closeRedisClient`. */
export function redisClient(url: string = testRedisUrl(), options: RedisOptions = {}): Redis {
  const client = new Redis(url, {
    retryStrategy: () => RECONNECT_MS,
    disconnectTimeout: DISCONNECT_MS,
    ...options,
  });
  // Tests cut connections on purpose; what matters to a test it sees on its commands.
  client.on('error', () => {});
  return client;
}

/** Ends a client with QUIT, so that no reply is cut off; without it where Redis is away or does not answer in 1 s. */
export async function closeRedisClient(client: Redis): Promise<void> {
  if (client.status === 'end') return;
  if (client.status === 'ready') {
    const timer = new AbortController();
    await Promise.race([
      client.quit().catch(() => {}),
      sleep(QUIT_MS, undefined, { signal: timer.signal }).catch(() => {}),
    ]);
    timer.abort();
  }
  client.disconnect(); // also ends what waits to reconnect
}

/** Removes every key that begins with the prefix. For `afterAll`: a `REDIS_URL` is somebody's Redis. */
export async function removeKeys(client: Redis, prefix: string): Promise<void> {
  const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`;
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT);
    if (keys.length > 0) await client.unlink(...keys);
    cursor = next;
  } while (cursor !== '0');
}

function fromUrl(env: NodeJS.ProcessEnv): Found | undefined {
  if (!env.REDIS_URL) return undefined;
  return { url: env.REDIS_URL, origin: `REDIS_URL (${withoutSecrets(env.REDIS_URL)})`, stop: async () => {} };
}

async function fromPath(env: NodeJS.ProcessEnv): Promise<Found | undefined> {
  const binary = findOnPath('redis-server', env);
  if (!binary) return undefined;
  const server = await startRedisServer({ env });
  return { url: server.url, origin: `${binary} on port ${server.port}`, stop: () => server.stop() };
}

async function fromDocker(image: string): Promise<Found> {
  // Imported only here: it takes a second to load, and crashes while loading on Node 20.
  const { GenericContainer } = await import('testcontainers');
  const starting = new GenericContainer(image)
    .withExposedPorts(REDIS_PORT)
    .withCommand(['redis-server', '--save', '', '--appendonly', 'no'])
    .start();
  const timer = new AbortController();
  try {
    const container = await Promise.race([
      starting,
      sleep(DOCKER_TIMEOUT_MS, undefined, { signal: timer.signal }).then((): never => {
        // Too late is not never: a container that still comes up must not stay.
        void starting.then((late) => late.stop()).catch(() => {});
        throw new Error(`no container of ${image} in ${DOCKER_TIMEOUT_MS} ms`);
      }),
    ]);
    return {
      url: `redis://${container.getHost()}:${container.getMappedPort(REDIS_PORT)}`,
      origin: `Docker image ${image}`,
      stop: async () => {
        await container.stop();
      },
    };
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    throw new Error(`Docker gave no Redis from the image ${image}: ${reason}`, { cause: failure });
  } finally {
    timer.abort();
  }
}

async function fromApt(env: NodeJS.ProcessEnv): Promise<Found | undefined> {
  const aptGet = findOnPath('apt-get', env);
  if (!aptGet || process.getuid?.() !== 0) return undefined;
  const run = (...args: string[]) =>
    promisify(execFile)(aptGet, args, {
      // Runlevel 1 keeps the package's script from starting a service of its own on the default port.
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
      timeout: APT_TIMEOUT_MS,
    });
  const install = () => run('install', '-y', '--no-install-recommends', 'redis-server');
  await install().catch(async () => {
    await run('update'); // a fresh image has no package lists
    await install();
  });
  return fromPath(env);
}

async function described(found: Found): Promise<AcquiredRedis> {
  const client = new Redis(found.url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: FIRST_CONTACT_MS,
    commandTimeout: FIRST_CONTACT_MS,
    disconnectTimeout: DISCONNECT_MS,
  });
  let reason = '';
  client.on('error', (error) => {
    reason = error.message;
  });
  try {
    await client.connect();
    await client.ping();
    const info = await client.info('server').catch(() => '');
    return { ...found, version: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown' };
  } catch (failure) {
    await found.stop();
    throw new Error(`The Redis from ${found.origin} does not answer: ${reason || String(failure)}`);
  } finally {
    await closeRedisClient(client);
  }
}

function withoutSecrets(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'not a URL';
  }
}

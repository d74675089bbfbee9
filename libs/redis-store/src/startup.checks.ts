import type { Redis } from 'ioredis';
import { mastersOf, whenReady } from './redis.connection.js';
import type { KeySpace } from './room.keys.js';
import type { RedisClient } from './script.definition.js';

/** Sharded publish and subscribe came with Redis 7.0. */
const LEAST_MAJOR_VERSION = 7;

/** The service cannot work with this Redis; lists every reason. */
export class StartupError extends Error {
  override readonly name = 'StartupError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}

/**
 * Checks version, eviction policy (of every master) and number of shards. What Redis hides becomes a warning.
 *
 * @throws StartupError with every problem found
 */
export async function checkRedis(
  redis: RedisClient,
  keys: KeySpace,
  timeoutMs: number,
  warnings: string[],
): Promise<void> {
  try {
    await whenReady(redis, timeoutMs);
  } catch (error) {
    throw new StartupError([`REDIS_URL: ${(error as Error).message}`]);
  }
  const problems: string[] = [];
  const found = await Promise.all(mastersOf(redis).map((master) => checkServer(master)));
  problems.push(...new Set(found.flatMap((server) => server.problems)));
  warnings.push(...new Set(found.flatMap((server) => server.warnings)));
  await redis.hsetnx(keys.meta, 'shards', keys.shards);
  const shards = await redis.hget(keys.meta, 'shards');
  if (shards !== String(keys.shards)) {
    problems.push(`QUIZBELL_SHARDS: this Redis was first used with ${shards} shards; that number is fixed.`);
  }
  if (problems.length > 0) throw new StartupError(problems);
}

async function checkServer(redis: Redis): Promise<{ problems: string[]; warnings: string[] }> {
  const problems: string[] = [];
  const warnings: string[] = [];
  const server = await redis.info('server').catch(() => '');
  const version = /^redis_version:(\d+)(\S*)/m.exec(server);
  if (version === null) warnings.push('Redis hides its version: 7.0 or newer is needed.');
  else if (Number(version[1]) < LEAST_MAJOR_VERSION) {
    problems.push(`Redis is ${version[1]}${version[2]}: 7.0 or newer is needed.`);
  }
  const policy = await settingOf(redis, 'maxmemory-policy');
  if (policy === undefined) {
    warnings.push('Redis hides maxmemory-policy: it must be noeviction, or live rooms may be evicted.');
  } else if (policy !== 'noeviction') {
    problems.push(`Redis may evict live rooms: maxmemory-policy is ${policy}, noeviction is needed.`);
  }
  // Of a server that is in no Cluster it means nothing.
  const isClustered = /^redis_mode:cluster/m.test(server);
  if (isClustered && (await settingOf(redis, 'cluster-require-full-coverage')) === 'yes') {
    warnings.push(
      'Redis has cluster-require-full-coverage yes: when one master is lost, the rooms of all masters stop.',
    );
  }
  return { problems, warnings };
}

/** A setting of the server, or undefined where it is hidden. */
async function settingOf(redis: Redis, name: string): Promise<string | undefined> {
  const [, value] = ((await redis.config('GET', name).catch(() => [])) as string[]) ?? [];
  return value;
}

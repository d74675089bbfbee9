import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { eventually } from './eventually.wait.js';
import { type GuardedChild, spawnGuarded } from './guarded.child.js';
import { closeRedisClient, redisClient } from './redis.harness.js';
import { findOnPath, freePort, type RedisServer, startRedisServer } from './redis.server.js';

/** One master, one replica and three Sentinels of the test's own on 127.0.0.1. */
export interface RedisSentinel {
  /** `redis+sentinel://` with all Sentinels and the master's name. */
  readonly url: string;
  /** `redis://`, of each Sentinel. */
  readonly sentinelUrls: readonly string[];
  /** The server that the Sentinels name as the master now. */
  master(): Promise<RedisServer>;
  /** The other one: a replica, or a master of before that has not been told yet. */
  replica(): Promise<RedisServer>;
  /**
   * Kills or freezes the master and waits until the Sentinels name the replica. The old one stays away until the test
   * restarts or thaws it; then it becomes a replica.
   */
  failOver(how?: 'kill' | 'freeze'): Promise<{ before: RedisServer; after: RedisServer }>;
  /** Waits until the replica is connected and has all that was written. */
  replicated(): Promise<void>;
  stop(): Promise<void>;
}

const MASTER_NAME = 'quizbell';
const SENTINELS = 3;
const QUORUM = 2;
/** A master that stood still with its machine is not down. */
const DOWN_AFTER_MS = 3_000;
const FAILOVER_TIMEOUT_MS = 5_000;
const FORM_WITHIN_MS = 60_000;
const FAIL_OVER_WITHIN_MS = 60_000;
const START_TRIES = 5;
const STOP_GRACE_MS = 2_000;
/**
 * What Sentinels wait for by the clock, in ms; their own values are made for networks. They ask servers how they are
 * every 10 s and tell each other every 2 s, so that an old master was a replica only 10 s after its return. On a machine
 * that stood still for 2 s a Sentinel does nothing for 30 s (TILT).
 */
const PERIODS = { 'info-period': 500, 'publish-period': 200, 'tilt-period': 1_000 };

/** @throws Error if there is no `redis-server`, or the Sentinels do not find each other and the replica in 60 s */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const dir = await mkdtemp(join(tmpdir(), 'quizbell-sentinel-'));
  const servers: RedisServer[] = [];
  const sentinels: { child: GuardedChild; port: number }[] = [];
  const stop = async () => {
    await Promise.all(sentinels.map(({ child }) => child.stop(STOP_GRACE_MS)));
    await Promise.all(servers.map((server) => server.stop()));
    await rm(dir, { recursive: true, force: true });
  };
  const masterPort = async (): Promise<number> => {
    const named = await Promise.all(sentinels.map(({ port }) => namedBy(port)));
    const [first = 0] = named;
    if (named.some((port) => port !== first)) throw new Error(`the Sentinels disagree: ${named}`);
    return first;
  };
  const serverOf = (isWanted: (server: RedisServer, port: number) => boolean): Promise<RedisServer> =>
    eventually(async () => {
      const port = await masterPort();
      return servers.find((server) => isWanted(server, port));
    });
  const master = () => serverOf((server, port) => server.port === port);
  try {
    const first = await startRedisServer({ args: ['--repl-diskless-sync-delay', '0'] });
    servers.push(first);
    const replicaOf = ['--replicaof', `127.0.0.1 ${first.port}`, '--repl-diskless-sync-delay', '0'];
    servers.push(await startRedisServer({ args: replicaOf }));
    await until(first.port, /slave0:.*state=online/, 'the replica did not connect');
    for (let i = 0; i < SENTINELS; i++) sentinels.push(await startSentinel(dir, i, first.port));
    const complete = new RegExp(`status=ok,.*slaves=1,sentinels=${SENTINELS}`);
    for (const { port } of sentinels) await until(port, complete, 'the Sentinels did not find each other');
  } catch (failure) {
    await stop();
    throw failure;
  }
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${MASTER_NAME}`,
    sentinelUrls: sentinels.map(({ port }) => `redis://127.0.0.1:${port}`),
    master,
    replica: () => serverOf((server, port) => server.port !== port),
    failOver: async (how = 'kill') => {
      const before = await master();
      if (how === 'kill') await before.kill();
      else await before.freeze();
      await eventually(async () => (await masterPort()) !== before.port, {
        timeoutMs: FAIL_OVER_WITHIN_MS,
        message: 'the Sentinels did not fail over',
      });
      return { before, after: await master() };
    },
    replicated: async () => {
      const { port } = await master();
      await until(port, /slave0:.*state=online/, 'the replica did not connect');
      const client = redisClient(`redis://127.0.0.1:${port}`);
      // A write of its own, for WAIT counts only what its connection wrote.
      await client.set('replicated', '1');
      await eventually(async () => (await client.wait(1, 1_000)) === 1, { message: 'the replica is behind' });
      await closeRedisClient(client);
    },
    stop,
  };
}

async function startSentinel(dir: string, i: number, masterPort: number) {
  const binary = findOnPath('redis-server');
  if (!binary) throw new Error('No redis-server on the PATH.');
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const config = join(dir, `sentinel-${i}-${tries}.conf`);
    // A Sentinel writes its findings into its configuration.
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      'protected-mode no',
      `dir ${dir}`,
      `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} ${QUORUM}`,
      `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${MASTER_NAME} ${FAILOVER_TIMEOUT_MS}`,
      `sentinel parallel-syncs ${MASTER_NAME} 1`,
    ];
    await writeFile(config, `${lines.join('\n')}\n`);
    const env = { PATH: process.env.PATH, HOME: process.env.HOME };
    const child = await spawnGuarded(binary, [config, '--sentinel'], { name: 'sentinel', cwd: dir, env });
    try {
      await child.waitForLine(/Sentinel ID is/);
      await hurry(port);
      return { child, port };
    } catch (failure) {
      await child.kill();
      if (tries >= START_TRIES) throw failure;
    }
  }
}

async function hurry(sentinelPort: number): Promise<void> {
  const periods = Object.entries(PERIODS).flatMap(([name, ms]) => [name, String(ms)]);
  await ask(sentinelPort, (client) => client.call('SENTINEL', 'DEBUG', ...periods));
}

/** The port of the master that this Sentinel names. */
async function namedBy(sentinelPort: number): Promise<number> {
  const address = await ask(sentinelPort, (client) =>
    client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME),
  );
  return Number((address as string[])[1]);
}

async function ask<T>(port: number, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = redisClient(`redis://127.0.0.1:${port}`, { enableReadyCheck: false });
  try {
    return await question(client);
  } finally {
    await closeRedisClient(client);
  }
}

/** Waits until the INFO of the server, or of the Sentinel, says so. */
async function until(port: number, pattern: RegExp, message: string): Promise<void> {
  await ask(port, (client) =>
    eventually(async () => pattern.test(await client.info()), {
      timeoutMs: FORM_WITHIN_MS,
      everyMs: 50,
      message,
    }),
  );
}

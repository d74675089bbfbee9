import type { Redis } from 'ioredis';
import {
  closeRedisClient,
  redisClient,
  removeKeys,
  startGateway,
  startScheduler,
  stopAllProcesses,
  stopAllRedisServers,
  type TestProcess,
  type TestServerProcess,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { closeAllClients } from './room.client.js';

/** Two gateways and a scheduler of one installation, on a real Redis. */
export interface Cluster {
  readonly prefix: string;
  readonly redisUrl: string;
  /** A connection of the test's own to the same Redis. */
  readonly redis: Redis;
  readonly a: TestServerProcess;
  readonly b: TestServerProcess;
  /** The one that was started first. */
  readonly scheduler: TestProcess;
  /** Starts one more scheduler of the same installation. */
  anotherScheduler(): Promise<TestProcess>;
  /** Ends clients, processes and servers of this test file and removes the installation's keys. For `afterAll`. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** The Redis of the jest run, if absent; another one is the test file's own. */
  redisUrl?: string;
  /** One server of `redisUrl` for the test's own connection, where that is a Cluster or Sentinels. */
  lookUrl?: string;
  /** The Redis address of each gateway, where it is not the one of the scheduler: a proxy that counts. */
  gatewayRedisUrls?: { a: string; b: string };
  /** More environment for every process. */
  env?: Record<string, string>;
}

/**
 * The lateness of a firing, the time between a command and its event: many times what is measured (docs/performance.md), because
 * other tests run beside it.
 */
export const LATENESS_MS = 3_000;

export async function startCluster(name: string, options: ClusterOptions = {}): Promise<Cluster> {
  const redisUrl = options.redisUrl ?? testRedisUrl();
  const app = { redisUrl, prefix: uniquePrefix(name), env: options.env };
  const urls = options.gatewayRedisUrls ?? { a: redisUrl, b: redisUrl };
  const redis = redisClient(options.lookUrl ?? redisUrl);
  const stop = async () => {
    closeAllClients();
    await stopAllProcesses();
    if (redisUrl === testRedisUrl()) await removeKeys(redis, app.prefix);
    await closeRedisClient(redis);
    await stopAllRedisServers();
  };
  const anotherScheduler = () => startScheduler(app);
  const starts = [
    startGateway({ ...app, redisUrl: urls.a }),
    startGateway({ ...app, redisUrl: urls.b }),
    anotherScheduler(),
  ] as const;
  try {
    const [a, b, scheduler] = await Promise.all(starts);
    return { prefix: app.prefix, redisUrl, redis, a, b, scheduler, anotherScheduler, stop };
  } catch (failure) {
    // Nobody gets a cluster to stop; and what is still starting must not outlive the stop.
    await Promise.allSettled(starts);
    await stop();
    throw failure;
  }
}

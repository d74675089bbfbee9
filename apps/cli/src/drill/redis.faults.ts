import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { DrillField } from './drill.field.js';
import type { Fault } from './process.faults.js';

const FROZEN_MS = 5_000;
const DOWN_MS = { min: 0, max: 500 }; // a supervisor restarts it at once, or soon

/** SHUTDOWN, as an operator or a package upgrade does it: it writes out what it has. */
export const shutDownRedis: Fault = async ({ field, random, signal }) => {
  const downMs = random.between(DOWN_MS.min, DOWN_MS.max);
  const takeoverMs = await endAndRestart(field, { end: () => askToShutDown(field), downMs, signal });
  return { note: `Redis shut down and started again after ${downMs} ms`, takeoverMs };
};

/** SIGKILL: what it keeps is what `appendfsync` promises. */
export const killRedis: Fault = async ({ field, random, signal }) => {
  const downMs = random.between(DOWN_MS.min, DOWN_MS.max);
  const end = () => field.cluster.redis.signal('SIGKILL');
  const takeoverMs = await endAndRestart(field, { end, downMs, signal });
  return { note: `Redis killed and started again after ${downMs} ms`, takeoverMs };
};

/** A machine that swaps, a disk that hangs, a virtual machine that is moved. */
export const freezeRedis: Fault = async ({ field, signal }) => {
  const { redis } = field.cluster;
  redis.signal('SIGSTOP');
  try {
    await sleep(FROZEN_MS, undefined, { signal });
  } finally {
    redis.signal('SIGCONT');
  }
  const takeoverMs = await field.takeover(undefined, () => {}, signal);
  return { note: `Redis frozen for ${FROZEN_MS} ms`, takeoverMs };
};

/** From Redis' return until every shard's owner was heard again. */
async function endAndRestart(
  field: DrillField,
  how: { end: () => void | Promise<void>; downMs: number; signal: AbortSignal },
): Promise<number | undefined> {
  const { redis } = field.cluster;
  redis.expectEnd();
  await how.end();
  await redis.ended();
  await sleep(how.downMs, undefined, { signal: how.signal });
  await redis.launch();
  return field.takeover(undefined, () => {}, how.signal);
}

async function askToShutDown(field: DrillField): Promise<void> {
  const client = new Redis(field.cluster.redis.url, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {}); // it hangs up instead of answering
  try {
    await client.shutdown();
  } catch {
    // the same
  } finally {
    client.disconnect();
  }
}

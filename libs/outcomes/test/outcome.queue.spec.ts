import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createLogger, loadConfig, Metrics } from '#libs/ops';
import { StoreUnavailableError } from '#libs/room';
import {
  closeRedisClient,
  eventually,
  type RedisServer,
  redisClient,
  removeKeys,
  startRedisServer,
  stopAllRedisServers,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import type { RunId } from '#libs/timer-core';
import type { Delivery, OutcomeDelivery } from '../src/outcome.delivery.js';
import { type OutcomeJob, outcomeName } from '../src/outcome.name.js';
import { OutcomeQueue } from '../src/outcome.queue.js';
import { OutcomeReport } from '../src/outcome.report.js';
import { startOutcomeSending } from '../src/outcome.sending.js';
import { OutcomeWorker } from '../src/outcome.worker.js';

const RETRY = { attempts: 3, retryMs: 10, retryMaxMs: 50 };
const runId = (n: number) => n as RunId;
const logger = createLogger({ name: 'test', level: 'silent' });

let keyPrefix: string;
let clients: Redis[];
let workers: OutcomeWorker[];
let queue: OutcomeQueue;
let url: string;
/** Every try, in order. */
let tried: string[];
let answer: (run: OutcomeJob) => Delivery | Promise<Delivery>;
let metrics: Metrics;

beforeEach(() => setUp(testRedisUrl()));
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await queue.close();
  const cleaner = redisClient(url);
  await removeKeys(cleaner, keyPrefix);
  await Promise.all([cleaner, ...clients].map(closeRedisClient));
  await stopAllRedisServers();
});

function setUp(redisUrl: string): void {
  keyPrefix = uniquePrefix('outcomes');
  clients = [];
  workers = [];
  tried = [];
  url = redisUrl;
  metrics = new Metrics();
  answer = () => ({ kind: 'delivered', status: 200 });
  queue = queueOn(client());
}

function client(options: object = {}): Redis {
  const made = new Redis(url, { retryStrategy: () => 50, disconnectTimeout: 100, ...options });
  made.on('error', () => {});
  clients.push(made);
  return made;
}

const queueOn = (commands: Redis): OutcomeQueue =>
  new OutcomeQueue({ commands, keyPrefix, retry: RETRY, retentionMs: 60_000, wantsEveryRun: false });

async function work(): Promise<OutcomeWorker> {
  const stopping = new AbortController();
  const delivery = {
    deliver: async (run: OutcomeJob): Promise<Delivery> => {
      if (stopping.signal.aborted) return { kind: 'later', why: 'stopping' };
      tried.push(outcomeName(run));
      const stopped = new Promise<Delivery>((done) => {
        stopping.signal.addEventListener('abort', () => done({ kind: 'later', why: 'stopping' }));
      });
      return Promise.race([answer(run), stopped]);
    },
    stop: () => stopping.abort(),
  };
  const worker = await OutcomeWorker.start({
    connection: client({ maxRetriesPerRequest: null }),
    keyPrefix,
    delivery: delivery as unknown as OutcomeDelivery,
    retry: RETRY,
    report: new OutcomeReport(logger, metrics),
  });
  workers.push(worker);
  return worker;
}

const untilCounts = (expected: object) =>
  eventually(
    async () => {
      const counts = await queue.counts();
      return Object.entries(expected).every(
        ([state, count]) => counts[state as keyof typeof counts] === count,
      );
    },
    { timeoutMs: 60_000, message: `the queue is not ${JSON.stringify(expected)}` },
  );
const untilTried = (times: number) =>
  eventually(() => tried.length >= times, { timeoutMs: 60_000, message: `${times} tries` });

const EMPTY = { waiting: 0, active: 0, retrying: 0 };

describe('the queue of outcomes', () => {
  it('does not touch Redis before somebody needs it', async () => {
    expect(await queue.isUsed()).toBe(false);
    await queue.runSettling('r1', runId(1));
    expect(await queue.isUsed()).toBe(true);
  });

  it('keeps all its keys in one slot, under the prefix of the installation, and nothing of an outcome', async () => {
    await queue.runSettling('r1', runId(1));
    const redis = client();
    const keys = await redis.keys(`*${keyPrefix}*`);
    expect(keys.length).toBeGreaterThan(2);
    for (const key of keys) expect(key).toMatch(new RegExp(`^${keyPrefix}:\\{queue\\}:outcomes:`));
    const [job] = keys.filter((key) => key.endsWith(':outcome-r1-1'));
    expect(JSON.parse((await redis.hget(job ?? '', 'data')) ?? '')).toEqual({ roomId: 'r1', runId: 1 });
  });

  it('delivers once what was added twice: together, while it waits, and when it was delivered', async () => {
    await Promise.all([1, 2, 3].map(() => queue.runSettling('r1', runId(1))));
    await queue.runSettling('r1', runId(2));
    await queue.runSettling('r1', runId(1));
    await work();
    await work();
    await untilTried(2);
    await untilCounts(EMPTY);
    await queue.runSettling('r1', runId(1));
    await queue.runSettling('r1', runId(3));
    await untilTried(3);
    await untilCounts(EMPTY);
    expect(tried.sort()).toEqual(['outcome-r1-1', 'outcome-r1-2', 'outcome-r1-3']);
  });

  it('says that the store is away when it cannot be reached, so that the run is not settled', async () => {
    const failing = queueOn(client({ enableOfflineQueue: false, commandTimeout: 10_000 }));
    await failing.runSettling('r1', runId(1));
    const redis = clients.at(-1) as Redis;
    redis.disconnect();
    await eventually(() => redis.status === 'end');
    await expect(failing.runSettling('r1', runId(2))).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});

describe('a delivery', () => {
  it('that fails is tried again, and dead after the last try; a replay begins anew', async () => {
    answer = () => ({ kind: 'failed', why: 'the receiver answered 500' });
    await work();
    await queue.runSettling('r1', runId(1));
    await untilCounts({ ...EMPTY, dead: 1 });
    expect(tried).toHaveLength(RETRY.attempts);
    expect(await queue.dead()).toEqual([{ roomId: 'r1', runId: 1 }]);
    const text = (await metrics.text()).body;
    expect(text).toContain('quizbell_outcome_deliveries_total{result="failed"} 2');
    expect(text).toContain('quizbell_outcome_deliveries_total{result="dead"} 1');
    answer = () => ({ kind: 'delivered', status: 200 });
    expect(await queue.replay({ roomId: 'r1', runId: runId(1) })).toBe(true);
    await untilCounts({ ...EMPTY, dead: 0 });
    expect(tried).toHaveLength(RETRY.attempts + 1);
  });

  it('that is refused is dead at once', async () => {
    answer = () => ({ kind: 'refused', why: 'the receiver answered 410' });
    await work();
    await queue.runSettling('r1', runId(1));
    await untilCounts({ ...EMPTY, dead: 1 });
    expect(tried).toHaveLength(1);
  });

  it('that came too early is no try, however often', async () => {
    let left = 5;
    answer = () => (left-- > 0 ? { kind: 'later', why: 'unsettled' } : { kind: 'failed', why: 'no' });
    await work();
    await queue.runSettling('r1', runId(1));
    await untilCounts({ ...EMPTY, dead: 1 });
    expect(tried).toHaveLength(5 + RETRY.attempts);
  });

  it('with nothing to send is over', async () => {
    answer = () => ({ kind: 'nothing', why: 'no webhook' });
    await work();
    await queue.runSettling('r1', runId(1));
    await untilTried(1);
    await untilCounts({ ...EMPTY, dead: 0 });
  });

  it('under way when its worker stops goes on elsewhere, at once', async () => {
    answer = () => new Promise(() => {});
    const first = await work();
    await queue.runSettling('r1', runId(1));
    await untilTried(1);
    await first.stop();
    answer = () => ({ kind: 'delivered', status: 200 });
    await work();
    await untilTried(2);
    await untilCounts(EMPTY);
  });

  it('whose workers die again and again is no try either: it goes on as soon as one lives', async () => {
    await queue.runSettling('r1', runId(1));
    const redis = clients[0] as Redis;
    // As if it had been found stalled before, far more often than BullMQ allows by itself.
    const key = `${keyPrefix}:{queue}:outcomes:outcome-r1-1`;
    await redis.hset(key, 'stc', 50);
    answer = () => new Promise(() => {});
    await work();
    await untilTried(1);
    // Nobody renews the lock of a process that is gone.
    await redis.del(`${key}:lock`);
    answer = () => ({ kind: 'delivered', status: 200 });
    await work();
    await untilTried(2);
    expect(await queue.dead()).toEqual([]);
    expect(Number(await redis.hget(key, 'stc'))).toBeGreaterThan(50);
  });

  it('of a replay: a delivered one is sent again, a forgotten one too, one that waits for a try now', async () => {
    await work();
    await queue.runSettling('r1', runId(1));
    await untilTried(1);
    await untilCounts(EMPTY);
    expect(await queue.replay({ roomId: 'r1', runId: runId(1) })).toBe(true);
    await untilTried(2);
    expect(await queue.replay({ roomId: 'r2', runId: runId(1) })).toBe(true);
    await untilTried(3);
    expect(tried).toEqual(['outcome-r1-1', 'outcome-r1-1', 'outcome-r2-1']);
  });

  it('is counted: how many there are, and how old the oldest is', async () => {
    await queue.runSettling('r1', runId(20));
    await queue.runSettling('r1', runId(100));
    expect(await queue.counts()).toEqual({ waiting: 2, active: 0, retrying: 0, dead: 0 });
    const first = (await (await queue.queue()).getJob('outcome-r1-20'))?.timestamp ?? 0;
    expect(await queue.oldestSeconds(first + 5_000)).toBe(5);
    await work();
    await untilTried(2);
    await untilCounts(EMPTY);
    expect(await queue.oldestSeconds(Date.now())).toBe(0);
  });
});

describe('Redis that is killed and comes back with its data', () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedisServer({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    await closeRedisClient(clients[0] as Redis);
    setUp(server.url);
  });

  it('has lost no outcome: what waited, what was under way, and what failed is delivered', async () => {
    let isUp = false;
    answer = async () => (isUp ? { kind: 'delivered', status: 200 } : { kind: 'later', why: 'unsettled' });
    await work();
    for (let i = 1; i <= 20; i++) await queue.runSettling('r1', runId(i));
    await untilTried(10);
    await server.kill('SIGKILL');
    isUp = true;
    await server.restart();
    const delivered = () => new Set(tried.slice(10));
    await eventually(() => delivered().size === 20, { timeoutMs: 90_000, message: 'not all were delivered' });
    await untilCounts({ ...EMPTY, dead: 0 });
  });
});

describe('a process that may send nothing, because it has no secret', () => {
  it('still tells how many outcomes wait, and for how long', async () => {
    const config = loadConfig({ REDIS_URL: url, QUIZBELL_KEY_PREFIX: keyPrefix }, 'scheduler');
    const sending = startOutcomeSending({
      config,
      outcomes: {} as never,
      deliveries: {} as never,
      queue: { commands: client(), openBlocking: () => client({ maxRetriesPerRequest: null }) },
      logger,
      metrics,
    });
    try {
      await sending.runSettling('000room', runId(1));
      await eventually(async () =>
        /quizbell_outcome_queue_jobs\{state="waiting"\} 1/.test((await metrics.text()).body),
      );
      await eventually(async () =>
        /quizbell_outcome_queue_oldest_seconds [1-9]/.test((await metrics.text()).body),
      );
      expect(tried).toEqual([]);
    } finally {
      await sending.stop();
    }
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import calculateSlot from 'cluster-key-slot';
import { type Fence, StoreUnavailableError } from '#libs/room';
import {
  closeRedisClient,
  eventually,
  eventuallyPasses,
  type RedisCluster,
  type RedisServer,
  redisClient,
  startRedisCluster,
  uniquePrefix,
} from '#libs/testing';
import { epochMs } from '#libs/timer-core';
import { LEASE_MS, RedisBackend, type RedisBackendOptions, StartupError } from '../src/index.js';
import { KeySpace } from '../src/room.keys.js';
import { changesAreHeard, deciding, does, newPinIn, roomIn, start } from './room.fixture.js';

const SHARDS = 8;
const TIMEOUT_MS = 3_000;
/** Of those whose calls are meant to fail. */
const SHORT_TIMEOUT_MS = 1_000;
/** What a loaded machine may add to a time that is promised. */
const SLACK_MS = 5_000;
/** A master that was restarted serves nobody for 2 s: Redis gives the cluster time to replace it. */
const BACK_MS = 60_000;

let cluster: RedisCluster;
let prefix: string;
const opened: RedisBackend[] = [];

beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster?.stop());
beforeEach(() => {
  prefix = uniquePrefix('cluster');
});
afterEach(async () => {
  for (const node of cluster.nodes) node.thaw();
  await Promise.all(opened.splice(0).map((backend) => backend.close()));
});

async function open(more: Partial<RedisBackendOptions> = {}): Promise<RedisBackend> {
  const backend = await RedisBackend.connect({
    url: cluster.url,
    prefix,
    shards: SHARDS,
    retentionMs: 60_000,
    timeoutMs: TIMEOUT_MS,
    processName: 'test',
    ...more,
  });
  opened.push(backend);
  return backend;
}

const holderOf = (shard: number): RedisServer =>
  cluster.nodeOfSlot(calculateSlot(new KeySpace(prefix, SHARDS).shard(shard).owner));
const shardsOf = (node: RedisServer): number[] =>
  Array.from({ length: SHARDS }, (_, shard) => shard).filter((shard) => holderOf(shard) === node);
const roomOf = (backend: RedisBackend, shard: number) =>
  roomIn(backend.store, { shard, pin: newPinIn(shard, SHARDS), now: backend.clock.now(shard) });

async function configured<T>(node: RedisServer, name: string, value: string, work: () => Promise<T>) {
  const client = redisClient(node.url);
  const [, before = ''] = (await client.config('GET', name)) as string[];
  await client.config('SET', name, value);
  try {
    return await work();
  } finally {
    await client.config('SET', name, before);
    await closeRedisClient(client);
  }
}

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const from = performance.now();
  const value = await work;
  return { value, ms: performance.now() - from };
}
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no failure',
    (error: unknown) => error,
  );

describe('the shards', () => {
  it('lie evenly over three masters', () => {
    expect(cluster.nodes.map((node) => shardsOf(node).length)).toEqual([3, 2, 3]);
  });
});

describe('starting on a Cluster', () => {
  it('looks at every master', async () => {
    for (const node of cluster.nodes) {
      const error = await configured(node, 'maxmemory-policy', 'allkeys-lru', () => failureOf(open()));
      expect(error).toBeInstanceOf(StartupError);
      expect(String(error)).toContain('allkeys-lru, noeviction is needed');
    }
    await expect(open()).resolves.toMatchObject({ warnings: [] });
  });

  it('warns where the loss of one master would stop all', async () => {
    const [, node = holderOf(0)] = cluster.nodes;
    const backend = await configured(node, 'cluster-require-full-coverage', 'yes', () => open());
    expect(backend.warnings).toEqual([expect.stringContaining('cluster-require-full-coverage')]);
  });

  it('needs one of the addresses that it is given', async () => {
    const backend = await open({ url: `redis+cluster://127.0.0.1:1,${new URL(holderOf(0).url).host}` });
    for (const shard of [0, 4, 7]) await roomOf(backend, shard);
  });
});

describe('while one master does not answer', () => {
  it('calls to it fail after the timeout, the others are answered, and the process is ready', async () => {
    const backend = await open();
    const { store } = backend;
    const rooms = await Promise.all([0, 4, 7].map((shard) => roomOf(backend, shard)));
    await holderOf(4).freeze();
    const ids = rooms.map(({ state }) => state.roomId);
    const results = await Promise.all(ids.map((id) => timed(failureOf(store.load(id)))));
    expect(results.map(({ value }) => value instanceof StoreUnavailableError)).toEqual([false, true, false]);
    expect(results[1]?.ms).toBeGreaterThan(TIMEOUT_MS - 50);
    expect(results[1]?.ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    // Whoever waited for the frozen one would be answered after its timeout.
    for (const i of [0, 2]) expect(results[i]?.ms).toBeLessThan(TIMEOUT_MS - 500);
    for (let i = 0; i < 10; i++) expect(await backend.ready()).toBe(true);
    holderOf(4).thaw();
    await eventuallyPasses(async () => expect(await store.load(ids[1] ?? '')).not.toBeNull());
  });

  it('only its shards lose their owner, and others can be taken', async () => {
    const backend = await open();
    const ownership = backend.ownership();
    const held = new Map<number, Fence>();
    const changes: string[] = [];
    const frozen = holderOf(0);
    const away = shardsOf(frozen);
    const rest = shardsOf(holderOf(4)).concat(shardsOf(holderOf(7)));
    const told: string[] = [];
    await ownership.start({
      granted: (fence) => {
        told.push('granted');
        held.set(fence.shard, fence);
      },
      revoked: (shard) => held.delete(shard),
      changed: (_, roomId) => changes.push(roomId),
    });
    await eventually(() => held.size === SHARDS);
    await frozen.freeze();
    const second = await failureOf(open({ timeoutMs: SHORT_TIMEOUT_MS }));
    // It cannot know the clocks of all shards, and so does not start; it says so in time.
    expect(second).toBeInstanceOf(Error);
    await eventually(() => away.every((shard) => !held.has(shard)), { timeoutMs: LEASE_MS + SLACK_MS });
    await eventuallyPasses(() => expect([...held.keys()].sort()).toEqual(rest.sort()));
    // A shard of another master changes hands, though this one is silent.
    const { shard, epoch } = held.get(7) as Fence;
    const client = redisClient(holderOf(shard).url);
    const { owner } = backend.keys.shard(shard);
    await client.hset(owner, { owner: '', until: 0 });
    await eventually(() => (held.get(7)?.epoch ?? 0) > epoch, {
      timeoutMs: 20_000,
      message: 'the shard was not taken again while another master was frozen',
    });
    await closeRedisClient(client);
    frozen.thaw();
    await eventually(() => held.size === SHARDS);
    await changesAreHeard({ changes, told }, async () => [(await roomOf(backend, 0)).state.roomId]);
    await ownership.stop();
  });

  it('and it is that of the roster: the shards of a scheduler that dies meanwhile are taken all the same', async () => {
    const schedulers = await Promise.all(
      [await open(), await open()].map(async (backend) => {
        const held = new Set<number>();
        const ownership = backend.ownership();
        await ownership.start({
          granted: ({ shard }) => held.add(shard),
          revoked: (shard) => held.delete(shard),
          changed: () => {},
        });
        return { backend, ownership, held };
      }),
    );
    await eventually(() => schedulers.every(({ held }) => held.size === SHARDS / 2));
    const [survivor, dying] = schedulers as [(typeof schedulers)[0], (typeof schedulers)[0]];
    const away = cluster.nodeOfSlot(calculateSlot(survivor.backend.keys.schedulers));
    const rest = cluster.nodes.filter((node) => node !== away).flatMap(shardsOf);
    await away.freeze();
    await dying.backend.close();
    await eventually(() => rest.every((shard) => survivor.held.has(shard)));
    away.thaw();
    await eventually(() => survivor.held.size === SHARDS);
    await Promise.all(schedulers.map(({ ownership }) => ownership.stop()));
  });

  it('a process can still end', async () => {
    const backend = await open({ timeoutMs: SHORT_TIMEOUT_MS });
    await backend.socketAdapter({ observe: () => {} });
    await backend.startHeartbeat();
    const ownership = backend.ownership();
    await ownership.start({ granted: () => {}, revoked: () => {}, changed: () => {} });
    await holderOf(0).freeze();
    const { ms } = await timed(ownership.stop().then(() => backend.close()));
    expect(ms).toBeLessThan(3 * SHORT_TIMEOUT_MS + 500 + SLACK_MS);
  });
});

describe('when the connection to a master breaks', () => {
  it('what was under way is not sent again: it may have been done', async () => {
    // So patient that only the end of the connection can be the reason.
    const backend = await open({ timeoutMs: 20_000 });
    const loaded = await roomOf(backend, 4);
    const look = redisClient(holderOf(4).url);
    // Until then scripts are received and not run; whoever is cut off meanwhile takes its own with it.
    await look.client('PAUSE', 60_000, 'WRITE');
    const request = deciding(loaded, start(), { notAfterAt: epochMs(loaded.now + 60_000) });
    const failing = timed(failureOf(backend.store.commit(request)));
    await eventually(async () => /flags=b/.test(String(await look.client('LIST'))));
    await look.client('KILL', 'TYPE', 'NORMAL');
    const { value, ms } = await failing;
    expect(value).toBeInstanceOf(StoreUnavailableError);
    expect(ms).toBeLessThan(10_000);
    await look.client('UNPAUSE');
    // A write of the room's slot is answered after whatever waited for the end of the pause.
    await look.set(`${backend.keys.shard(4).owner}:after`, 1);
    await eventuallyPasses(async () =>
      expect((await backend.store.load(loaded.state.roomId))?.state).toEqual(loaded.state),
    );
    await closeRedisClient(look);
  });
});

describe('when a master was killed', () => {
  it('the owner has its shards again once it is back, and follows their changes', async () => {
    const backend = await open();
    const ownership = backend.ownership();
    const held = new Set<number>();
    const changes: string[] = [];
    const told: string[] = [];
    await ownership.start({
      granted: ({ shard }) => {
        told.push('granted');
        held.add(shard);
      },
      revoked: (shard) => held.delete(shard),
      changed: (_, roomId) => changes.push(roomId),
    });
    await eventually(() => held.size === SHARDS);
    await holderOf(7).kill();
    await eventually(() => shardsOf(holderOf(7)).every((shard) => !held.has(shard)));
    await eventuallyPasses(() => expect([...held].sort()).toEqual([0, 1, 2, 3, 4]));
    await holderOf(7).restart();
    await eventually(() => held.size === SHARDS, { timeoutMs: BACK_MS });
    await changesAreHeard({ changes, told }, async () => {
      const { roomId } = (await roomOf(backend, 7)).state;
      await does(backend.store, roomId, start());
      return [roomId, roomId];
    });
    await ownership.stop();
  });

  it('and all others too: calls fail at once, and work again without a restart of ours', async () => {
    const backend = await open();
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await eventually(async () => !(await backend.ready()));
    const { value, ms } = await timed(failureOf(backend.store.findByPin('123456')));
    expect(value).toBeInstanceOf(StoreUnavailableError);
    expect(ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    await Promise.all(cluster.nodes.map((node) => node.restart()));
    await eventually(() => Promise.all([0, 4, 7].map((shard) => roomOf(backend, shard))), {
      timeoutMs: BACK_MS,
    });
    expect(await backend.ready()).toBe(true);
  });
});

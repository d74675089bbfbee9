import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fence, Ownership } from '#libs/room';
import { eventually, eventuallyPasses, startRedisCluster, testRedisUrl, uniquePrefix } from '#libs/testing';
import { RedisBackend } from '../src/index.js';

const SHARDS = 8;
/** A lease lasts 1,200 ms and was renewed at most 300 ms ago: whoever waits for its end waits for longer than this. */
const AT_ONCE_MS = 800;
/** A busy machine is slow once or twice, a hand-over that waits for the lease always. */
const HAND_OVERS = 5;

interface TestScheduler {
  readonly held: Map<number, Fence>;
  readonly ownership: Ownership;
  readonly backend: RedisBackend;
  /** How often a shard was granted. */
  grants: number;
}

let url: string;
let running: TestScheduler[] = [];

afterEach(async () => {
  for (const { ownership, backend } of running) {
    await ownership.stop();
    await backend.close();
  }
  running = [];
});

async function scheduler(prefix: string): Promise<TestScheduler> {
  const backend = await RedisBackend.connect({
    url,
    prefix,
    shards: SHARDS,
    retentionMs: 60_000,
    timeoutMs: 2_000,
    processName: 'scheduler',
  });
  const held = new Map<number, Fence>();
  const started: TestScheduler = { held, ownership: backend.ownership(), backend, grants: 0 };
  running.push(started);
  await started.ownership.start({
    granted: (fence) => {
      started.grants += 1;
      held.set(fence.shard, fence);
    },
    revoked: (shard) => held.delete(shard),
    changed: () => undefined,
  });
  return started;
}

/** Waits until the schedulers hold all shards, each one by one of them, in these numbers. */
async function settled(schedulers: TestScheduler[], shares: number[]): Promise<void> {
  await eventually(
    () => {
      const owned = schedulers.flatMap(({ held }) => [...held.keys()]);
      const counts = schedulers.map(({ held }) => held.size).sort((a, b) => a - b);
      return new Set(owned).size === SHARDS && owned.length === SHARDS && String(counts) === String(shares);
    },
    { timeoutMs: 30_000, message: `not shared as ${shares}` },
  );
}

describe.each([
  ['Redis', async () => ({ url: testRedisUrl(), stop: async () => {} })],
  ['Redis Cluster', () => startRedisCluster()],
])('schedulers that share the shards of %s', (_name, find) => {
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ url, stop } = await find());
  });
  afterAll(() => stop?.());

  it('hold the same number of shards, or one more, however many come', async () => {
    const prefix = uniquePrefix('sharing');
    const first = await scheduler(prefix);
    await settled([first], [8]);
    const second = await scheduler(prefix);
    await settled([first, second], [4, 4]);
    const third = await scheduler(prefix);
    await settled([first, second, third], [2, 3, 3]);
  });

  it('hand over at once when one leaves: under a higher epoch, without waiting for a lease to end', async () => {
    const prefix = uniquePrefix('handover');
    let leaving = await scheduler(prefix);
    await settled([leaving], [8]);
    let fastestMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < HAND_OVERS && fastestMs >= AT_ONCE_MS; i++) {
      const staying = await scheduler(prefix);
      await settled([leaving, staying], [4, 4]);
      const before = new Map(leaving.held);
      const leftAt = performance.now();
      await leaving.ownership.stop();
      await settled([staying], [8]);
      fastestMs = Math.min(fastestMs, performance.now() - leftAt);
      for (const [shard, { epoch }] of before) expect(staying.held.get(shard)?.epoch).toBeGreaterThan(epoch);
      leaving = staying;
    }
    expect(fastestMs).toBeLessThan(AT_ONCE_MS);
  });

  it('replace one that dies without a word', async () => {
    const prefix = uniquePrefix('killed');
    const first = await scheduler(prefix);
    await settled([first], [8]);
    const second = await scheduler(prefix);
    await settled([first, second], [4, 4]);
    // Its connections are gone, so it can neither renew nor release: what a kill looks like from outside.
    await first.backend.close();
    await settled([second], [8]);
    await eventually(() => first.held.size === 0, { message: 'the dead one still believes that it owns' });
  });

  it('settle: once shared, no shard changes hands', async () => {
    const prefix = uniquePrefix('settled');
    const all = [await scheduler(prefix), await scheduler(prefix), await scheduler(prefix)];
    const shown = () =>
      all.map(({ grants, held }) => ({
        grants,
        held: [...held.values()].map(({ shard, epoch }) => `${shard}:${epoch}`),
      }));
    // Where processes or Redis stand still for a second leases end: then the same once more.
    await eventuallyPasses(
      async () => {
        await settled(all, [2, 3, 3]);
        const before = shown();
        // Several beats and renewals later.
        await sleep(1_500);
        expect(shown()).toEqual(before);
      },
      { timeoutMs: 5_000 },
    );
  });
});

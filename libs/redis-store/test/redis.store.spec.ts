import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stopAllRedisServers } from '#libs/testing';
import { type EpochMs, epochMs, IN_FLIGHT_MS } from '#libs/timer-core';
import { heartbeatScript } from '../src/member.scripts.js';
import { clockScript, leaseScript, releaseScript } from '../src/store.scripts.js';
import { closeIt, deciding, does, entry, existing, roomIn, settleOne, start, stop } from './room.fixture.js';
import { type RedisHarness, redisHarness } from './store.harness.js';

const DAY_MS = 86_400_000;

let harness: RedisHarness;
/** For the test that uses every shard. */
let names: RedisHarness;

beforeAll(async () => {
  harness = await redisHarness('redis-store', 8);
  names = await redisHarness('redis-names', 8);
});
afterAll(async () => {
  await Promise.all([harness.close(), names.close()]);
  await stopAllRedisServers();
});

const room = async (shard = 0) => roomIn(harness.store, { shard, now: await harness.now() });

async function keysBeginningWith(prefix: string): Promise<string[]> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await harness.redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
    for (const key of keys) found.add(key);
    cursor = next;
  } while (cursor !== '0');
  return [...found];
}

describe('what is stored', () => {
  it('never ends for a live room, and ends with its retention once it is over', async () => {
    const { state } = await room();
    const { roomId, pin } = state;
    const keys = harness.keys.room(roomId, 0);
    await harness.members.enter(entry(roomId, 'p1'));
    await harness.members.enter(entry(roomId, 'h', { role: 'host' }));
    await does(harness.store, roomId, start(), { content: '"x"', correct: '"y"' });
    const all = [...Object.values(keys), harness.keys.pin(pin, 0)];
    const lives = async () => Promise.all(all.map((key) => harness.redis.pttl(key)));
    expect(await lives()).toEqual(all.map(() => -1));

    await does(harness.store, roomId, closeIt);
    await harness.members.leave({ roomId, playerId: 'p1', connection: 'p1-1' });
    await harness.members.enter(entry(roomId, 'p2'));
    await harness.members.remove(roomId, 'h', 'banned');
    const lifeOf = async (key: string) => harness.redis.pttl(key);
    for (const key of Object.values(keys)) expect(await lifeOf(key)).toBeCloseTo(harness.retentionMs, -4);
    expect(await lifeOf(harness.keys.pin(pin, 0))).toBeCloseTo(DAY_MS, -4);
    await harness.members.leave({ roomId, playerId: 'h', connection: 'h-1' });
    expect(await harness.redis.exists(keys.presence, keys.counts)).toBe(0); // nobody is left, and nobody may come
  });

  it('of the answers to a run ends the retention time after it was settled', async () => {
    const { roomId } = (await room()).state;
    const { question } = await does(harness.store, roomId, start());
    const runId = question?.runId ?? (0 as never);
    const { answers, earlier } = harness.keys.answers(roomId, runId, 0);
    await harness.redis.hset(answers, 'p1', '{}');
    await harness.redis.hset(earlier, 'p1', '{}\n');
    const lives = async () => [await harness.redis.pttl(answers), await harness.redis.pttl(earlier)];
    await does(harness.store, roomId, stop);
    expect(await lives()).toEqual([-1, -1]);
    await harness.pass(IN_FLIGHT_MS);
    const fence = await harness.own('owner');
    expect(await settleOne(harness.store, fence, roomId, runId, true)).toBe('settled');
    for (const life of await lives()) expect(life).toBeCloseTo(harness.retentionMs, -4);
  });

  it('of runs that were settled too long ago goes in small portions, and leaves no field behind', async () => {
    const idleMs = 3 * harness.retentionMs;
    const { roomId } = (await roomIn(harness.store, { now: await harness.now(), idleMs })).state;
    const { runs } = harness.keys.room(roomId, 0);
    let fence = await harness.own('owner');
    const played = async (questionId: string) => {
      const { question } = await does(harness.store, roomId, start({ questionId }), { correct: '1' });
      const runId = question?.runId ?? (0 as never);
      await does(harness.store, roomId, stop);
      await harness.pass(IN_FLIGHT_MS);
      expect(await settleOne(harness.store, fence, roomId, runId, true)).toBe('settled');
      await harness.deliveries.firstBody(roomId, runId, 'digest');
    };
    const count = async () =>
      Object.keys(await harness.redis.hgetall(runs)).filter((f) => /^\d+$/.test(f)).length;
    for (let i = 0; i < 20; i++) await played(`q${i}`);
    await harness.pass(harness.retentionMs);
    fence = await harness.own('owner');
    await played('last-1');
    expect(await count()).toBe(20 + 1 - 16);
    await played('last-2');
    expect(await count()).toBe(2);
    // Per run: record, correct, settledAt, body, timeline, the newest of its question; one `next`; and three of the room.
    expect(Object.keys(await harness.redis.hgetall(runs))).toHaveLength(2 * 6 + 1 + 3);
  });

  it('settling and leaving do not bring an expired room back', async () => {
    const { state } = await room();
    const { question } = await does(harness.store, state.roomId, start());
    await does(harness.store, state.roomId, closeIt);
    const keys = Object.values(harness.keys.room(state.roomId, 0));
    await harness.redis.del(...keys);
    const fence = await harness.own('owner');
    expect(await settleOne(harness.store, fence, state.roomId, question?.runId ?? (0 as never), true)).toBe(
      'already',
    );
    await harness.members.leave({ roomId: state.roomId, playerId: 'p', connection: 'p-1' });
    await harness.members.enter(entry(state.roomId, 'p'));
    await harness.members.remove(state.roomId, 'p', 'banned');
    await harness.members.tellStirred(fence, [{ roomId: state.roomId, run: null }]);
    expect(await harness.redis.exists(...keys)).toBe(0);
  });

  it('has the prefix and the hash tag of its shard in every name', async () => {
    const { store, members, keys, scripts } = names;
    for (let shard = 0; shard < 8; shard++) {
      const { state } = await roomIn(store, { shard, now: await names.now() });
      await members.enter(entry(state.roomId, 'p'));
      await scripts.run(heartbeatScript, {
        shard: keys.shard(shard),
        gatewayId: 'gateway-1',
        isFirst: false,
      });
      await scripts.run(leaseScript, {
        owner: keys.shard(shard).owner,
        lease: { ownerId: 'o', epoch: 0 },
        leaseMs: 1_000,
      });
      await does(store, state.roomId, start());
    }
    const own = await keysBeginningWith(keys.prefix);
    expect(own.length).toBeGreaterThan(8 * 10);
    for (const key of own) expect(key).toMatch(/^qb-redis-names-[0-9a-f]{8}:\{[0-7](\.\d+)?\}[a-z]+(:|$)/);
  });

  it('is read by its format number: an unknown one is an error, not a guess', async () => {
    const { state } = await room();
    const key = harness.keys.room(state.roomId, 0).room;
    await harness.redis.hset(key, 'state', JSON.stringify({ ...state, format: 2 }));
    await expect(harness.store.load(state.roomId)).rejects.toThrow('format 2');
    await expect(harness.store.load(state.roomId)).rejects.not.toMatchObject({
      name: 'StoreUnavailableError',
    });
    await harness.redis.del(key);
  });

  it('that a script cannot work on is a fault, not an absent Redis', async () => {
    const { state } = await room();
    const key = harness.keys.room(state.roomId, 0).room;
    await harness.redis.del(key);
    await harness.redis.set(key, 'not a hash');
    await expect(harness.store.load(state.roomId)).rejects.toThrow('WRONGTYPE');
    await expect(harness.store.load(state.roomId)).rejects.not.toMatchObject({
      name: 'StoreUnavailableError',
    });
    await harness.redis.del(key);
  });
});

describe('a lease', () => {
  let shard = 1;
  const lease = async (ownerId: string, epoch = 0) =>
    harness.scripts.run(leaseScript, {
      owner: harness.keys.shard(shard).owner,
      lease: { ownerId, epoch },
      leaseMs: 60_000,
    });
  const pass = (ms: number) => harness.redis.hincrby(harness.keys.shard(shard).owner, 'correction', ms);
  const fresh = () => {
    shard++;
  };

  it('is taken, renewed, refused to another, and followed by a higher epoch once it is over', async () => {
    fresh();
    const first = await lease('a');
    expect(first).toMatchObject({ held: true, epoch: 1, untilAt: first.now + 60_000 });
    await pass(20_000);
    const renewed = await lease('a', 1);
    expect(renewed).toMatchObject({ held: true, epoch: 1, untilAt: renewed.now + 60_000 });
    expect(renewed.now).toBeGreaterThanOrEqual(first.now + 20_000);
    expect(await lease('b')).toMatchObject({ held: false, epoch: 1, untilAt: renewed.untilAt });
    await pass(60_000);
    expect(await lease('b')).toMatchObject({ held: true, epoch: 2 });
    expect(await lease('a', 1)).toMatchObject({ held: false, epoch: 2 });
  });

  it('that ended, but was followed by no other, is the same one again', async () => {
    fresh();
    await lease('a');
    await pass(100_000);
    expect(await lease('a', 1)).toMatchObject({ held: true, epoch: 1 });
    expect(await lease('b')).toMatchObject({ held: false });
  });

  it('of a process with the name of the owner but another epoch is not its own', async () => {
    fresh();
    await lease('a');
    expect(await lease('a')).toMatchObject({ held: false, epoch: 1 });
  });

  it('that was given back may be taken at once, under a higher epoch; only its owner can give it back', async () => {
    fresh();
    await lease('a');
    const release = (ownerId: string, epoch: number) =>
      harness.scripts.run(releaseScript, {
        owner: harness.keys.shard(shard).owner,
        lease: { ownerId, epoch },
        channel: harness.keys.releasedShards,
        shard,
      });
    expect(await release('b', 1)).toBe(false);
    expect(await release('a', 2)).toBe(false);
    expect(await release('a', 1)).toBe(true);
    expect(await lease('a', 1)).toMatchObject({ held: true, epoch: 2 });
  });

  it('that is over lets its owner do nothing, though nobody followed', async () => {
    const fence = await harness.own('short');
    const loaded = await room();
    const open = deciding(loaded, start()).change.state;
    await harness.redis.hset(harness.keys.shard(0).owner, 'until', await harness.now());
    expect(await harness.store.due(fence, 1)).toBe('fenced');
    expect(await harness.store.commitMany(fence, [deciding(loaded, start())])).toMatchObject([
      { why: 'fence' },
    ]);
    expect(await harness.store.tickMany(fence, [{ state: open }])).toMatchObject([{ why: 'fence' }]);
    expect(await settleOne(harness.store, fence, loaded.state.roomId, open.version, true)).toBe('fenced');
    expect(existing(await harness.store.load(loaded.state.roomId)).state).toEqual(loaded.state);
  });

  it('is told with every room that is read', async () => {
    const { state } = await room(7);
    expect((await harness.store.load(state.roomId))?.ownedUntilAt).toBe(0);
    shard = 7;
    const { untilAt } = await lease('a');
    expect((await harness.store.load(state.roomId))?.ownedUntilAt).toBe(untilAt);
  });
});

describe('the clock of a shard', () => {
  it('is that of Redis and the correction, in every digit', async () => {
    const { owner } = harness.keys.shard(6);
    await harness.redis.hset(owner, 'correction', -1_234_567);
    const before = await harness.redis.time();
    const { serverAt: told, correction } = await harness.scripts.run(clockScript, { owner });
    expect(correction).toBe('-1234567');
    const [seconds, micros] = before;
    const expected = Number(seconds) * 1_000 + Number(micros) / 1_000 - 1_234_567;
    expect(told).toBeGreaterThanOrEqual(expected - 0.001);
    expect(told).toBeLessThan(expected + 10_000);
    const { state } = await roomIn(harness.store, { shard: 6, now: epochMs(Math.floor(told)) as EpochMs });
    const loaded = existing(await harness.store.load(state.roomId));
    expect(Number.isInteger(loaded.now)).toBe(true);
    expect(loaded.now).toBeGreaterThanOrEqual(Math.floor(told));
  });
});

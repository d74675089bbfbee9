import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fence } from '#libs/room';
import { stopAllRedisServers } from '#libs/testing';
import { heartbeatScript } from '../src/member.scripts.js';
import { GATEWAY_LIFETIME_MS } from '../src/redis.member.store.js';
import { entry, roomIn } from './room.fixture.js';
import { type RedisHarness, redisHarness } from './store.harness.js';

// What only several gateways can do; what every store does is in members.suite.ts.

const DAY_MS = 86_400_000;

let harness: RedisHarness;
let roomId: string;
const other = () => harness.membersOf('gateway-2');

beforeAll(async () => {
  harness = await redisHarness('redis-members', 8);
});
afterAll(async () => {
  await harness.close();
  await stopAllRedisServers();
});
beforeEach(async () => {
  roomId = (await roomIn(harness.store, { now: await harness.now() })).state.roomId;
  await harness.beat();
  await harness.beatOf('gateway-2');
});

const HERE = { away: false };
const connected = async () =>
  (await harness.members.roster(roomId, HERE)).map(({ playerId }) => playerId).sort();
const presence = async () => (await harness.members.admission(roomId, null))?.presence;
const counts = () => harness.redis.hgetall(harness.keys.room(roomId, 0).counts);
/** Lets so much time pass that the first gateway counts as dead, and the second lives on. */
const killFirst = async () => {
  await harness.pass(GATEWAY_LIFETIME_MS);
  await harness.beatOf('gateway-2');
};

describe('members of several gateways', () => {
  it('count while their gateway lives; when a dead one was last heard of is remembered', async () => {
    const shard = harness.keys.shard(0);
    await harness.members.enter(entry(roomId, 'p1'));
    await other().enter(entry(roomId, 'p2'));
    expect(await connected()).toEqual(['p1', 'p2']);
    await killFirst();
    const lastBeat = Number(await harness.redis.hget(shard.gateways, 'gateway-2'));
    expect(await connected()).toEqual(['p2']);
    expect(await presence()).toEqual({ players: 1, spectators: 0, hostConnected: false });
    expect((await harness.members.admission(roomId, 'p1'))?.isConnected).toBe(false);
    const now = await harness.now();
    expect(await harness.store.occupiedAt(roomId)).toBeGreaterThanOrEqual(now);
    await harness.pass(100_000);
    expect(await connected()).toEqual([]);
    expect(await harness.store.occupiedAt(roomId)).toBe(lastBeat);
  });

  it('of a dead gateway are away', async () => {
    await harness.members.enter(entry(roomId, 'p1'));
    await harness.members.enter(entry(roomId, 'h', { role: 'host' }));
    await other().enter(entry(roomId, 'p2'));
    await killFirst();
    const roster = await harness.members.roster(roomId, { away: true });
    expect(Object.fromEntries(roster.map((member) => [member.playerId, member.connected]))).toEqual({
      p1: false,
      p2: true,
    });
  });

  // A page at a time: whoever changes the hash in between must neither hide nor double anybody else.
  it('are all listed, each once, while others come and go', async () => {
    const stay = Array.from({ length: 1_500 }, (_, i) => `stays${i}`);
    for (const [i, id] of stay.entries()) {
      if (i % 50 === 0) await harness.beat();
      await harness.members.enter(entry(roomId, id, { maxPlayers: 5_000 }));
    }
    let isReading = true;
    const coming = (async () => {
      for (let i = 0; isReading; i++) await other().enter(entry(roomId, `new${i}`, { maxPlayers: 5_000 }));
    })();
    for (const away of [false, true]) {
      await harness.beat();
      const listed = (await harness.members.roster(roomId, { away })).map(({ playerId }) => playerId);
      expect(new Set(listed).size).toBe(listed.length);
      expect(listed.filter((id) => id.startsWith('stays')).sort()).toEqual([...stay].sort());
    }
    isReading = false;
    await coming;
  });

  it('count for nobody once their gateway has said goodbye', async () => {
    await harness.members.enter(entry(roomId, 'p1'));
    const before = await harness.now();
    await harness.beatOf('gateway-1', GATEWAY_LIFETIME_MS);
    expect(await connected()).toEqual([]);
    expect(await harness.store.occupiedAt(roomId)).toBeGreaterThanOrEqual(before - GATEWAY_LIFETIME_MS);
  });

  it('are counted once when one takes over the seat of another, and the other leaves', async () => {
    await harness.listen(roomId, 'p1');
    await harness.members.enter(entry(roomId, 'p1'));
    await harness.members.enter(entry(roomId, 'h', { role: 'host' }));
    await harness.heard();
    await other().enter(entry(roomId, 'p1'));
    expect(await harness.heard()).toEqual([
      { audience: 'player', event: 'member:removed', payload: { reason: 'replaced' }, except: 'p1-1' },
    ]);
    expect(await counts()).toEqual({ 'gateway-1/host': '1', 'gateway-2/player': '1' });
    await harness.members.leave({ roomId, playerId: 'p1', connection: 'p1-1' });
    expect(await counts()).toEqual({ 'gateway-1/host': '1', 'gateway-2/player': '1' });
    await other().leave({ roomId, playerId: 'p1', connection: 'p1-1' });
    await harness.members.leave({ roomId, playerId: 'h', connection: 'h-1' });
    expect(await counts()).toEqual({});
  });

  it('have lost their seat when the same connection name has it at another gateway, not when theirs counts as dead', async () => {
    const seat = { playerId: 'p1', connection: 'p1-1' };
    await harness.members.enter(entry(roomId, 'p1'));
    await killFirst();
    expect(await harness.members.seatLosses(roomId, [seat])).toEqual([null]);
    await other().enter(entry(roomId, 'p1'));
    expect(await harness.members.seatLosses(roomId, [seat])).toEqual(['replaced']);
    expect(await other().seatLosses(roomId, [seat])).toEqual([null]);
  });

  it('are counted by the role of their seat when it is another', async () => {
    await harness.members.enter(entry(roomId, 's', { role: 'spectator' }));
    await other().enter(entry(roomId, 's', { role: 'co-host', connection: 's-2' }));
    expect(await counts()).toEqual({ 'gateway-2/co-host': '1' });
    await harness.listen(roomId, 's');
    await other().enter(entry(roomId, 's', { role: 'spectator', connection: 's-2' }));
    expect(await counts()).toEqual({ 'gateway-2/spectator': '1' });
    expect(await harness.heard()).toEqual([]);
  });

  it('of a dead gateway neither fill a room nor keep a member from coming back', async () => {
    const small = { maxPlayers: 1, secondConnection: 'refuse' } as const;
    expect(await harness.members.enter(entry(roomId, 'p1', small))).toMatchObject({ entered: true });
    expect(await other().enter(entry(roomId, 'p1', small))).toEqual({ entered: false, why: 'taken' });
    expect(await other().enter(entry(roomId, 'p2', small))).toEqual({ entered: false, why: 'full' });
    await killFirst();
    expect(await other().enter(entry(roomId, 'p1', small))).toMatchObject({ entered: true });
    await other().leave({ roomId, playerId: 'p1', connection: 'p1-1' });
    expect(await other().enter(entry(roomId, 'p2', small))).toMatchObject({ entered: true });
  });

  it('of a dead gateway are forgotten with their seats when too many are remembered', async () => {
    const keys = harness.keys.room(roomId, 0);
    for (let i = 0; i < 4; i++) await harness.members.enter(entry(roomId, `p${i}`, { maxPlayers: 4 }));
    await killFirst();
    for (let i = 4; i < 8; i++) await other().enter(entry(roomId, `p${i}`, { maxPlayers: 4 }));
    expect(await counts()).toEqual({ 'gateway-1/player': '4', 'gateway-2/player': '4' });
    for (let i = 8; i < 18; i++) {
      await other().leave({ roomId, playerId: `p${i - 1}`, connection: `p${i - 1}-1` });
      await other().enter(entry(roomId, `p${i}`, { maxPlayers: 4 }));
      const players = await harness.redis.hkeys(keys.players);
      expect(players).toHaveLength(8);
      expect(await harness.redis.hlen(keys.names)).toBe(8);
      const seated = await harness.redis.hkeys(keys.presence);
      expect(players).toEqual(expect.arrayContaining(seated));
      const counted = Object.values(await counts()).reduce((sum, count) => sum + Number(count), 0);
      expect(counted).toBe(seated.length);
    }
    expect(await counts()).toEqual({ 'gateway-2/player': '4' });
    expect(await presence()).toMatchObject({ players: 4 });
  });

  it('are told to their rooms without those of a dead gateway, and its name is no longer among the living', async () => {
    const fence: Fence = await harness.own('owner');
    await harness.listen(roomId);
    await harness.members.enter(entry(roomId, 'p1'));
    await other().enter(entry(roomId, 'h', { role: 'host' }));
    const living = async () => {
      const taken = await harness.members.takeStirred(fence, 1_000);
      return taken === 'fenced' ? taken : taken.gateways.sort();
    };
    const told = async () => {
      await harness.members.tellStirred(fence, [{ roomId, run: null }]);
      return (await harness.heard()).map(({ payload }) => payload);
    };
    expect(await living()).toEqual(['gateway-1', 'gateway-2']);
    expect(await told()).toMatchObject([{ players: 1, spectators: 0, hostConnected: true }]);
    await killFirst();
    expect(await living()).toEqual(['gateway-2']);
    expect(await told()).toMatchObject([{ players: 0, spectators: 0, hostConnected: true }]);
    await harness.pass(GATEWAY_LIFETIME_MS);
    expect(await living()).toEqual([]);
    expect(await told()).toMatchObject([{ players: 0, spectators: 0, hostConnected: false }]);
  });
});

describe('gateways', () => {
  it('that were silent for a day are forgotten when one starts', async () => {
    const shard = harness.keys.shard(1);
    const beat = (gatewayId: string, isFirst: boolean) =>
      harness.scripts.run(heartbeatScript, { shard, gatewayId, isFirst });
    await beat('old', true);
    await harness.redis.hset(shard.owner, 'correction', DAY_MS + 1_000);
    await beat('new', false);
    await beat('newest', true);
    expect((await harness.redis.hkeys(shard.gateways)).sort()).toEqual(['new', 'newest']);
  });
});

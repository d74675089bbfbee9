import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MemberRecord, PlayerRecord, RosterEntry } from '#libs/room';
import { heartbeatScript } from '../src/member.scripts.js';
import { newRoomIdIn, roomIn, type Store } from './room.fixture.js';
import type { RedisHarness, StoreHarness } from './store.harness.js';

const byId = (roster: RosterEntry[]): RosterEntry[] =>
  [...roster].sort((a, b) => (a.playerId < b.playerId ? -1 : 1));

/** What both adapters do with players and members. */
export function describeMembers(name: string, createHarness: () => Promise<StoreHarness>): void {
  describe(`players and members in ${name}`, () => {
    let harness: StoreHarness;
    let store: Store;

    beforeAll(async () => {
      harness = await createHarness();
      store = harness.store;
    });
    afterAll(() => harness.close());

    const room = async (): Promise<string> => {
      const settings = { maxPlayers: 3, webhook: 'https://example.org/"x"' };
      return (await roomIn(store, { settings, now: await harness.now() })).state.roomId;
    };
    const player = async (playerId: string): Promise<PlayerRecord> => ({
      playerId,
      name: `Ädä 😀 ${playerId}`,
      joinedAt: await harness.now(),
    });
    const ada: MemberRecord = { playerId: 'p1', name: 'Ada', role: 'player' };
    const host: MemberRecord = { playerId: 'h', name: 'Host', role: 'host' };
    // Redis counts members of living gateways only; the memory adapter is its own gateway.
    const beat = async () => {
      const { scripts, keys } = harness as Partial<RedisHarness>;
      await scripts?.run(heartbeatScript, {
        shard: keys?.shard(0) ?? (undefined as never),
        gatewayId: 'gateway-1',
        isFirst: true,
      });
    };

    it('takes as many players as allowed, each once, and the known ones again in a full room', async () => {
      const roomId = await room();
      expect(await store.addPlayer(roomId, await player('p1'), 2)).toBe('added');
      expect(await store.addPlayer(roomId, await player('p1'), 2)).toBe('added');
      expect(await store.addPlayer(roomId, await player('p2'), 2)).toBe('added');
      expect(await store.addPlayer(roomId, await player('p3'), 2)).toBe('full');
      expect(await store.addPlayer(roomId, await player('p2'), 2)).toBe('added');
      expect(await store.info(roomId)).toEqual({
        settings: { maxPlayers: 3, webhook: 'https://example.org/"x"' },
        players: 2,
      });
    });

    it('takes no player too many when all come at once', async () => {
      const roomId = await room();
      const players = await Promise.all(Array.from({ length: 30 }, (_, i) => player(`p${i}`)));
      const answers = await Promise.all(players.map((one) => store.addPlayer(roomId, one, 10)));
      expect(answers.filter((answer) => answer === 'added')).toHaveLength(10);
      expect((await store.info(roomId))?.players).toBe(10);
    });

    it('makes nothing of a player, a member or a farewell for a room that does not exist', async () => {
      const roomId = newRoomIdIn();
      expect(await store.addPlayer(roomId, await player('p1'), 2)).toBe('added');
      await store.enter(roomId, 'c1', ada);
      await store.leave(roomId, 'c1');
      expect(await store.info(roomId)).toBeNull();
      expect(await store.roster(roomId)).toEqual([]);
    });

    it('lists players and connected members, each once; a connected one as the connection says', async () => {
      const roomId = await room();
      await beat();
      await store.addPlayer(roomId, await player('p1'), 9);
      await store.addPlayer(roomId, await player('p2'), 9);
      await store.enter(roomId, 'c1', ada);
      await store.enter(roomId, 'c2', ada);
      await store.enter(roomId, 'c3', host);
      expect(byId(await store.roster(roomId))).toEqual([
        { ...host, connected: true },
        { ...ada, connected: true },
        { playerId: 'p2', name: 'Ädä 😀 p2', role: 'player', connected: false },
      ]);
      await store.leave(roomId, 'c1');
      expect(byId(await store.roster(roomId))[1]).toMatchObject({ playerId: 'p1', connected: true });
      await store.leave(roomId, 'c2');
      await store.leave(roomId, 'c3');
      expect(byId(await store.roster(roomId)).map((entry) => [entry.playerId, entry.connected])).toEqual([
        ['p1', false],
        ['p2', false],
      ]);
    });

    it('is occupied while somebody is connected, and knows when the last one left', async () => {
      const roomId = await room();
      await beat();
      expect(await store.occupiedAt(roomId)).toBe(0);
      await store.enter(roomId, 'c1', ada);
      await store.enter(roomId, 'c2', host);
      await store.leave(roomId, 'c1');
      await store.leave(roomId, 'nobody');
      const before = await harness.now();
      expect(await store.occupiedAt(roomId)).toBeGreaterThanOrEqual(before);
      await store.leave(roomId, 'c2');
      const left = await store.occupiedAt(roomId);
      expect(left).toBeGreaterThanOrEqual(before);
      await harness.pass(100_000);
      await store.leave(roomId, 'c2');
      expect(await store.occupiedAt(roomId)).toBe(left);
    });

    it('has a channel per audience and per player', async () => {
      const roomId = await room();
      const channels = [
        ...(['room', 'ticks', 'staff'] as const).map((audience) => store.channel(audience, roomId)),
        store.channel('player', roomId, 'p1'),
        store.channel('player', roomId, 'p2'),
      ];
      expect(new Set(channels).size).toBe(5);
      expect(channels.filter((channel) => channel.length === 20)).toEqual([]);
    });
  });
}

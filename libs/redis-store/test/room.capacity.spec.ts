import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { roomsOfShard } from '#libs/room';
import { durationMs, newRoom } from '#libs/timer-core';
import { closeIt, deciding, does, existing, newPinIn, newRoomIdIn, outcomeOf } from './room.fixture.js';
import { memoryHarness, redisHarness, type StoreHarness } from './store.harness.js';

const MAX_ROOMS = 3;

for (const [name, create] of [
  ['memory', () => memoryHarness(MAX_ROOMS)],
  ['Redis', () => redisHarness('capacity', 1, undefined, MAX_ROOMS)],
] as const) {
  describe(`the room for rooms in ${name}`, () => {
    let harness: StoreHarness;
    const roomIds: string[] = [];

    beforeAll(async () => {
      harness = await create();
    });
    afterAll(() => harness.close());

    const creates = async (pin = newPinIn()) => {
      const roomId = newRoomIdIn();
      const state = newRoom({ roomId, pin, idleMs: durationMs(60_000), now: await harness.now() });
      const result = await harness.store.create({ state, settings: {} });
      if (result === 'created') roomIds.push(roomId);
      return { result, roomId, pin };
    };
    const results = async (count: number) =>
      (await Promise.all(Array.from({ length: count }, () => creates()))).map(({ result }) => result).sort();

    it('is taken by exactly so many, however many ask at once', async () => {
      const asked = await results(10);
      expect(asked.filter((result) => result === 'created')).toHaveLength(MAX_ROOMS);
      expect(asked.filter((result) => result === 'full')).toHaveLength(10 - MAX_ROOMS);
      const { result, roomId, pin } = await creates();
      expect(result).toBe('full');
      expect(await harness.store.load(roomId)).toBeNull();
      expect(await harness.store.findByPin(pin)).toBeNull();
    });

    it('is given back by the closing of a room, once', async () => {
      const [first = '', second = ''] = roomIds;
      const loaded = existing(await harness.store.load(first));
      // Of two who close it at once one does, and one more room has place.
      const closings = [deciding(loaded, closeIt), deciding(loaded, closeIt)];
      const closed = await Promise.all(closings.map((closing) => harness.store.commit(closing)));
      expect(closed.map(outcomeOf).sort()).toEqual(['committed', 'version']);
      expect(await results(3)).toEqual(['created', 'full', 'full']);
      await does(harness.store, second, closeIt);
      expect(await results(3)).toEqual(['created', 'full', 'full']);
    });

    it('is not taken by whoever finds the PIN taken', async () => {
      const [, , third = ''] = roomIds;
      const { pin } = existing(await harness.store.load(third)).state;
      await does(harness.store, third, closeIt);
      expect((await creates(pin)).result).toBe('taken');
      expect(await results(3)).toEqual(['created', 'full', 'full']);
    });
  });
}

describe('the room for rooms of all shards', () => {
  it('is the whole: the low shards take the remainder', () => {
    for (const [maxRooms, shards] of [
      [10, 3],
      [3, 8],
      [100_000, 8],
      [1, 1],
    ] as const) {
      const each = Array.from({ length: shards }, (_, shard) => roomsOfShard(maxRooms, shard, shards));
      expect(each.reduce((sum, count) => sum + count, 0)).toBe(maxRooms);
      expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1);
    }
  });
});

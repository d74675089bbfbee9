import { describe, expect, it } from '@jest/globals';
import calculateSlot from 'cluster-key-slot';
import { KeySpace } from './room.keys.js';
import { shardTag } from './shard.tags.js';

const SLOTS = 16_384;
const ROOM_SUFFIX = 'abcdefghijklmnopqrstu';

const tagsOf = (shards: number) => Array.from({ length: shards }, (_, shard) => shardTag(shard, shards));
/** As `redis-cli --cluster create` deals the slots out. */
const masterOf = (slot: number, masters: number) =>
  Math.min(masters - 1, Math.floor(slot / (SLOTS / masters)));

describe('the hash tags of the shards', () => {
  it.each([1, 2, 3, 7, 8, 16, 32, 64])('of %i shards differ, and each lies in its place', (shards) => {
    const tags = tagsOf(shards);
    expect(new Set(tags).size).toBe(shards);
    const slots = tags.map((tag) => calculateSlot(tag));
    expect(new Set(slots).size).toBe(shards);
    slots.forEach((slot, shard) => {
      expect(Math.abs(slot - ((shard + 0.5) / shards) * SLOTS)).toBeLessThanOrEqual(SLOTS / 100);
    });
  });

  it.each([
    [8, 3, 2, 3],
    [8, 4, 2, 2],
    [8, 6, 1, 2],
    [64, 3, 21, 22],
  ])('spread %i shards evenly over %i masters', (shards, masters, least, most) => {
    const perMaster = new Array<number>(masters).fill(0);
    for (const tag of tagsOf(shards)) {
      const master = masterOf(calculateSlot(tag), masters);
      perMaster[master] = (perMaster[master] ?? 0) + 1;
    }
    expect(Math.min(...perMaster)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...perMaster)).toBeLessThanOrEqual(most);
  });

  it('begin with the shard, and stay what they are: a change would lose every room', () => {
    expect(tagsOf(8).map((tag) => Number(tag.split('.')[0]))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(tagsOf(8)).toMatchInlineSnapshot(`
[
  "0.26",
  "1.50",
  "2.47",
  "3.31",
  "4.42",
  "5.30",
  "6.1",
  "7.51",
]
`);
  });
});

describe('the names of a shard', () => {
  const keys = new KeySpace('quizbell', 64);

  it.each([0, 7, 63])('%i: all in one slot, under the prefix, different', (shard) => {
    const roomId = `${String(shard).padStart(3, '0')}${ROOM_SUFFIX}`;
    const channels = (['room', 'ticks', 'staff'] as const).map((audience) =>
      keys.adapterChannel(keys.socketRoom(audience, roomId, shard), '/quiz'),
    );
    const names = [
      ...Object.values(keys.shard(shard)),
      ...Object.values(keys.room(roomId, shard)),
      keys.pin('123456', shard),
      ...channels,
      keys.adapterChannel(keys.socketRoom('player', roomId, shard, 'p1'), '/quiz'),
    ];
    expect(new Set(names.map((name) => calculateSlot(name))).size).toBe(1);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^quizbell[:#]/);
  });

  it('are none for a shard that is not', () => {
    expect(() => keys.shard(64)).toThrow('no shard 64 of 64');
    expect(() => keys.shard(-1)).toThrow(RangeError);
  });
});

describe('the Socket.IO rooms', () => {
  it('never have the 20 characters that the adapter takes for a socket id', () => {
    for (const shards of [1, 8, 64, 999]) {
      const keys = new KeySpace('q', shards);
      for (let shard = 0; shard < shards; shard++) {
        const roomId = `${String(shard).padStart(3, '0')}${ROOM_SUFFIX}`;
        const names = [
          ...(['room', 'ticks', 'staff'] as const).map((audience) =>
            keys.socketRoom(audience, roomId, shard),
          ),
          ...[1, 2, 21, 64].map((length) => keys.socketRoom('player', roomId, shard, 'p'.repeat(length))),
        ];
        for (const name of names) expect(name.length).toBeGreaterThan(20);
      }
    }
  });
});

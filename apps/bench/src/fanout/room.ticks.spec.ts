import { describe, expect, it } from '@jest/globals';
import { heardInAll, RoomTicks } from './room.ticks.js';

/** A room of three; each tick is heard by its members at these instants. */
function heard(ticks: readonly (readonly number[])[]): RoomTicks {
  const room = new RoomTicks(3);
  for (const [i, instants] of ticks.entries()) for (const atMs of instants) room.hear(`tick ${i}`, atMs);
  return room;
}

const ALL = [
  [1_000, 1_001, 1_003],
  [2_000, 2_000.5, 2_002],
  [3_000, 3_000, 3_009],
];

describe('RoomTicks', () => {
  it('tells how far apart the members heard each tick', () => {
    expect(heard(ALL).take(500, 3_500, 1_000)).toEqual({
      ticks: 3,
      deliveries: 9,
      missing: 0,
      doubled: 0,
      skipped: 0,
      spreadsMs: [3, 2, 9],
      bytes: 6,
    });
  });

  it('takes the ticks that began in that time, with all of their deliveries, and forgets the others', () => {
    const room = heard(ALL);
    expect(room.take(1_500, 3_000, 1_000)).toMatchObject({ ticks: 1, deliveries: 3, skipped: 0 });
    expect(room.take(0, 9_000, 1_000).ticks).toBe(0);
  });

  it('finds a delivery that never came, and one that came twice', () => {
    expect(heard([[1, 2], [3, 4, 5], [6]]).take(0, 10, 5)).toMatchObject({ missing: 3, doubled: 0 });
    expect(heard([[1, 2, 3, 4]]).take(0, 10, 5)).toMatchObject({ missing: 0, doubled: 1 });
  });

  it('counts a tick that nobody heard, but none that may be just outside', () => {
    expect(heard(ALL).take(500, 5_500, 1_000).skipped).toBe(1);
    expect(heard(ALL).take(500, 4_500, 1_000).skipped).toBe(0);
    expect(heard([]).take(500, 5_500, 1_000)).toMatchObject({ ticks: 0, skipped: 4, bytes: 0 });
  });

  it('knows a tick again when the next has come in between', () => {
    const room = new RoomTicks(2);
    for (const [text, atMs] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['b', 4],
    ] as const)
      room.hear(text, atMs);
    expect(room.take(0, 10, 5)).toMatchObject({ ticks: 2, missing: 0, doubled: 0, spreadsMs: [2, 2] });
  });
});

describe('heardInAll', () => {
  it('adds up', () => {
    const rooms = [heard(ALL).take(500, 3_500, 1_000), heard([[1_000, 1_001]]).take(500, 3_500, 1_000)];
    expect(heardInAll(rooms)).toEqual({
      ticks: 4,
      deliveries: 11,
      missing: 1,
      doubled: 0,
      skipped: 1,
      spreadsMs: [3, 2, 9, 1],
      bytes: 6,
    });
    expect(heardInAll([])).toMatchObject({ ticks: 0, bytes: 0 });
  });
});

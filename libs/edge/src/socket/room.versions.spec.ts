import { beforeEach, describe, expect, it } from '@jest/globals';
import { RoomVersions, VERSION_HOLDS_MS } from './room.versions.js';

describe('versions of rooms', () => {
  let nowMs: number;
  let asked: string[];
  let stored: Record<string, number>;
  let versions: RoomVersions;

  beforeEach(() => {
    nowMs = 1_000;
    asked = [];
    stored = { a: 1, b: 2 };
    versions = new RoomVersions(
      async (roomId) => {
        asked.push(roomId);
        return stored[roomId];
      },
      () => nowMs,
    );
  });

  it('are read once, however many ask, also at the same time', async () => {
    expect(await Promise.all([versions.of('a'), versions.of('a'), versions.of('b')])).toEqual([1, 1, 2]);
    nowMs += VERSION_HOLDS_MS - 1;
    // At once, not in a later turn.
    expect(versions.of('a')).toBe(1);
    expect(asked).toEqual(['a', 'b']);
  });

  it('are read anew when they are old', async () => {
    await versions.of('a');
    stored.a = 7;
    nowMs += VERSION_HOLDS_MS;
    expect(await versions.of('a')).toBe(7);
    expect(asked).toEqual(['a', 'a']);
  });

  it('that could not be read are asked for again', async () => {
    delete stored.a;
    expect(await versions.of('a')).toBeUndefined();
    stored.a = 3;
    expect(await versions.of('a')).toBe(3);
  });

  it('of rooms that nobody asks for any more are forgotten', async () => {
    for (let i = 0; i < 100; i++) await versions.of(`r${i}`);
    stored.r0 = 1;
    for (let i = 0; i < 100; i++) {
      stored[`s${i}`] = i;
      await versions.of(`s${i}`);
    }
    expect(versions.size).toBe(100);
    nowMs += VERSION_HOLDS_MS;
    await versions.of('a');
    expect(versions.size).toBe(1);
  });
});

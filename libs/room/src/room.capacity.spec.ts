import { describe, expect, it } from '@jest/globals';
import { durationMs, epochMs } from '#libs/timer-core';
import { pinOutside, shardOfPin } from './room.id.js';
import type { CreateResult, IdSource, NewRoom, RoomStore } from './room.ports.js';
import { RoomService } from './room.service.js';
import { as } from './room.service.spec-helper.js';

const SHARDS = 5;

/** A service whose store answers `create` by the shard, and the shards that it was asked for. */
function serviceOn(answer: (shard: number) => CreateResult) {
  const asked: number[] = [];
  const store = {
    shards: SHARDS,
    create: async ({ state }: NewRoom) => {
      const shard = shardOfPin(state.pin, SHARDS);
      asked.push(shard);
      return answer(shard);
    },
  } as unknown as RoomStore;
  // As unlucky as can be: always the same PIN.
  const ids: IdSource = { pin: () => '999999', token: (length) => 'x'.repeat(length) };
  const service = new RoomService(store, { now: () => epochMs(1) }, ids, {
    idleMs: durationMs(1_000),
  } as never);
  return { service, asked };
}

describe('creating a room while shards are full', () => {
  it('goes to another shard, the last one with place too', async () => {
    for (let free = 0; free < SHARDS; free++) {
      const { service, asked } = serviceOn((shard) => (shard === free ? 'created' : 'full'));
      const { pin, roomId } = as('created', await service.createRoom({}));
      expect([shardOfPin(pin, SHARDS), roomId.slice(0, 3)]).toEqual([free, `00${free}`]);
      expect(pin).toMatch(/^\d{6}$/);
      expect(new Set(asked).size).toBe(asked.length);
    }
  });

  it('is refused when all are, each asked once, and says when to ask again', async () => {
    const { service, asked } = serviceOn(() => 'full');
    expect(await service.createRoom({})).toMatchObject({
      kind: 'refused',
      code: 'rate_limited',
      retryAfterMs: 60_000,
    });
    expect(asked.sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('is a conflict when PINs are taken where there is place', async () => {
    const { service } = serviceOn((shard) => (shard === 2 ? 'taken' : 'full'));
    expect(await service.createRoom({})).toMatchObject({ kind: 'refused', code: 'conflict' });
  });
});

describe('a PIN outside of full shards', () => {
  it('has six digits, also behind the last one', () => {
    expect(pinOutside(new Set(), '000007', SHARDS)).toBe('000007');
    expect(pinOutside(new Set([4]), '999999', SHARDS)).toBe('000000');
  });
});

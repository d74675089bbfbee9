import { describe, expect, it } from '@jest/globals';
import type { OwnerStore } from '#libs/room';
import { eventually } from '#libs/testing';
import { type EpochMs, epochMs } from '#libs/timer-core';
import { SchedulerWorld } from '../test/scheduler.world.js';
import { Scheduler } from './scheduler.js';

const AUDIT_EVERY_MS = 20;

type Lens = (dueAt: EpochMs | null, roomId: string) => EpochMs | null;

/** Audits a world's rooms with a store whose due instants are seen through `lens`; gives what was found. */
async function audited(world: SchedulerWorld, lens: Lens, rooms: number) {
  const found = new Set<string>();
  let looks = 0;
  const store = new Proxy<OwnerStore>(world.store, {
    get: (target, name) => {
      if (name === 'dueInstants') {
        return async (shard: number, roomIds: readonly string[]) =>
          (await target.dueInstants(shard, roomIds)).map((at, i) => lens(at, roomIds[i] ?? ''));
      }
      const method = Reflect.get(target, name) as unknown;
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
  const scheduler = new Scheduler({
    store,
    presence: world.presence,
    ownership: world.ownership,
    clock: { now: () => world.now() },
    auditEveryMs: AUDIT_EVERY_MS,
    observer: {
      audited: (_shard, count) => {
        if (count === rooms) looks += 1;
      },
      auditFound: (roomId) => found.add(roomId),
    },
  });
  await scheduler.start();
  await eventually(() => looks >= 5, { message: 'the audit does not look at every room' });
  await scheduler.stop();
  return found;
}

describe('the audit of a shard', () => {
  it('finds nothing while commits go on, in any phase', async () => {
    const world = new SchedulerWorld();
    const rooms = await Promise.all(Array.from({ length: 5 }, () => world.newRoom()));
    const [open = '', paused = '', leading = ''] = rooms;
    await world.startQuestion(open, { durationMs: 60_000, tickMs: 100 });
    await world.startQuestion(paused, { durationMs: 60_000 });
    await world.command(paused, { type: 'question:pause', actor: 'host' });
    await world.startQuestion(leading, { durationMs: 100, leadInMs: 30 });
    let busy = true;
    const extending = (async () => {
      while (busy) {
        await world.extend(open, 1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const found = await audited(world, (dueAt) => dueAt, rooms.length);
    busy = false;
    await extending;
    expect([...found]).toEqual([]);
  });

  it('finds a room that is due at another instant than its state says, or not at all', async () => {
    const world = new SchedulerWorld();
    const rooms = await Promise.all(Array.from({ length: 3 }, () => world.newRoom()));
    const [moved, missing] = rooms;
    const lens: Lens = (dueAt, roomId) => {
      if (roomId === missing) return null;
      return dueAt !== null && roomId === moved ? epochMs(dueAt + 5) : dueAt;
    };
    expect([...(await audited(world, lens, rooms.length))].sort()).toEqual([moved, missing].sort());
  });
});

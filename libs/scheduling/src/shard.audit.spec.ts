import { describe, expect, it } from '@jest/globals';
import type { DueEntry, OwnerStore } from '#libs/room';
import { eventually } from '#libs/testing';
import { epochMs } from '#libs/timer-core';
import { SchedulerWorld } from '../test/scheduler.world.js';
import { Scheduler } from './scheduler.js';

const AUDIT_EVERY_MS = 20;

/** Audits a world's rooms with a store whose schedule is seen through `lens`; gives what was audited and found. */
async function audited(world: SchedulerWorld, lens: (entries: DueEntry[]) => DueEntry[], rooms: number) {
  const found = new Set<string>();
  let looks = 0;
  const store = new Proxy<OwnerStore>(world.store, {
    get: (target, name) => {
      if (name === 'schedule') return async (shard: number) => lens(await target.schedule(shard));
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
    const found = await audited(world, (entries) => entries, rooms.length);
    busy = false;
    await extending;
    expect([...found]).toEqual([]);
  });

  it('finds a room that is due at another instant than its state says, or not at all', async () => {
    const world = new SchedulerWorld();
    const rooms = await Promise.all(Array.from({ length: 3 }, () => world.newRoom()));
    const [moved, missing] = rooms;
    const lens = (entries: DueEntry[]) =>
      entries
        .filter(({ roomId }) => roomId !== missing)
        .map((entry) => (entry.roomId === moved ? { ...entry, at: epochMs(entry.at + 5) } : entry));
    expect([...(await audited(world, lens, rooms.length))].sort()).toEqual([moved, missing].sort());
  });
});

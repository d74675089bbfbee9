import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OutcomeSink, StoreUnavailableError } from '#libs/room';
import { eventually } from '#libs/testing';
import { SchedulerLife, SchedulerWorld } from '../test/scheduler.world.js';
import { Scheduler } from './scheduler.js';

let world: SchedulerWorld;
let life: SchedulerLife;
let scheduler: Scheduler;
/** What the sink was told, and how the run was then. */
let told: string[];
let failures: number;
/** The room whose outcomes cannot be queued. */
let failing: string | undefined;

beforeEach(() => {
  world = new SchedulerWorld();
  life = new SchedulerLife(world);
  told = [];
  failures = 0;
  failing = undefined;
});
afterEach(() => scheduler.stop());

async function startWith(wantsEveryRun: boolean): Promise<void> {
  const outcomes: OutcomeSink = {
    wantsEveryRun,
    runSettling: async (roomId, runId) => {
      const isSettled = world.store.runOf(roomId, runId)?.settledAt !== undefined;
      told.push(`${roomId}/${runId} ${isSettled ? 'settled' : 'open'}`);
      if (roomId === failing || failures-- > 0) throw new StoreUnavailableError('down');
    },
  };
  scheduler = new Scheduler({ ...life.options, outcomes });
  await scheduler.start();
}

async function settled(settings: { webhook?: string } = {}): Promise<string> {
  const room = await world.service.createRoom(settings);
  if (room.kind !== 'created') throw new Error(room.message);
  const { runId } = await world.startQuestion(room.roomId);
  await eventually(() => world.store.runOf(room.roomId, runId)?.settledAt, { message: 'was not settled' });
  return `${room.roomId}/${runId}`;
}

const WEBHOOK = { webhook: 'https://example.org' };
const settles = () => life.calls.filter((name) => name === 'settle').length;

describe('settling a run', () => {
  it('is not kept from it by another one whose outcome cannot be queued', async () => {
    await startWith(false);
    const room = await world.service.createRoom(WEBHOOK);
    if (room.kind !== 'created') throw new Error(room.message);
    failing = room.roomId;
    await world.startQuestion(room.roomId);
    await settled(WEBHOOK);
    expect(told.some((text) => text.startsWith(room.roomId))).toBe(true);
  });

  it('of a room with a webhook: first its outcome is queued, then it is settled', async () => {
    await startWith(false);
    expect(told).toEqual([]);
    expect([`${await settled(WEBHOOK)} open`]).toEqual(told);
  });

  it('of a room without one costs no call more than if nobody ever had one', async () => {
    await startWith(false);
    await settled();
    expect([told, settles()]).toEqual([[], 1]);
  });

  it('where every run is wanted: the same for every room, in one call of the store', async () => {
    await startWith(true);
    expect([`${await settled()} open`]).toEqual(told);
    expect(settles()).toBe(1);
  });

  it.each([true, false])(
    'waits while its outcome cannot be queued (every run: %p)',
    async (wantsEveryRun) => {
      failures = 3;
      await startWith(wantsEveryRun);
      const name = await settled(WEBHOOK);
      expect(told).toEqual(Array.from({ length: 4 }, () => `${name} open`));
      expect(life.seen.failed).toBe(3);
    },
  );
});

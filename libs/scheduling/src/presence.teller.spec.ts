import { afterEach, describe, expect, it } from '@jest/globals';
import { StoreUnavailableError } from '#libs/room';
import { eventually } from '#libs/testing';
import { SchedulerLife, SchedulerWorld } from '../test/scheduler.world.js';
import { Scheduler } from './scheduler.js';

/** Far more than a busy machine delays a look by. */
const LOOK_EVERY_MS = 250;

const running: Scheduler[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((scheduler) => scheduler.stop()));
});

async function begin(world: SchedulerWorld): Promise<SchedulerLife> {
  const life = new SchedulerLife(world);
  const scheduler = new Scheduler({ ...life.options, presenceEveryMs: LOOK_EVERY_MS });
  running.push(scheduler);
  await scheduler.start();
  return life;
}

/** A world with so many rooms, each told once. */
async function setUp(count: number) {
  const world = new SchedulerWorld();
  const rooms = await Promise.all(Array.from({ length: count }, () => world.newRoom()));
  const life = await begin(world);
  await eventually(() => world.presence.told().length === count);
  const [first = ''] = rooms;
  return { world, life, rooms, first, presence: world.presence };
}

const looks = ({ calls }: SchedulerLife) => calls.filter((name) => name === 'takeStirred').length;

/** Waits until so many more looks have been answered. */
async function afterLooks(life: SchedulerLife, count: number): Promise<void> {
  const before = looks(life);
  // The one beyond shows that the last one is done.
  await eventually(() => looks(life) > before + count);
}

const standStill = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe('telling of members and answers', () => {
  it('tells every room once when it begins, with the run that the room has', async () => {
    const world = new SchedulerWorld();
    const [open, waiting] = [await world.newRoom(), await world.newRoom()];
    const { runId } = await world.startQuestion(open, { durationMs: 60_000 });
    const life = await begin(world);
    await eventually(() => world.presence.told().length === 2);
    expect(world.presence.told(open)).toEqual([{ roomId: open, run: { runId, questionId: 'q1' } }]);
    expect(world.presence.told(waiting)).toEqual([{ roomId: waiting, run: null }]);
    await afterLooks(life, 2);
    expect(world.presence.told()).toHaveLength(2);
  });

  it('tells a stirred room, and no other, once a look however often it is stirred', async () => {
    const { presence, first } = await setUp(3);
    presence.calls.length = 0;
    const stirring = setInterval(() => presence.stirred.add(first), 5);
    // A look whose answer stood still tells nothing.
    await eventually(() => presence.toldAt(first).length >= 3);
    clearInterval(stirring);
    const instants = presence.toldAt(first);
    expect(presence.told()).toHaveLength(instants.length);
    const gaps = instants.slice(1).map((at, i) => at - (instants[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(0.8 * LOOK_EVERY_MS);
  });

  it('tells the run of the last question, also after it closed', async () => {
    const { world, presence, first } = await setUp(1);
    const { runId } = await world.startQuestion(first);
    await eventually(() => world.of('question:closed', first).length === 1);
    presence.stirred.add(first);
    await eventually(() => presence.told(first).length === 2);
    expect(presence.told(first)[1]).toEqual({ roomId: first, run: { runId, questionId: 'q1' } });
  });

  // The plan of a frozen or slow owner is behind; nothing would have told the right count later.
  it('tells the run that the room has, though the plan has not heard of it', async () => {
    const { world, life, presence, first } = await setUp(1);
    world.tellsChanges = false;
    // Nor does it find out by itself.
    life.before.schedule = () => {
      throw new StoreUnavailableError('away');
    };
    const { runId } = await world.startQuestion(first, { durationMs: 60_000 });
    presence.stirred.add(first);
    await eventually(() => presence.told(first).length === 2);
    expect(presence.told(first)[1]).toEqual({ roomId: first, run: { runId, questionId: 'q1' } });
  });

  it('tells every room when a gateway died, and again when it came back', async () => {
    const { life, presence, rooms } = await setUp(3);
    presence.gateways = ['g2'];
    await eventually(() => presence.told().length === 2 * rooms.length);
    presence.gateways = ['g2', 'g1'];
    await eventually(() => presence.told().length === 3 * rooms.length);
    // In another order they are the same.
    presence.gateways = ['g1', 'g2'];
    await afterLooks(life, 2);
    expect(presence.told()).toHaveLength(3 * rooms.length);
  });

  it('tells many rooms in calls of at most 128, each once', async () => {
    const { presence, rooms } = await setUp(300);
    expect(presence.calls.map((call) => call.rooms.length)).toEqual([128, 128, 44]);
    expect(new Set(presence.told().map(({ roomId }) => roomId))).toEqual(new Set(rooms));
  });

  it('leaves out rooms that are gone or over', async () => {
    const { world, life, presence, rooms, first } = await setUp(2);
    await world.command(first, { type: 'room:close', actor: 'host' });
    for (const roomId of [first, '000gone', rooms[1] ?? '']) presence.stirred.add(roomId);
    await afterLooks(life, 2);
    expect(presence.told().slice(2)).toEqual([{ roomId: rooms[1], run: null }]);
  });

  // All heartbeats are old just after Redis stood still: once, every room was told that nobody was there.
  it('skips the first look after a standstill, loses nothing, and does not take gateways for dead', async () => {
    const { life, presence, rooms, first } = await setUp(2);
    await afterLooks(life, 1);
    presence.stirred.add(first);
    presence.gateways = [];
    life.after.takeStirred = () => {
      delete life.after.takeStirred;
      presence.gateways = ['g1', 'g2'];
    };
    standStill(3 * LOOK_EVERY_MS);
    await eventually(() => presence.told().length > rooms.length);
    await afterLooks(life, 1);
    expect(presence.told().slice(rooms.length)).toEqual([{ roomId: first, run: null }]);
  });

  it('tells what a failed call was to tell at the next look', async () => {
    const { life, presence, first } = await setUp(2);
    presence.stirred.add(first);
    life.before.tellStirred = () => {
      delete life.before.tellStirred;
      throw new Error('a lost call');
    };
    await eventually(() => presence.told(first).length === 2);
    expect(presence.told()).toHaveLength(3);
    expect(life.seen.failed).toBe(1);
  });

  it('tells every room when the answer that named the stirred ones was lost', async () => {
    const { life, presence, first, rooms } = await setUp(2);
    presence.stirred.add(first);
    life.after.takeStirred = () => {
      delete life.after.takeStirred;
      throw new Error('a lost answer');
    };
    await eventually(() => presence.told(first).length === 2);
    expect(presence.told()).toHaveLength(2 * rooms.length);
  });

  it.each([1, 2])(
    'does nothing under a lease that was refused (call %i of a look), until it is accepted',
    async (call) => {
      const { life, presence, first, rooms } = await setUp(2);
      if (call === 1) presence.refusals = 1;
      else
        life.after.takeStirred = () => {
          delete life.after.takeStirred;
          presence.refusals = 1;
        };
      presence.stirred.add(first);
      await eventually(() => life.seen.fenced === 1);
      expect(presence.told()).toHaveLength(rooms.length);
      await eventually(() => presence.told().length === 2 * rooms.length);
    },
  );

  it('ends with the shard', async () => {
    const { world, life, presence, first } = await setUp(1);
    await world.ownership.stop();
    presence.stirred.add(first);
    const callsAtEnd = looks(life);
    const next = await begin(world);
    await eventually(() => presence.told(first).length === 2);
    expect(looks(life)).toBe(callsAtEnd);
    expect(looks(next)).toBeGreaterThanOrEqual(1);
  });
});

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type HeardChanges, StoreUnavailableError } from '#libs/room';
import { eventually, eventuallyPasses } from '#libs/testing';
import { SchedulerLife, SchedulerWorld } from '../test/scheduler.world.js';
import { Scheduler } from './scheduler.js';

const running: Scheduler[] = [];

async function begin(world: SchedulerWorld): Promise<SchedulerLife> {
  const life = new SchedulerLife(world);
  const scheduler = new Scheduler(life.options);
  running.push(scheduler);
  await scheduler.start();
  return life;
}

async function setUp(): Promise<{ world: SchedulerWorld; life: SchedulerLife }> {
  const world = new SchedulerWorld();
  return { world, life: await begin(world) };
}

const closings = (world: SchedulerWorld, roomId: string, count = 1) =>
  eventually(() => world.of('question:closed', roomId).length >= count, { message: 'the question closes' });

/** A loop that is late by more (ns) may have missed an instant that a test is about. */
const STALL_NS = 25_000_000;

/** Plays a round again, at most four times, when it failed while the machine stood still. */
async function unlessStalled(round: () => Promise<void>): Promise<void> {
  for (let again = 4; ; again -= 1) {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    try {
      await round();
      return;
    } catch (failure) {
      // A delay is known when the loop has gone round.
      await sleep(20);
      if (again === 0 || delay.max < STALL_NS) throw failure;
    } finally {
      delay.disable();
    }
  }
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((scheduler) => scheduler.stop()));
});

describe('Scheduler, deadlines', () => {
  it('opens a question after its lead-in and closes it once, never early', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    // Long enough for a busy machine: one that stands still for longer opens and closes in one commit.
    const { opensAt, endsAt } = await world.startQuestion(roomId, { leadInMs: 500, durationMs: 1_500 });
    await closings(world, roomId);
    await eventually(() => life.seen.fired.length === 2);
    expect(world.heard.map(({ event }) => event)).toEqual([
      'question:started',
      'question:opened',
      'question:closed',
    ]);
    expect(world.of('question:opened')[0]?.at).toBeGreaterThanOrEqual(opensAt);
    expect(world.of('question:closed')[0]?.at).toBeGreaterThanOrEqual(endsAt);
    expect(life.seen.fired.map(({ kind }) => kind)).toEqual(['opened', 'closed']);
    expect(Math.min(...life.seen.fired.map(({ latenessMs }) => latenessMs))).toBeGreaterThanOrEqual(0);
  });

  it('waits for the store when its own clock runs ahead', async () => {
    const { world, life } = await setUp();
    life.aheadMs = 300;
    const roomId = await world.newRoom();
    let endsAt = 0;
    life.before.commitMany = () => {
      delete life.before.commitMany;
      // However late it comes, it is early by the store's clock.
      world.jump(endsAt - 200 - world.now());
    };
    ({ endsAt } = await world.startQuestion(roomId));
    await closings(world, roomId);
    expect(world.of('question:closed')[0]?.at).toBeGreaterThanOrEqual(endsAt);
    expect(life.seen.early).toBeGreaterThanOrEqual(1);
    // The difference is waited for, not spun through.
    expect(life.seen.early).toBeLessThan(10);
  });

  it('tries again without bound, but not hotly, when its clock lags so far that every commit is too late', async () => {
    const { world, life } = await setUp();
    life.aheadMs = -3_000;
    const roomId = await world.newRoom();
    await world.startQuestion(roomId);
    world.jump(3_000);
    await eventually(() => life.seen.late >= 4);
    expect(life.calls.filter((name) => name === 'commitMany').length).toBeLessThan(10);
    expect(world.of('question:closed')).toEqual([]);
    life.aheadMs = 0;
    await closings(world, roomId);
  });

  it('closes a thousand rooms that are due at one instant in a few calls, each once', async () => {
    const { world, life } = await setUp();
    const rooms = await Promise.all(Array.from({ length: 1_000 }, () => world.newRoom()));
    await Promise.all(rooms.map((roomId) => world.startQuestion(roomId, { durationMs: 60_000 })));
    await eventually(() => !life.calls.slice(-1).includes('loadMany'));
    life.calls.length = 0;
    world.jump(61_000);
    await eventually(() => world.of('question:closed').length >= 1_000);
    expect(new Set(world.of('question:closed').map(({ roomId }) => roomId)).size).toBe(1_000);
    expect(world.of('question:closed')).toHaveLength(1_000);
    expect(life.calls.filter((name) => name === 'commitMany').length).toBeLessThanOrEqual(16);
  });

  it('plans again when somebody else changed the room first', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    let endsAt: number | null = 0;
    life.before.commitMany = async () => {
      delete life.before.commitMany;
      world.tellsChanges = false;
      // Back to before the deadline by the store's clock: the host is still in time.
      world.jump((endsAt ?? 0) - 200 - world.now());
      endsAt = (await world.extend(roomId, 100)).endsAt;
    };
    ({ endsAt } = await world.startQuestion(roomId, { durationMs: 300 }));
    await closings(world, roomId);
    expect(life.seen.stalePlans).toBe(1);
    expect(world.of('question:closed')).toHaveLength(1);
    expect(world.of('question:closed')[0]?.at).toBeGreaterThanOrEqual(endsAt ?? Number.NaN);
  });
});

describe('Scheduler, what is made ready before its instant', () => {
  const prepared = ({ calls }: SchedulerLife) => calls.filter((name) => name === 'prepare').length;
  const commits = ({ calls }: SchedulerLife) => calls.filter((name) => name === 'commitMany').length;

  it('is committed at the instant, as one that was decided then', () =>
    unlessStalled(async () => {
      const { world, life } = await setUp();
      const roomId = await world.newRoom();
      const { opensAt, endsAt } = await world.startQuestion(roomId, {
        leadInMs: 600,
        durationMs: 600,
        tickMs: 200,
      });
      await closings(world, roomId);
      expect([prepared(life), commits(life)]).toEqual([2, 2]);
      expect(world.of('question:opened')[0]?.payload).toMatchObject({ version: opensAt });
      expect(world.of('question:closed')[0]?.payload).toMatchObject({ version: endsAt, closedAt: endsAt });
    }));

  it('is nothing that lies further ahead', async () => {
    const { world, life } = await setUp();
    await world.startQuestion(await world.newRoom(), { durationMs: 60_000, tickMs: 100 });
    await eventually(() => world.of('question:tick').length >= 2);
    expect(prepared(life)).toBe(0);
  });

  /** A question that was made ready, not closed yet: unless the machine stood still it has most of its time left. */
  async function preparedQuestion(world: SchedulerWorld, life: SchedulerLife): Promise<string> {
    const roomId = await world.newRoom();
    await world.startQuestion(roomId, { durationMs: 450 });
    await eventually(() => prepared(life) === 1 || world.of('question:closed').length > 0);
    return roomId;
  }

  it('is forgotten when the room changes', () =>
    unlessStalled(async () => {
      const { world, life } = await setUp();
      const roomId = await preparedQuestion(world, life);
      const { endsAt } = await world.extend(roomId, 250);
      await closings(world, roomId);
      expect([prepared(life), commits(life), life.seen.stalePlans]).toEqual([2, 1, 0]);
      expect(world.of('question:closed')).toMatchObject([{ payload: { endsAt, closedAt: endsAt } }]);
    }));

  it('closes nothing when the room has changed without the owner knowing', () =>
    unlessStalled(async () => {
      const { world, life } = await setUp();
      // It could be found by asking, too.
      life.before.due = () => {
        throw new StoreUnavailableError('down');
      };
      const roomId = await preparedQuestion(world, life);
      world.tellsChanges = false;
      const { endsAt } = await world.extend(roomId, 250);
      await closings(world, roomId);
      expect([prepared(life), commits(life), life.seen.stalePlans]).toEqual([2, 2, 1]);
      expect(world.of('question:closed')).toMatchObject([{ payload: { endsAt, closedAt: endsAt } }]);
      expect(world.of('question:closed')[0]?.at).toBeGreaterThanOrEqual(endsAt ?? Number.NaN);
    }));

  it('is decided anew when it comes too late', () =>
    unlessStalled(async () => {
      const { world, life } = await setUp();
      const roomId = await world.newRoom();
      life.before.commitMany = () => {
        delete life.before.commitMany;
        world.jump(1_500);
      };
      const { endsAt } = await world.startQuestion(roomId, { durationMs: 450 });
      await closings(world, roomId);
      expect([prepared(life), commits(life), life.seen.late]).toEqual([1, 2, 1]);
      expect(world.of('question:closed')).toMatchObject([{ payload: { closedAt: endsAt } }]);
    }));
});

describe('Scheduler, trouble', () => {
  it('finds what it was never told of by asking what is due', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    world.tellsChanges = false;
    const { endsAt } = await world.startQuestion(roomId);
    await closings(world, roomId);
    expect(life.seen.healed).toBeGreaterThanOrEqual(1);
    expect((world.of('question:closed')[0]?.at ?? 0) - endsAt).toBeLessThan(5_000);
  });

  it('reads the whole schedule when a change was lost, and not with each look', async () => {
    const { world, life } = await setUp();
    const calls = (name: string) => life.calls.filter((called) => called === name).length;
    const roomId = await world.newRoom();
    await world.startQuestion(roomId, { durationMs: 60_000 });
    const before = calls('schedule');
    const looks = calls('due');
    await eventually(() => calls('due') >= looks + 3);
    expect(calls('schedule')).toBe(before);
    world.tellsChanges = false;
    await world.extend(roomId, 1_000);
    await eventually(() => calls('schedule') > before);
  });

  it('follows what it is told while it reads the schedule, where a paused room does not stand', async () => {
    const world = new SchedulerWorld();
    const life = new SchedulerLife(world);
    const roomId = await world.newRoom();
    await world.startQuestion(roomId, { durationMs: 60_000, tickMs: 100 });
    await world.command(roomId, { type: 'question:pause', actor: 'host' });
    life.after.schedule = async () => {
      delete life.after.schedule;
      await world.command(roomId, { type: 'question:resume', actor: 'host' });
    };
    const scheduler = new Scheduler(life.options);
    running.push(scheduler);
    await scheduler.start();
    await eventually(() => world.of('question:tick', roomId).length > 0, { message: 'no tick' });
  });

  it('reads the schedule again when it could not be read after a loss', async () => {
    const { world, life } = await setUp();
    const reads = () => life.calls.filter((name) => name === 'schedule').length;
    await eventually(() => life.calls.includes('due'));
    const before = reads();
    life.before.schedule = () => {
      delete life.before.schedule;
      throw new StoreUnavailableError('too slow');
    };
    // Noticed once; from then on it is counted anew.
    const noticed: HeardChanges[] = ['not-all'];
    world.ownership.heard = () => noticed.shift() ?? 'all';
    await eventually(() => reads() === before + 2);
  });

  it('settles when no closing is under way', () =>
    unlessStalled(async () => {
      const { world, life } = await setUp();
      const [closing, other] = [await world.newRoom(), await world.newRoom()];
      const { runId } = await world.startQuestion(other, { durationMs: 100 });
      const { settlesAt } = await eventually(() => {
        const record = world.store.runOf(other, runId)?.record;
        return record?.settlesAt == null ? undefined : { settlesAt: record.settlesAt };
      });
      let heldFrom: number | undefined;
      let waitedMs = Number.POSITIVE_INFINITY;
      life.after.commitMany = async () => {
        delete life.after.commitMany;
        heldFrom = performance.now();
        await eventually(() => world.memory.now() > settlesAt + 50);
        heldFrom = undefined;
      };
      life.before.settle = () => {
        if (heldFrom !== undefined) waitedMs = Math.min(waitedMs, performance.now() - heldFrom);
      };
      await world.startQuestion(closing, { durationMs: settlesAt - 50 - world.memory.now() });
      await eventually(() => world.store.runOf(other, runId)?.settledAt, { message: 'was not settled' });
      // On a machine that stood still meanwhile it may have waited for as long as it waits at most: a quarter of a second.
      expect(waitedMs).toBeGreaterThan(200);
    }));

  it('settles although the answer to a closing does not come', () =>
    unlessStalled(async () => {
      const { world, life } = await setUp();
      const [stuck, other] = [await world.newRoom(), await world.newRoom()];
      // The first closing is that of the other one.
      life.before.commitMany = () => {
        life.before.commitMany = () => new Promise(() => {});
      };
      await world.startQuestion(stuck, { durationMs: 900 });
      const { runId } = await world.startQuestion(other, { durationMs: 100 });
      await eventually(() => world.store.runOf(other, runId)?.settledAt, { message: 'was not settled' });
      expect(world.of('question:closed')).toMatchObject([{ roomId: other }]);
      expect(life.calls.filter((name) => name === 'commitMany')).toHaveLength(2);
    }));

  it('finds a deadline that was moved forward without its knowledge', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    await world.startQuestion(roomId, { durationMs: 60_000 });
    await eventually(() => life.calls.includes('loadMany'));
    world.tellsChanges = false;
    await world.extend(roomId, -59_900);
    await closings(world, roomId);
    expect(life.seen.fired).toHaveLength(1);
  });

  it('loses nothing while the store cannot be reached, and fires once on its return', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    life.after.loadMany = () => {
      delete life.after.loadMany;
      life.isDown = true;
    };
    await world.startQuestion(roomId);
    await eventually(() => life.seen.failed >= 4);
    expect(world.of('question:closed')).toEqual([]);
    life.isDown = false;
    await closings(world, roomId);
    await eventually(() => life.seen.fired.length === 1);
    expect(world.of('question:closed')).toHaveLength(1);
  });

  it('closes once when the answer to its commit is lost', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    life.after.commitMany = () => {
      delete life.after.commitMany;
      throw new Error('a bug, or a lost answer');
    };
    const { runId } = await world.startQuestion(roomId);
    await eventually(() => world.store.runOf(roomId, runId)?.record.closedAt);
    // Settled a second later: by then a second closing would have been tried.
    await eventually(() => life.seen.settled === 1);
    expect(world.of('question:closed')).toHaveLength(1);
  });

  it('asks what is due when the process stood still', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    await world.startQuestion(roomId, { durationMs: 200 });
    await eventually(() => life.calls.includes('loadMany'));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_300);
    await eventually(() => life.seen.stalled >= 1);
    await closings(world, roomId);
  });

  it('goes on when a refused lease is accepted again under the same epoch', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    await world.startQuestion(roomId);
    const { fence } = world;
    world.fence = { ...fence, ownerId: 'somebody else' };
    await eventually(() => life.seen.fenced === 1);
    expect(world.of('question:closed')).toEqual([]);
    world.fence = fence;
    await closings(world, roomId);
    expect(world.of('question:closed')).toHaveLength(1);
  });
});

describe('Scheduler, shards that come and go', () => {
  it('does nothing more for a revoked shard, and ignores the answers to its calls', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    let release = () => {};
    life.before.tickMany = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    await world.startQuestion(roomId, { durationMs: 10_150, tickMs: 10_000 });
    await eventually(() => life.calls.includes('tickMany'));
    await world.ownership.stop();
    const callsAtEnd = life.calls.length;
    release();
    world.jump(10_150);
    const next = await begin(world);
    await closings(world, roomId);
    expect(next.seen.fired).toHaveLength(1);
    expect(life.calls).toHaveLength(callsAtEnd);
    expect(life.seen.fired).toEqual([]);
  });

  it('fires what passed while nobody owned the shard, once', async () => {
    const world = new SchedulerWorld();
    const roomId = await world.newRoom();
    const { endsAt } = await world.startQuestion(roomId, { leadInMs: 1_000, durationMs: 5_000 });
    world.jump(20_000);
    const life = await begin(world);
    await closings(world, roomId);
    await eventually(() => life.seen.fired.length === 1);
    expect(world.heard.map(({ event }) => event)).toEqual([
      'question:started',
      'question:opened',
      'question:closed',
    ]);
    expect(world.of('question:closed')[0]?.payload).toMatchObject({ reason: 'expired', closedAt: endsAt });
  });

  it('lets a call under way end before it gives its shards back', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    let release = () => {};
    life.before.commitMany = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    await world.startQuestion(roomId);
    await eventually(() => life.calls.includes('commitMany'));
    const stopped = running[0]?.stop();
    release();
    await stopped;
    expect(world.of('question:closed')).toHaveLength(1);
    expect(life.seen.fired).toHaveLength(1);
  });
});

describe('Scheduler, ticks', () => {
  it('sends ticks at their planned instants with the version that they were planned on', () =>
    unlessStalled(async () => {
      const { world, life } = await setUp();
      const roomId = await world.newRoom();
      const { endsAt, version } = await world.startQuestion(roomId, { durationMs: 550, tickMs: 100 });
      await closings(world, roomId);
      const ticks = world.of('question:tick');
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length + life.seen.skipped).toBe(5);
      const planned = ticks.map(({ at }) => Math.ceil((endsAt - at) / 100));
      expect(planned).toEqual([...new Set(planned)].sort((a, b) => b - a));
      for (const [i, tick] of ticks.entries()) {
        expect(tick.at - (endsAt - (planned[i] ?? 0) * 100)).toBeLessThanOrEqual(50);
        expect(tick.payload).toMatchObject({ version, phase: 'open', endsAt });
      }
    }));

  it('skips and counts a tick that is late by more than half an interval, and stays on the plan', () =>
    unlessStalled(async () => {
      const { world, life } = await setUp();
      const roomId = await world.newRoom();
      life.after.tickMany = () => {
        delete life.after.tickMany;
        // One second for the next tick to be due, and more than half an interval on top.
        world.jump(1_600);
      };
      const { endsAt } = await world.startQuestion(roomId, { durationMs: 60_000, tickMs: 1_000 });
      await eventually(() => world.of('question:tick').length >= 2);
      const [first = 0, second = 0] = world.of('question:tick').map(({ at }) => (endsAt - at) / 1_000);
      for (const left of [first, second]) expect(Math.ceil(left) - left).toBeLessThanOrEqual(0.5);
      expect(Math.ceil(first) - Math.ceil(second)).toBeGreaterThan(1);
      // Of those from the 59th on, all but the two.
      expect(life.seen.skipped).toBe(60 - Math.ceil(second) - 2);
    }));

  it('closes in time although the last tick was still under way then, without asking what is due', () =>
    unlessStalled(async () => {
      const { world, life } = await setUp();
      const roomId = await world.newRoom();
      life.before.due = () => {
        throw new StoreUnavailableError('down');
      };
      let endsAt = Number.POSITIVE_INFINITY;
      life.after.tickMany = async () => {
        await eventually(() => world.memory.now() > endsAt + 20);
      };
      ({ endsAt } = await world.startQuestion(roomId, { durationMs: 900, tickMs: 600 }));
      await closings(world, roomId);
      expect(world.of('question:tick')).toHaveLength(1);
    }));

  it('never sends a tick twice when the answer to it is lost', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    life.after.tickMany = () => {
      delete life.after.tickMany;
      throw new Error('a lost answer');
    };
    await world.startQuestion(roomId, { durationMs: 450, tickMs: 100 });
    await closings(world, roomId);
    const instants = world
      .of('question:tick')
      .map(({ payload }) => Math.ceil(Number(payload.remainingMs) / 100));
    expect(new Set(instants).size).toBe(instants.length);
    expect(life.seen.skipped).toBeGreaterThanOrEqual(1);
  });

  it('plans a refused tick again on the version that the store has', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    // The change could be found by asking, too.
    life.before.due = () => {
      throw new StoreUnavailableError('down');
    };
    let version = 0;
    life.after.loadMany = async () => {
      delete life.after.loadMany;
      world.tellsChanges = false;
      ({ version } = await world.extend(roomId, 1));
    };
    await world.startQuestion(roomId, { durationMs: 850, tickMs: 100 });
    await closings(world, roomId);
    expect(life.seen.stalePlans).toBe(1);
    expect(world.of('question:tick').every(({ payload }) => payload.version === version)).toBe(true);
  });
});

describe('Scheduler, runs and idle rooms', () => {
  it('settles a run once, not before its instant', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom();
    const { runId, endsAt } = await world.startQuestion(roomId);
    life.aheadMs = 15;
    const settledAt = await eventually(() => world.store.runOf(roomId, runId)?.settledAt);
    expect(settledAt).toBeGreaterThanOrEqual(endsAt + 1_000);
    await eventually(() => life.seen.settled === 1);
    // Commands on the room later do not settle it again.
    const next = await world.startQuestion(roomId);
    await closings(world, roomId, 2);
    await eventually(() => world.store.runOf(roomId, next.runId)?.settledAt);
    await eventually(() => life.seen.settled === 2);
    expect(world.store.runOf(roomId, runId)?.settledAt).toBe(settledAt);
  });

  it('ends an idle room only when nobody is connected', async () => {
    const { world, life } = await setUp();
    const roomId = await world.newRoom(10_000);
    await world.enter(roomId);
    world.jump(11_000);
    await eventually(
      async () => ((await world.store.load(roomId))?.state.idleSinceAt ?? 0) > world.now() - 5_000,
    );
    expect(world.of('room:closed')).toEqual([]);
    await world.leave(roomId);
    world.jump(11_000);
    await eventually(() => world.of('room:closed').length === 1);
    expect(world.of('room:closed')[0]?.payload).toMatchObject({ reason: 'idle' });
    await eventuallyPasses(() => expect(life.seen.fired.map(({ kind }) => kind)).toEqual(['ended']));
  });

  it('settles the last run before it ends the room, also when everything passed long ago', async () => {
    const world = new SchedulerWorld();
    const roomId = await world.newRoom(10_000);
    const { runId } = await world.startQuestion(roomId);
    world.jump(86_400_000);
    const life = await begin(world);
    await eventually(() => world.of('room:closed').length === 1);
    expect(world.store.runOf(roomId, runId)?.settledAt).toBeDefined();
    await eventually(() => life.seen.fired.length === 2);
    const acts = life.calls.filter((name) => ['commitMany', 'settle', 'occupiedAt'].includes(name));
    expect(acts).toEqual(['commitMany', 'settle', 'occupiedAt', 'commitMany']);
  });
});

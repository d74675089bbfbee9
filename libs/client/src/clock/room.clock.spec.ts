import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FakeEnvironment, FakeTimeServer } from '../testing/fake.environment.spec-helper.js';
import type { RoomClock } from './clock.types.js';
import { makeRoomClock } from './room.clock.js';

const MINUTE_MS = 60_000;

interface Scene {
  readonly environment: FakeEnvironment;
  readonly server: FakeTimeServer;
  readonly clock: RoomClock;
  /** How often it was told that the readings changed, and that the estimate moved. */
  readonly told: { changes: number; moves: number };
  /** How far the clock is from the truth, milliseconds; positive when it is ahead. */
  errorMs(): number;
}

function scene(): Scene {
  const environment = new FakeEnvironment();
  const server = new FakeTimeServer(environment);
  const told = { changes: 0, moves: 0 };
  const clock = makeRoomClock(environment, {
    measure: server.measure,
    onChange: () => void told.changes++,
    onMove: () => void told.moves++,
  });
  return {
    environment,
    server,
    clock,
    told,
    errorMs: () => (clock.serverNow() ?? Number.NaN) - server.now,
  };
}

/** The device slept or not, and the clock was measured well. */
async function settledScene(): Promise<Scene> {
  const made = scene();
  made.clock.start();
  await made.environment.pass(2_000);
  return made;
}

const random = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** A connection that holds frames 100 +- 80 ms each way, and 1 % of them 300 ms more. */
function makeBad(server: FakeTimeServer, seed: number): void {
  const next = random(seed);
  const delayMs = () => 20 + 160 * next() + (next() < 0.01 ? 300 : 0);
  server.thereMs = delayMs;
  server.backMs = delayMs;
}

describe('the clock of a room', () => {
  it('knows nothing before it was started', () => {
    const { clock } = scene();
    expect(clock.serverNow()).toBeNull();
    expect(clock).toMatchObject({
      isSynchronised: false,
      needsTicks: false,
      isSyncing: false,
      errorMs: null,
      samples: 0,
    });
  });

  it('asks a quick server a handful of times, and then every five minutes', async () => {
    const { environment, server, clock, errorMs } = scene();
    clock.start();
    await environment.pass(5);
    expect(clock.isSynchronised).toBe(true);
    await environment.pass(2_000);
    expect(server.asked).toBeLessThanOrEqual(6);
    expect(Math.abs(errorMs())).toBeLessThan(2);
    const asked = server.asked;
    await environment.pass(50 * MINUTE_MS);
    expect(server.asked - asked).toBe(10);
  });

  it('asks a slow server once a minute: one sample alone would not make up for the drift', async () => {
    const { environment, server, clock } = scene();
    server.thereMs = () => 40;
    server.backMs = () => 40;
    clock.start();
    await environment.pass(MINUTE_MS);
    const asked = server.asked;
    await environment.pass(10 * MINUTE_MS);
    expect(server.asked - asked).toBe(10);
  });

  it('takes the sample of a join for one of its own', async () => {
    const { environment, server, clock } = scene();
    const sentAt = environment.nowMs();
    await environment.pass(3);
    clock.add({ sentAt, serverNow: Math.floor(server.now), receivedAt: environment.nowMs() });
    expect(clock.isSynchronised).toBe(true);
    clock.start();
    await environment.pass(2_000);
    expect(server.asked).toBe(3);
  });

  it('does not wait for an answer before it asks again', async () => {
    const { environment, server, clock } = scene();
    server.thereMs = () => 400;
    clock.start();
    await environment.pass(390);
    expect(clock.samples).toBe(0);
    expect(server.asked).toBeGreaterThanOrEqual(4);
  });

  it('measures over a connection on which an answer takes seconds, with few questions on their way', async () => {
    const { environment, server, clock } = scene();
    server.thereMs = () => 1_500;
    server.backMs = () => 1_500;
    clock.start();
    await environment.pass(2_900);
    expect(server.asked).toBe(8);
    await environment.pass(1_000);
    expect(server.asked).toBeGreaterThan(8);
    expect(clock.isSynchronised).toBe(true);
  });

  it('uses 32 samples on a bad connection within 8 s and is then right to 15 ms', async () => {
    const errors: number[] = [];
    for (let seed = 1; seed <= 100; seed++) {
      const { environment, server, clock, errorMs } = scene();
      makeBad(server, seed);
      clock.start();
      await environment.pass(8_000);
      expect(server.asked).toBeGreaterThanOrEqual(32);
      expect(clock.samples).toBeGreaterThanOrEqual(32);
      expect(Math.abs(errorMs())).toBeLessThanOrEqual(clock.errorMs ?? 0);
      errors.push(Math.abs(errorMs()));
    }
    const sorted = errors.toSorted((a, b) => a - b);
    expect(sorted[Math.floor(0.95 * sorted.length)]).toBeLessThan(15);
  });

  it('asks less and less often on a connection that stays bad, and at most once a minute in the end', async () => {
    const { environment, server, clock } = scene();
    makeBad(server, 7);
    clock.start();
    await environment.pass(5 * MINUTE_MS);
    expect(server.asked).toBeGreaterThan(32 + 5);
    expect(server.asked).toBeLessThanOrEqual(32 + 12);
    const asked = server.asked;
    await environment.pass(10 * MINUTE_MS);
    expect(server.asked - asked).toBeLessThanOrEqual(10);
  });

  it('always says truly how far it may be off, whatever the connection is like', async () => {
    const waits = fc.array(fc.double({ min: 0, max: 800, noNaN: true }), { minLength: 4, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(waits, waits, async (there, back) => {
        const { environment, server, clock, errorMs } = scene();
        let [i, j] = [0, 0];
        server.thereMs = () => there[i++ % there.length] ?? 0;
        server.backMs = () => back[j++ % back.length] ?? 0;
        clock.start();
        for (let step = 0; step < 12; step++) {
          await environment.pass(700);
          if (clock.errorMs === null) continue;
          expect(Math.abs(errorMs())).toBeLessThanOrEqual(clock.errorMs + 0.01);
        }
        expect(clock.samples).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    );
  });

  it('measures nothing after it was stopped, and keeps what it knows', async () => {
    const { environment, server, clock, errorMs } = await settledScene();
    clock.stop();
    const asked = server.asked;
    await environment.pass(10 * MINUTE_MS);
    expect(server.asked).toBe(asked);
    expect(environment.armed).toEqual({ timers: 0, frames: 0, wakes: 0 });
    expect(Math.abs(errorMs())).toBeLessThan(2);
    expect(clock.isSynchronised).toBe(true);
  });

  it('takes only a short look after a reconnection, and measures wholly if another gateway tells another time', async () => {
    const { environment, server, clock, errorMs } = await settledScene();
    clock.stop();
    clock.start();
    let asked = server.asked - 1;
    await environment.pass(2_000);
    expect(server.asked - asked).toBe(3);
    clock.stop();
    server.offset += 40;
    clock.start();
    asked = server.asked - 1;
    await environment.pass(2_000);
    expect(server.asked - asked).toBeGreaterThanOrEqual(4);
    expect(Math.abs(errorMs())).toBeLessThan(2);
    expect(clock.isSynchronised).toBe(true);
  });

  it('is moved neither at once nor later by a device clock that is set, on a bad connection either', async () => {
    const { environment, server, clock } = scene();
    makeBad(server, 11);
    clock.start();
    await environment.pass(20_000);
    const offset = () => (clock.serverNow() ?? Number.NaN) - environment.nowMs();
    const [before, asked, knownMs] = [offset(), server.asked, clock.errorMs ?? Number.NaN];
    environment.setWall(environment.wallMs() - 3 * 86_400_000);
    let seenSyncing = false;
    for (let i = 0; i < 100; i++) {
      await environment.pass(100);
      seenSyncing ||= clock.isSyncing;
      // It is known as well as before, so more samples move it a little at most.
      expect(Math.abs(offset() - before)).toBeLessThan(clock.isSyncing ? 0.01 : 12);
      if (!clock.isSyncing) expect(clock.errorMs).toBeLessThan(knownMs + 1);
    }
    expect(seenSyncing).toBe(true);
    expect(clock.isSyncing).toBe(false);
    expect(server.asked).toBeGreaterThan(asked);
  });

  it('does not trust what it measured before a sleep in which the monotonic clock stood still, and blanks nothing', async () => {
    const { environment, server, clock, told, errorMs } = await settledScene();
    environment.sleep(30_000, 'stands still');
    server.offset += 30_000;
    const { changes } = told;
    environment.wake();
    expect(clock.isSyncing).toBe(true);
    expect(clock.isSynchronised).toBe(true);
    expect(clock.serverNow()).not.toBeNull();
    expect(clock.errorMs).toBeNull();
    expect(told.changes).toBeGreaterThan(changes);
    await environment.pass(3);
    expect(clock.isSyncing).toBe(false);
    expect(Math.abs(errorMs())).toBeLessThan(2);
  });

  it('notices such a sleep without being told of a wake-up', async () => {
    const { environment, server, errorMs } = await settledScene();
    environment.sleep(30_000, 'stands still');
    server.offset += 30_000;
    await environment.pass(2_100);
    expect(Math.abs(errorMs())).toBeLessThan(2);
  });

  it('throws away a sample that was on its way in a sleep', async () => {
    const { environment, server, clock, errorMs } = scene();
    server.backMs = () => 50;
    clock.start();
    await environment.pass(20);
    environment.sleep(30_000, 'stands still');
    server.offset += 30_000;
    await environment.pass(500);
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(clock.errorMs ?? 0);
  });

  it('looks after a timer that came late, and after a wake-up, without losing trust', async () => {
    const { environment, server, clock } = await settledScene();
    await environment.pass(10_000);
    let asked = server.asked;
    environment.sleep(20_000, 'runs');
    await environment.pass(300);
    expect(server.asked).toBeGreaterThan(asked);
    expect(clock.isSyncing).toBe(false);
    await environment.pass(10_000);
    asked = server.asked;
    environment.wake();
    environment.wake();
    await environment.pass(1_000);
    environment.wake();
    await environment.pass(1_000);
    expect(server.asked - asked).toBe(3);
  });

  it('asks for ticks when nothing is answered, and no longer once something is', async () => {
    const { environment, server, clock, told } = scene();
    server.isSilent = true;
    clock.start();
    await environment.pass(4_900);
    expect(clock.needsTicks).toBe(false);
    expect(server.asked).toBeLessThanOrEqual(8);
    await environment.pass(300);
    expect(clock).toMatchObject({ needsTicks: true, isSynchronised: false });
    expect(told.changes).toBe(1);
    await environment.pass(10 * MINUTE_MS);
    expect(server.asked).toBeLessThan(150);
    server.isSilent = false;
    await environment.pass(MINUTE_MS + 5_000);
    expect(clock).toMatchObject({ needsTicks: false, isSynchronised: true });
  });

  it('does not give up for one answer that was lost', async () => {
    const { environment, server, clock } = await settledScene();
    server.isSilent = true;
    await environment.pass(MINUTE_MS + 6_000);
    expect(clock.needsTicks).toBe(false);
    server.isSilent = false;
    await environment.pass(MINUTE_MS);
    expect(clock.needsTicks).toBe(false);
    expect(clock.isSynchronised).toBe(true);
  });

  it('counts from the last message where nothing can be measured after a sleep', async () => {
    const { environment, server, clock, errorMs } = await settledScene();
    server.isSilent = true;
    environment.sleep(30_000, 'stands still');
    server.offset += 30_000;
    await environment.pass(20_000);
    expect(clock).toMatchObject({ needsTicks: true, isSynchronised: false, isSyncing: false });
    clock.hear(Math.floor(server.now - 80));
    expect(errorMs()).toBeGreaterThan(-82);
    expect(errorMs()).toBeLessThan(-79);
  });

  it('is not measured on end where messages contradict what the gateway answers, and stays with the answers', async () => {
    const { environment, server, clock, errorMs } = await settledScene();
    const asked = server.asked;
    let syncing = 0;
    for (let i = 0; i < 300; i++) {
      await environment.pass(100);
      clock.hear(Math.floor(server.now + 40));
      if (clock.isSyncing) syncing++;
    }
    expect(server.asked - asked).toBeLessThanOrEqual(32);
    expect(syncing).toBeLessThanOrEqual(1);
    expect(Math.abs(errorMs())).toBeLessThan(2);
  });

  it('says that the estimate moved whenever it did, and that readings changed only when they mean something else', async () => {
    const { environment, server, clock, told } = scene();
    makeBad(server, 3);
    clock.start();
    let heard: number | null = null;
    let unheardMs = 0;
    for (let i = 0; i < 800; i++) {
      const { moves } = told;
      await environment.pass(10);
      const serverNow = clock.serverNow();
      if (serverNow === null) continue;
      const offset = serverNow - environment.nowMs();
      if (told.moves > moves || heard === null) heard = offset;
      else unheardMs = Math.max(unheardMs, Math.abs(offset - heard));
    }
    expect(told.moves).toBeGreaterThan(1);
    expect(unheardMs).toBeLessThan(1);
    expect(told.changes).toBeLessThanOrEqual(4);
  });
});

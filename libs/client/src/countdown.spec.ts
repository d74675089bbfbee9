import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Countdown } from './client.types.js';
import { countdownAt, makeRoomCountdown, type RoomCountdown } from './countdown.js';
import { FakeEnvironment } from './testing/fake.environment.spec-helper.js';
import type { Snapshot } from './wire.types.js';

/** A snapshot as the server makes it; numbers of the wire are branded, these are just numbers. */
function snapshotOf(fields: { [Field in keyof Snapshot]?: unknown }): Snapshot {
  const idle = {
    roomId: 'room',
    questionId: null,
    runId: null,
    version: 1,
    phase: 'idle',
    opensAt: null,
    endsAt: null,
    remainingMs: null,
    durationMs: null,
    graceMs: null,
    tickMs: null,
    serverNow: 0,
  };
  return { ...idle, ...fields } as Snapshot;
}

const T = 1_700_000_000_000;
const question = { questionId: 'q', runId: 7, durationMs: 20_000, graceMs: 0, tickMs: 1_000 };
const openAt = (serverNow: number, endsAt = T + 20_000): Snapshot =>
  snapshotOf({
    ...question,
    phase: 'open',
    opensAt: T,
    endsAt,
    serverNow,
    remainingMs: Math.max(0, endsAt - serverNow),
  });
const leadIn = snapshotOf({
  ...question,
  phase: 'lead-in',
  opensAt: T + 3_000,
  endsAt: T + 23_000,
  serverNow: T,
  remainingMs: 20_000,
});
const pausedWith = (remainingMs: number): Snapshot =>
  snapshotOf({ ...question, phase: 'paused', opensAt: T, serverNow: T + 20_000 - remainingMs, remainingMs });

describe('what a countdown shows at an instant', () => {
  it.each<[string, Snapshot | null, number | null, Countdown]>([
    [
      'nothing before the first join',
      null,
      T,
      { phase: 'idle', remainingMs: null, seconds: null, durationMs: null, opensInMs: null },
    ],
    [
      'nothing while idle',
      snapshotOf({}),
      T,
      { phase: 'idle', remainingMs: null, seconds: null, durationMs: null, opensInMs: null },
    ],
    [
      'all of it in the lead-in',
      leadIn,
      T + 500,
      { phase: 'lead-in', remainingMs: 20_000, seconds: 20, durationMs: 20_000, opensInMs: 2_500 },
    ],
    [
      'an open question at the instant at which it opens, without being told',
      leadIn,
      T + 3_000,
      { phase: 'open', remainingMs: 20_000, seconds: 20, durationMs: 20_000, opensInMs: null },
    ],
    [
      'what is left',
      openAt(T),
      T + 0.5,
      { phase: 'open', remainingMs: 19_999.5, seconds: 20, durationMs: 20_000, opensInMs: null },
    ],
    [
      'the whole second as long as it is not over',
      openAt(T),
      T + 19_000,
      { phase: 'open', remainingMs: 1_000, seconds: 1, durationMs: 20_000, opensInMs: null },
    ],
    [
      '0 after the deadline, and that it is closed only when the server said so',
      openAt(T),
      T + 25_000,
      { phase: 'open', remainingMs: 0, seconds: 0, durationMs: 20_000, opensInMs: null },
    ],
    [
      'never more than the server said was left, if the clock lags behind',
      openAt(T + 5_000),
      T + 4_990,
      { phase: 'open', remainingMs: 15_000, seconds: 15, durationMs: 20_000, opensInMs: null },
    ],
    [
      'what was left when it was paused, however long ago',
      pausedWith(7_250),
      T + 60_000,
      { phase: 'paused', remainingMs: 7_250, seconds: 8, durationMs: 20_000, opensInMs: null },
    ],
    [
      'what was left when it was stopped',
      snapshotOf({
        ...question,
        phase: 'closed',
        opensAt: T,
        endsAt: T + 20_000,
        remainingMs: 4_000,
        serverNow: T + 16_000,
      }),
      T + 60_000,
      { phase: 'closed', remainingMs: 4_000, seconds: 4, durationMs: 20_000, opensInMs: null },
    ],
    [
      'what the server said, as long as its clock is not known',
      openAt(T + 5_000),
      null,
      { phase: 'open', remainingMs: 15_000, seconds: 15, durationMs: 20_000, opensInMs: null },
    ],
  ])('shows %s', (_, snapshot, serverNow, expected) => {
    expect(countdownAt(snapshot, serverNow)).toEqual(expected);
  });
});

interface Scene {
  readonly environment: FakeEnvironment;
  readonly countdown: RoomCountdown;
  /** What the clock says too much, milliseconds; null for a clock that knows nothing. */
  offMs: number | null;
  snapshot: Snapshot | null;
  /** The server's instant. */
  now(): number;
  set(change: { readonly snapshot?: Snapshot; readonly offMs?: number }): void;
}

function scene(snapshot: Snapshot | null): Scene {
  const environment = new FakeEnvironment();
  const startMs = environment.nowMs();
  const now = () => T + environment.nowMs() - startMs;
  const made: Scene = {
    environment,
    offMs: 0,
    snapshot,
    now,
    countdown: makeRoomCountdown(environment, {
      snapshot: () => made.snapshot,
      serverNow: () => (made.offMs === null ? null : now() + made.offMs),
    }),
    set(change) {
      Object.assign(made, change);
      made.countdown.changed();
    },
  };
  return made;
}

describe('a countdown per whole second', () => {
  it('says each second when it begins, from the first to 0, and nothing twice', async () => {
    const { environment, countdown, now } = scene(openAt(T));
    const heard: [number | null, number][] = [];
    countdown.listen(({ seconds }) => heard.push([seconds, now() - T]));
    await environment.pass(30_000);
    expect(heard.map(([seconds]) => seconds)).toEqual(Array.from({ length: 21 }, (_, i) => 20 - i));
    for (const [seconds, atMs] of heard) expect(atMs).toBeCloseTo((20 - (seconds ?? 0)) * 1_000, 3);
    expect(environment.armed.timers).toBe(0);
  });

  it('counts the lead-in, and opens by itself', async () => {
    const { environment, countdown } = scene(leadIn);
    const heard: string[] = [];
    countdown.listen(({ phase, seconds, opensInMs }) =>
      heard.push(`${phase} ${opensInMs === null ? seconds : Math.ceil(opensInMs / 1_000)}`),
    );
    await environment.pass(4_100);
    expect(heard).toEqual(['lead-in 3', 'lead-in 2', 'lead-in 1', 'open 20', 'open 19']);
  });

  it('tells nothing again when the server says that it has opened', async () => {
    const made = scene(leadIn);
    let heard = 0;
    made.countdown.listen(() => heard++);
    await made.environment.pass(3_100);
    made.set({
      snapshot: snapshotOf({ ...leadIn, phase: 'open', serverNow: T + 3_000, version: 9 }),
    });
    expect(heard).toBe(4);
    expect(made.countdown.now()).toMatchObject({ phase: 'open', remainingMs: 19_900 });
  });

  it('shows a change at once, also within the same second, and goes on in step with it', async () => {
    const made = scene(openAt(T));
    const heard: [number | null, number][] = [];
    made.countdown.listen(({ seconds }) => heard.push([seconds, made.now() - T]));
    await made.environment.pass(500);
    made.set({ snapshot: openAt(T + 500, T + 30_300) });
    await made.environment.pass(1_000);
    expect(heard).toEqual([
      [20, 0],
      [30, 500],
      [29, 1_300],
    ]);
    made.set({ snapshot: pausedWith(28_000) });
    await made.environment.pass(5_000);
    expect(heard.slice(3)).toEqual([[28, 1_500]]);
    expect(made.environment.armed.timers).toBe(0);
  });

  it('arms its timer anew when the estimate of the clock moved', async () => {
    const made = scene(openAt(T));
    const heard: [number | null, number][] = [];
    made.offMs = -80;
    made.countdown.listen(({ seconds }) => heard.push([seconds, made.now() - T]));
    await made.environment.pass(500);
    made.set({ offMs: 0 });
    await made.environment.pass(600);
    expect(heard[1]?.[0]).toBe(19);
    expect(heard[1]?.[1]).toBeCloseTo(1_000, 3);
  });

  it('does not take back a second when the estimate goes back, and says the next one on time', async () => {
    const made = scene(openAt(T));
    const heard: [number | null, number][] = [];
    made.offMs = 80;
    made.countdown.listen(({ seconds }) => heard.push([seconds, made.now() - T]));
    await made.environment.pass(950);
    expect(heard.map(([seconds]) => seconds)).toEqual([20, 19]);
    made.set({ offMs: 0 });
    await made.environment.pass(1_100);
    expect(heard.map(([seconds]) => seconds)).toEqual([20, 19, 18]);
    expect(heard[2]?.[1]).toBeCloseTo(2_000, 3);
  });

  it('stands still while the clock knows nothing', async () => {
    const made = scene(openAt(T + 5_000));
    made.offMs = null;
    const heard: (number | null)[] = [];
    made.countdown.listen(({ seconds }) => heard.push(seconds));
    await made.environment.pass(500);
    expect(heard).toEqual([15]);
  });

  it('is silent after it was stopped, for one or for all', async () => {
    const made = scene(openAt(T));
    const heard: string[] = [];
    const stop = made.countdown.listen(() => heard.push('one'));
    made.countdown.listen(() => heard.push('other'), { every: 'frame' });
    stop();
    await made.environment.pass(1_500);
    expect(heard.filter((who) => who === 'one')).toHaveLength(1);
    made.countdown.stop();
    const count = heard.length;
    await made.environment.pass(1_500);
    made.countdown.changed();
    expect(heard).toHaveLength(count);
    expect(made.environment.armed).toEqual({ timers: 0, frames: 0, wakes: 0 });
  });
});

describe('a countdown per frame', () => {
  it('is told at once and then for each frame, as long as time changes it', async () => {
    const made = scene(openAt(T));
    let heard = 0;
    let last: Countdown | undefined;
    made.countdown.listen(
      (countdown) => {
        heard++;
        last = countdown;
      },
      { every: 'frame' },
    );
    expect(heard).toBe(1);
    await made.environment.pass(1_000);
    expect(heard).toBeGreaterThanOrEqual(60);
    expect(heard).toBeLessThanOrEqual(62);
    await made.environment.pass(19_100);
    expect(last).toMatchObject({ remainingMs: 0, seconds: 0 });
    expect(made.environment.armed.frames).toBe(0);
    const count = heard;
    made.set({ snapshot: openAt(made.now(), made.now() + 5_000) });
    expect(heard).toBe(count + 1);
    await made.environment.pass(100);
    expect(heard).toBeGreaterThan(count + 4);
  });
});

describe('what is shown', () => {
  const jitter = fc.array(
    fc.record({
      offMs: fc.double({ min: -400, max: 400, noNaN: true }),
      passMs: fc.double({ min: 0, max: 300, noNaN: true }),
    }),
    { minLength: 1, maxLength: 40 },
  );

  it('never grows and never goes back a phase when the estimate of the clock moves', async () => {
    await fc.assert(
      fc.asyncProperty(jitter, fc.constantFrom(openAt(T), leadIn), async (steps, snapshot) => {
        const made = scene(snapshot);
        const seen: Countdown[] = [];
        made.countdown.listen((countdown) => seen.push(countdown), { every: 'frame' });
        made.countdown.listen((countdown) => seen.push(countdown));
        for (const { offMs, passMs } of steps) {
          made.set({ offMs });
          seen.push(made.countdown.now());
          await made.environment.pass(passMs);
        }
        for (const [i, next] of seen.entries()) {
          const before = seen[i - 1];
          if (before === undefined) continue;
          expect(next.remainingMs).toBeLessThanOrEqual((before.remainingMs ?? 0) + 1e-3);
          expect(next.opensInMs ?? 0).toBeLessThanOrEqual((before.opensInMs ?? 0) + 1e-3);
          if (before.phase === 'open') expect(next.phase).toBe('open');
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is the truth again as soon as the truth has caught up', async () => {
    await fc.assert(
      fc.asyncProperty(jitter, async (steps) => {
        const made = scene(openAt(T, T + 100_000));
        let most = 0;
        for (const { offMs, passMs } of steps) {
          made.set({ offMs });
          most = Math.max(most, made.now() + offMs);
          made.countdown.now();
          await made.environment.pass(passMs);
        }
        made.set({ offMs: 0 });
        await made.environment.pass(Math.max(0, most - made.now()));
        expect(made.countdown.now().remainingMs).toBeCloseTo(T + 100_000 - Math.max(made.now(), T), 2);
      }),
      { numRuns: 50 },
    );
  });

  it('goes back at once where the clock was wrong by more than jitter, instead of standing still for long', () => {
    const made = scene(openAt(T, T + 60_000));
    made.offMs = 30_000;
    expect(made.countdown.now().seconds).toBe(30);
    made.set({ offMs: 0 });
    expect(made.countdown.now().seconds).toBe(60);
  });

  it('is of the new run at once, however far the last one had been shown ahead', () => {
    const made = scene(openAt(T));
    made.offMs = 500;
    made.countdown.now();
    made.set({ offMs: 0 });
    expect(made.countdown.now().remainingMs).toBe(19_500);
    made.set({ snapshot: snapshotOf({ ...openAt(T), runId: 8 }) });
    expect(made.countdown.now().remainingMs).toBe(20_000);
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually, eventuallyPasses } from '#libs/testing';
import {
  closedSnapshot,
  FakeGateway,
  openSnapshot,
  PIN,
  refusal,
  serverNow,
  snapshotOf,
} from './fake.gateway.spec-helper.js';
import { Scene, toldOf } from './room.scene.spec-helper.js';

let scene: Scene;
let gateway: FakeGateway;

beforeEach(async () => {
  scene = new Scene();
  gateway = await scene.gateway();
  gateway.snapshot = openSnapshot(12, 60_000, { content: 'text' });
});
afterEach(async () => {
  await scene.end();
  jest.restoreAllMocks();
});

const AGAIN = { pin: PIN, token: 'token-1', ticks: false };

/** A `clock:sync` would tell of what was missed, too. */
function tellNoVersions(): void {
  gateway.answer('clock:sync', ({ payload: { sentAt } }) => ({ ok: true, sentAt, serverNow: serverNow() }));
}

describe('an event that was missed', () => {
  it('a closing is asked for a second after the deadline, and told once, also when the event comes after all', async () => {
    gateway.snapshot = openSnapshot(12, 200);
    const endsAt = gateway.snapshot.endsAt ?? 0;
    const room = await scene.join();
    const told = toldOf(room, 'question:closed');
    const closings: unknown[] = [];
    room.on('question:closed', (payload) => closings.push(payload));
    gateway.snapshot = closedSnapshot(12, { endsAt });
    const [, again] = await gateway.hears('room:join', 2);
    expect(again?.payload).toEqual(AGAIN);
    expect(serverNow() - endsAt).toBeGreaterThanOrEqual(990);
    expect(new Set(gateway.of('room:join').map(({ socketId }) => socketId)).size).toBe(1);
    await eventuallyPasses(() => expect(told).toEqual(['question:closed 12']));
    expect(closings).toEqual([
      expect.objectContaining({ phase: 'closed', reason: 'expired', closedAt: expect.any(Number) }),
    ]);
    expect(room.state).toMatchObject({ isSyncing: false, question: { phase: 'closed' } });
    gateway.emit('question:closed', closedSnapshot(13, { endsAt }));
    await eventually(() => room.state.question?.version === 13);
    expect(told).toEqual(['question:closed 12']);
  });

  it('an opening is asked for as well', async () => {
    const now = serverNow();
    gateway.snapshot = openSnapshot(12, 60_000, {
      phase: 'lead-in',
      opensAt: now + 100,
      endsAt: now + 60_100,
    });
    tellNoVersions();
    const room = await scene.join();
    gateway.snapshot = openSnapshot(13);
    await eventually(() => room.state.question?.phase === 'open');
    expect(serverNow() - now).toBeGreaterThanOrEqual(1_090);
    expect(gateway.of('room:join')).toHaveLength(2);
  });

  it('is asked for again when that was answered as before, but not on end', async () => {
    gateway.snapshot = openSnapshot(12, 200);
    await scene.join();
    // Joined, asked for the closing, asked again.
    const [, asked, again] = await gateway.hears('room:join', 3);
    expect((again?.atMs ?? 0) - (asked?.atMs ?? 0)).toBeGreaterThan(900);
  });

  it('of which a clock:sync tells is asked for', async () => {
    const room = await scene.join();
    gateway.snapshot = openSnapshot(13, 90_000);
    scene.environment.wake();
    await eventually(() => room.state.question?.version === 13);
    gateway.snapshot = openSnapshot(15, 120_000);
    const before = gateway.of('room:join').length;
    await eventually(() => room.state.question?.version === 15);
    expect(gateway.of('room:join').length).toBe(before + 1);
  });

  it('of which a verdict tells is asked for', async () => {
    const room = await scene.join();
    gateway.answer('answer:submit', () => ({ ok: true, verdict: 'paused', receivedAt: 1, elapsedMs: 1 }));
    gateway.snapshot = snapshotOf({ ...gateway.snapshot, version: 12.5, phase: 'paused', endsAt: null });
    await room.answer('a');
    await eventually(() => room.state.question?.phase === 'paused');
  });

  it('while the device slept is asked for when it wakes, and shown as syncing until then', async () => {
    const room = await scene.join();
    const syncing: boolean[] = [];
    room.subscribe(() => syncing.push(room.state.isSyncing));
    gateway.snapshot = openSnapshot(14, 90_000);
    // A page says in several ways that it is shown again.
    for (let i = 0; i < 3; i++) scene.environment.wake();
    expect(room.state.isSyncing).toBe(true);
    await eventually(() => room.state.question?.version === 14);
    await eventually(() => !room.state.isSyncing);
    expect(syncing[0]).toBe(true);
    expect(gateway.of('room:join')).toHaveLength(2);
  });

  it('on a connection that died in the sleep is learned over another one', async () => {
    const room = await scene.join({ timeoutMs: 60_000 });
    const [dead] = gateway.sockets.map(({ id }) => id);
    gateway.answer('clock:sync', () => undefined);
    gateway.answer('room:join', ({ socketId }) =>
      socketId === dead ? undefined : { ok: true, ...gateway.joinAck() },
    );
    gateway.snapshot = openSnapshot(14, 90_000);
    scene.environment.wake();
    await eventually(() => room.state.question?.version === 14);
    expect(gateway.connections).toBe(2);
  });

  it('while the state is being asked for is asked for after that', async () => {
    const room = await scene.join();
    let answer = (_answer: object) => {};
    gateway.answer('room:join', () => new Promise<object>((resolve) => (answer = resolve)));
    gateway.answer('answer:submit', () => ({ ok: true, verdict: 'paused', receivedAt: 1, elapsedMs: 1 }));
    scene.environment.wake();
    await gateway.hears('room:join', 2);
    const old = { ok: true, ...gateway.joinAck() };
    await room.answer('a');
    expect(gateway.of('room:join')).toHaveLength(2);
    answer(old);
    await gateway.hears('room:join', 3);
    answer({ ok: true, ...gateway.joinAck() });
    await eventually(() => !room.state.isSyncing);
  });

  it('is asked for again after a refusal that passes', async () => {
    tellNoVersions();
    const room = await scene.join();
    let refusals = 0;
    gateway.snapshot = openSnapshot(14, 90_000);
    gateway.answer('room:join', () =>
      refusals++ === 0
        ? refusal('rate_limited', { retryable: true, retryAfterMs: 300 })
        : { ok: true, ...gateway.joinAck() },
    );
    scene.environment.wake();
    await eventually(() => room.state.question?.version === 14);
    const [, refused, again] = gateway.of('room:join');
    expect((again?.atMs ?? 0) - (refused?.atMs ?? 0)).toBeGreaterThanOrEqual(290);
    expect(gateway.connections).toBe(1);
  });

  it('is learned over another connection when this one is refused as if it were nobody’s', async () => {
    tellNoVersions();
    const room = await scene.join();
    let refusals = 0;
    gateway.snapshot = openSnapshot(14, 90_000);
    gateway.answer('room:join', () =>
      refusals++ === 0 ? refusal('unauthorized') : { ok: true, ...gateway.joinAck() },
    );
    scene.environment.wake();
    await eventually(() => room.state.question?.version === 14);
    expect(gateway.payloadsOf('room:join')[2]).toEqual(AGAIN);
    expect(gateway.connections).toBe(2);
  });
});

describe('what the server tells', () => {
  it('is told to handlers once for its version, however often it comes', async () => {
    const room = await scene.join();
    const told = toldOf(room, 'question:extended', 'question:paused', 'question:closed', 'room:state');
    const [longer, paused] = [
      openSnapshot(13, 70_000),
      snapshotOf({ ...openSnapshot(14), phase: 'paused', endsAt: null }),
    ];
    gateway.emit('question:extended', longer);
    gateway.emit('question:extended', longer);
    gateway.emit('question:paused', paused);
    gateway.emit('question:extended', longer);
    gateway.emit('room:state', { snapshot: paused });
    gateway.emit('room:state', { snapshot: paused });
    gateway.emit('question:closed', closedSnapshot(15));
    gateway.emit('question:closed', closedSnapshot(16));
    await eventually(() => room.state.question?.version === 16);
    expect(told).toEqual([
      'question:extended 13',
      'question:paused 14',
      'room:state 14',
      'question:closed 15',
    ]);
  });

  it('is adopted if it is not older than what is known, from acknowledgements as well', async () => {
    const room = await scene.join();
    gateway.answer('question:extend', () => ({ ok: true, snapshot: openSnapshot(20, 90_000) }));
    const heard = await room.extend(1);
    expect(room.state.question).toMatchObject({ version: heard.version, content: 'text' });
    gateway.emit('question:paused', snapshotOf({ ...openSnapshot(19), phase: 'paused', endsAt: null }));
    gateway.emit('room:presence', {
      roomId: '3-room',
      players: 2,
      spectators: 0,
      hostConnected: true,
      serverNow: 1,
    });
    await eventually(() => room.state.presence?.players === 2);
    expect(room.state.question).toMatchObject({ version: 20, phase: 'open' });
  });

  it('is known, of counts and who is there', async () => {
    const room = await scene.join();
    gateway.emit('answers:count', { roomId: '3-room', questionId: 'q1', count: 3, serverNow: 1 });
    await eventually(() => room.state.answersCount === 3);
    gateway.emit('answers:count', { roomId: '3-room', questionId: 'q0', count: 9, serverNow: 1 });
    gateway.emit('question:started', openSnapshot(30, 1_000, { runId: 30, questionId: 'q2' }));
    await eventually(() => room.state.question?.questionId === 'q2');
    expect(room.state).toMatchObject({ answersCount: null, answer: null });
    expect(room.state.question).not.toHaveProperty('content');
  });

  it('does no harm if it is no event of this protocol, or of another room', async () => {
    const room = await scene.join();
    const before = room.state;
    const told = toldOf(room, 'question:closed', 'room:closed', 'member:removed', 'question:paused');
    gateway.emit('question:celebrated', { confetti: true });
    for (const payload of [
      undefined,
      null,
      7,
      'x',
      [],
      {},
      { version: 'x' },
      { ...openSnapshot(40), phase: 'odd' },
    ]) {
      gateway.emit('question:closed', payload);
      gateway.emit('question:paused', payload, payload);
      gateway.emit('room:closed', payload);
      gateway.emit('room:presence', payload);
      gateway.emit('answers:count', payload);
      gateway.emit('member:removed', payload);
      gateway.emit('server:draining', payload);
      gateway.emit('room:state', { snapshot: payload });
    }
    gateway.emit('question:paused', { ...openSnapshot(40), endsAt: null });
    gateway.emit('question:closed', closedSnapshot(41, { roomId: '3-other' }));
    gateway.emit('toString', {});
    gateway.emit('question:extended', openSnapshot(13, 70_000, { content: 'text' }));
    await eventually(() => room.state.question?.version === 13);
    expect({ ...room.state, question: null, clock: null }).toEqual({
      ...before,
      question: null,
      clock: null,
    });
    expect(told).toEqual([]);
  });

  it('reaches everybody who listens, though one of them throws', async () => {
    const room = await scene.join();
    const reported = jest.spyOn(console, 'error').mockImplementation(() => {});
    const failure = new Error('in the app');
    const fail = () => {
      throw failure;
    };
    room.on('question:extended', fail);
    room.subscribe(fail);
    room.onCountdown(fail);
    const told = toldOf(room, 'question:extended');
    const states: unknown[] = [];
    const stop = room.subscribe(() => states.push(room.state));
    gateway.emit('question:extended', openSnapshot(13, 70_000));
    await eventually(() => told.length === 1);
    expect(states.length).toBeGreaterThan(0);
    expect(reported).toHaveBeenCalledWith(failure);
    stop();
    const seen = states.length;
    gateway.emit('question:extended', openSnapshot(14, 80_000));
    await eventually(() => told.length === 2);
    expect(states).toHaveLength(seen);
  });
});

describe('a clock that cannot be synchronised', () => {
  it('makes the room ask for ticks, which bring the state, and for none once it can', async () => {
    gateway.answer('clock:sync', () => undefined);
    const room = await scene.join({ timeoutMs: 1_000 });
    await eventually(() => room.state.clock.hasTicks);
    expect(gateway.payloadsOf('room:join').at(-1)).toEqual({ ...AGAIN, ticks: true });
    expect(gateway.connections).toBe(1);

    const told = toldOf(room, 'question:tick');
    const { content: _, ...tick } = openSnapshot(13, 50_000);
    gateway.emit('question:tick', tick);
    gateway.emit('question:tick', { ...tick, serverNow: tick.serverNow + 1_000, remainingMs: 49_000 });
    await eventually(() => told.length === 2);
    expect(room.state.question).toMatchObject({ version: 13, content: 'text' });

    gateway.answer('clock:sync', ({ payload }) => ({
      ok: true,
      sentAt: payload.sentAt,
      serverNow: serverNow(),
    }));
    scene.environment.wake();
    await eventually(() => !room.state.clock.hasTicks);
    expect(gateway.payloadsOf('room:join').at(-1)).toMatchObject({ ticks: false });
    expect(room.state.clock.isSynchronised).toBe(true);
  });
});

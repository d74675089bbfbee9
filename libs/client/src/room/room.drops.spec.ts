import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually, eventuallyPasses } from '#libs/testing';
import {
  closedSnapshot,
  FakeGateway,
  openSnapshot,
  PIN,
  refusal,
  snapshotOf,
} from './fake.gateway.spec-helper.js';
import { connectionsOf, Scene, TestEnvironment, toldOf } from './room.scene.spec-helper.js';
import { memoryStorage } from './token.storage.js';

const KEY = `quizbell:${PIN}`;

/** Counts who listens for wake-ups. */
class FakeWatch extends TestEnvironment {
  listeners = 0;

  override onWake(listener: () => void): () => void {
    this.listeners += 1;
    const stop = super.onWake(listener);
    return () => {
      this.listeners -= 1;
      stop();
    };
  }
}

let scene: Scene;
let gateway: FakeGateway;

beforeEach(async () => {
  scene = new Scene();
  gateway = await scene.gateway();
  gateway.snapshot = openSnapshot(12, 60_000, { content: 'text' });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await scene.end();
});

describe('a lost connection', () => {
  it('is noticed, and the member comes back by the token to what is on now', async () => {
    const room = await scene.join();
    const seen = connectionsOf(room);
    gateway.snapshot = snapshotOf({
      ...gateway.snapshot,
      version: 14,
      phase: 'paused',
      endsAt: null,
      remainingMs: 9,
    });
    gateway.drop();
    await eventually(() => room.state.question?.phase === 'paused');
    expect(seen).toEqual(['joined', 'reconnecting', 'joined']);
    expect(gateway.payloadsOf('room:join')[1]).toEqual({ pin: PIN, token: 'token-1', ticks: false });
  });

  it('leads to the next gateway where there are several', async () => {
    const other = await scene.gateway();
    const room = await scene.join();
    expect([gateway.connections, other.connections]).toEqual([1, 0]);
    gateway.drop();
    await eventually(() => other.connections + gateway.connections === 2);
    expect(other.connections).toBe(1);
    await eventually(() => room.state.connection === 'joined');
  });

  it('is waited out, however long the gateway is away', async () => {
    const room = await scene.join();
    await gateway.stop();
    await eventually(() => room.state.connection === 'reconnecting');
    const again = await scene.gateway(gateway.port);
    await eventually(() => room.state.connection === 'joined');
    expect(again.payloadsOf('room:join')).toMatchObject([{ token: 'token-1' }]);
  });

  it('that nobody tells of is found by what is not answered', async () => {
    const room = await scene.join({ timeoutMs: 300 });
    const [socketId] = gateway.sockets.map(({ id }) => id);
    gateway.answer('question:pause', ({ socketId: asked }) =>
      asked === socketId ? undefined : { ok: true, snapshot: gateway.snapshot },
    );
    gateway.answer('clock:sync', () => undefined);
    await room.pause();
    expect(gateway.connections).toBeGreaterThanOrEqual(2);
  });

  it('is tried again at once when the device wakes, and not when the server said to wait', async () => {
    const room = await scene.join();
    // Whatever is not tried at once would be tried in a minute.
    scene.environment.longMs = 200;
    scene.environment.shortenedMs = 60_000;
    await gateway.stop();
    await eventually(() => room.state.connection === 'reconnecting');
    const again = await scene.gateway(gateway.port);
    again.refusesWith = { code: 'rate_limited', message: 'Wait.', retryable: true, retryAfterMs: 700 };
    await eventually(() => {
      scene.environment.wake();
      return again.refusals === 1;
    });
    await eventually(() => room.state.refusal?.code === 'rate_limited');
    again.refusesWith = null;
    scene.environment.wake();
    await scene.join({ url: again.url });
    expect([again.connections, again.refusals, room.state.connection]).toEqual([1, 1, 'reconnecting']);
  });

  it('is not made by somebody who sets the device’s clock, and the countdown stays right', async () => {
    const room = await scene.join();
    const seen = connectionsOf(room);
    gateway.answer('question:extend', () => ({ ok: true, snapshot: openSnapshot(13, 30_000) }));
    const real = Date.now;
    for (const dayMs of [86_400_000, -86_400_000]) {
      jest.spyOn(Date, 'now').mockImplementation(() => real() + dayMs);
      await room.extend(1);
      await gateway.hears('clock:sync', gateway.of('clock:sync').length + 1);
      expect(Math.abs((room.remainingMs() ?? 0) - 30_000)).toBeLessThan(5_000);
    }
    expect([seen, gateway.connections]).toEqual([['joined'], 1]);
  });

  it('ends the room when it was closed meanwhile, or the member put out, and the token is forgotten', async () => {
    const storage = memoryStorage();
    const [one, other] = [await scene.join({ storage }), await scene.join({ token: 'given' })];
    gateway.answer('room:join', ({ payload }) =>
      refusal(payload.token === 'token-1' ? 'room_not_found' : 'forbidden'),
    );
    gateway.drop();
    await eventually(() => one.state.end !== null && other.state.end !== null);
    expect(one.state.end).toEqual({ reason: 'room-closed', by: null });
    expect(other.state.end).toMatchObject({ reason: 'refused', error: { code: 'forbidden' } });
    expect(await storage.get(KEY)).toBeNull();
  });

  it('does not cost the place when the token is refused once, and is survived as a new player when it is for good', async () => {
    const room = await scene.join();
    gateway.answer('room:join', ({ payload }) =>
      payload.token === undefined ? { ok: true, ...gateway.joinAck() } : refusal('unauthorized'),
    );
    gateway.drop();
    await gateway.hears('room:join', 4);
    await eventually(() => room.state.connection === 'joined');
    expect(gateway.payloadsOf('room:join').slice(1)).toEqual([
      { pin: PIN, token: 'token-1', ticks: false },
      { pin: PIN, token: 'token-1', ticks: false },
      { pin: PIN, name: 'Ada', ticks: false },
    ]);
  });

  it('of a host whose token is refused for good is the end: a PIN makes players only', async () => {
    gateway.joined = { role: 'host' };
    const room = await scene.join({ token: 'given' });
    gateway.answer('room:join', () => refusal('unauthorized'));
    gateway.drop();
    await eventually(() => room.state.end !== null);
    expect(room.state.end).toMatchObject({ reason: 'refused', error: { code: 'unauthorized' } });
    expect(gateway.payloadsOf('room:join').every(({ token }) => token !== undefined)).toBe(true);
  });

  it('of a host whose room was closed meanwhile says so, also with the very token that the app gave', async () => {
    gateway.joined = { role: 'host', token: 'given' };
    const room = await scene.join({ token: 'given' });
    const answers = [refusal('unauthorized'), refusal('room_not_found')];
    gateway.answer('room:join', () => answers.shift());
    gateway.drop();
    await eventually(() => room.state.end !== null);
    expect(room.state.end).toEqual({ reason: 'room-closed', by: null });
  });

  it('leaves nothing behind in a room that is left when the state of the return is told', async () => {
    const environment = new FakeWatch();
    const room = await scene.join({ environment });
    gateway.snapshot = closedSnapshot(13);
    room.onCountdown(({ phase }) => {
      if (phase === 'closed') room.disconnect();
    });
    gateway.drop();
    await eventually(() => room.state.end !== null);
    await eventually(() => gateway.sockets.length === 0);
    expect(environment.listeners).toBe(0);
  });

  it('at once after each return makes the returns rarer', async () => {
    await scene.join();
    const times: number[] = [];
    gateway.answer('room:join', () => {
      times.push(performance.now());
      setTimeout(() => gateway.drop(), 10);
      return { ok: true, ...gateway.joinAck() };
    });
    gateway.drop();
    await eventually(() => times.length === 5, { timeoutMs: 20_000 });
    // The first ones come within half a second.
    expect((times[4] as number) - (times[3] as number)).toBeGreaterThan(950);
  });

  it('sends nothing later that was not answered before it, but the commands that wait', async () => {
    const room = await scene.join();
    await gateway.hears('clock:sync');
    await gateway.stop();
    await eventually(() => room.state.connection === 'reconnecting');
    const waiting = Array.from({ length: 30 }, () => room.pause().catch(({ code }) => code));
    const backAtMs = Math.floor(performance.now());
    const again = await scene.gateway(gateway.port);
    again.answer('question:pause', () => ({ ok: true, snapshot: again.snapshot }));
    const codes = (await Promise.all(waiting)).filter((code) => code === 'rate_limited');
    expect(codes).toHaveLength(14);
    expect(again.heard[0]?.event).toBe('room:join');
    expect(again.of('question:pause')).toHaveLength(16);
    expect(again.payloadsOf('clock:sync').filter(({ sentAt }) => sentAt < backAtMs)).toEqual([]);
  });
});

describe('a gateway that goes', () => {
  it('is left at the time it said, for another one, without a gap, and nothing is told twice or lost', async () => {
    const other = await scene.gateway();
    other.snapshot = gateway.snapshot;
    const room = await scene.join();
    const seen = connectionsOf(room);
    const told = toldOf(room, 'question:extended');
    const toldAtMs = performance.now();
    gateway.emit('server:draining', { reconnectAfterMs: 300 });
    const [joined] = await other.hears('room:join');
    expect((joined?.atMs ?? 0) - toldAtMs).toBeGreaterThanOrEqual(290);
    for (const one of [gateway, other]) one.emit('question:extended', openSnapshot(13, 70_000));
    // The server ends the old connection of a member that has a new one.
    gateway.emit('member:removed', { reason: 'replaced' });
    await eventually(() => gateway.sockets.length === 0);
    other.emit('question:extended', openSnapshot(14, 80_000));
    await eventuallyPasses(() => expect(told).toEqual(['question:extended 13', 'question:extended 14']));
    expect(seen).toEqual(['joined']);
  });

  it('and ends the old connection before the new one is answered, makes no gap either', async () => {
    const other = await scene.gateway();
    const room = await scene.join();
    const seen = connectionsOf(room);
    other.answer('room:join', async () => {
      gateway.emit('member:removed', { reason: 'replaced' });
      gateway.drop();
      await new Promise((resolve) => setTimeout(resolve, 0));
      return { ok: true, ...other.joinAck() };
    });
    gateway.emit('server:draining', { reconnectAfterMs: 0 });
    await eventually(() => other.connections === 1 && gateway.sockets.length === 0);
    await other.hears('clock:sync');
    expect(seen).toEqual(['joined']);
  });

  it('has its last answers waited for', async () => {
    const other = await scene.gateway();
    const room = await scene.join();
    gateway.answer('question:pause', async () => {
      gateway.emit('server:draining', { reconnectAfterMs: 0 });
      // The first that is sent from its new place.
      await other.hears('clock:sync');
      return { ok: true, snapshot: openSnapshot(15) };
    });
    await room.pause();
    expect(room.state.question?.version).toBe(15);
    expect(other.of('question:pause')).toEqual([]);
  });

  it('is kept as long as the others do not take the member', async () => {
    const other = await scene.gateway();
    other.answer('room:join', () => refusal('unavailable', { retryable: true }));
    const room = await scene.join();
    const seen = connectionsOf(room);
    gateway.emit('server:draining', { reconnectAfterMs: 0 });
    await other.hears('room:join');
    gateway.emit('question:extended', openSnapshot(13, 70_000));
    await eventually(() => room.state.question?.version === 13);
    expect(seen).toEqual(['joined']);
  });

  it('is not asked for the state while the next one gives the seat away, which would take it back', async () => {
    const other = await scene.gateway();
    const room = await scene.join();
    let refuse = (_answer: object) => {};
    other.answer('room:join', () => new Promise<object>((resolve) => (refuse = resolve)));
    gateway.emit('server:draining', { reconnectAfterMs: 0 });
    await other.hears('room:join');
    gateway.snapshot = openSnapshot(15, 70_000);
    scene.environment.wake();
    expect(room.state.isSyncing).toBe(true);
    gateway.emit('question:extended', openSnapshot(14, 80_000));
    await eventually(() => room.state.question?.version === 14);
    expect(gateway.of('room:join')).toHaveLength(1);
    refuse(refusal('unavailable', { retryable: true, retryAfterMs: 60_000 }));
    await eventually(() => room.state.question?.version === 15);
    await eventually(() => !room.state.isSyncing);
  });

  it('answers what it is asked before the next one is', async () => {
    const other = await scene.gateway();
    const room = await scene.join();
    let answer = (_answer: object) => {};
    gateway.answer('room:join', () => new Promise<object>((resolve) => (answer = resolve)));
    scene.environment.wake();
    await gateway.hears('room:join', 2);
    gateway.emit('server:draining', { reconnectAfterMs: 0 });
    gateway.emit('question:extended', openSnapshot(14, 80_000));
    await eventually(() => room.state.question?.version === 14);
    // A connection of another member, made in the meantime.
    await scene.join({ url: other.url });
    expect(other.connections).toBe(1);
    answer({ ok: true, ...gateway.joinAck() });
    await eventually(() => other.connections === 2);
  });

  it('is left first where a member may not have two connections', async () => {
    const other = await scene.gateway();
    other.answer('room:join', () =>
      gateway.sockets.length > 0
        ? refusal('conflict', { retryable: true })
        : { ok: true, ...other.joinAck() },
    );
    const room = await scene.join();
    gateway.emit('server:draining', { reconnectAfterMs: 0 });
    await eventually(() => other.of('room:join').length >= 2 && room.state.connection === 'joined');
  });
});

describe('the end', () => {
  it.each(['kicked', 'banned'] as const)(
    'of a member who is %s is told once, and the token forgotten',
    async (reason) => {
      const storage = memoryStorage();
      const room = await scene.join({ storage });
      const told = toldOf(room, 'member:removed');
      gateway.emit('member:removed', { reason });
      await eventually(() => room.state.connection === 'ended');
      expect(room.state.end).toEqual({ reason });
      expect(told).toHaveLength(1);
      expect(await storage.get(KEY)).toBeNull();
      await eventually(() => gateway.sockets.length === 0);
      await expect(room.answer('a')).rejects.toMatchObject({ code: 'unavailable' });
    },
  );

  it('by another connection of the same member leaves it the token', async () => {
    const storage = memoryStorage();
    const room = await scene.join({ storage });
    gateway.emit('member:removed', { reason: 'replaced' });
    await eventually(() => room.state.connection === 'ended');
    expect(room.state.end).toEqual({ reason: 'replaced' });
    expect(await storage.get(KEY)).toBe('token-1');
  });

  it('of the room is told with the closing of its question before', async () => {
    const storage = memoryStorage();
    const room = await scene.join({ storage });
    const told = toldOf(room, 'question:closed', 'room:closed');
    gateway.emit('question:closed', closedSnapshot(13, { reason: 'room-closed' }));
    gateway.emit('room:closed', {
      roomId: gateway.snapshot.roomId,
      version: 14,
      reason: 'host',
      serverNow: 1,
    });
    await eventually(() => room.state.connection === 'ended');
    expect(room.state.end).toEqual({ reason: 'room-closed', by: 'host' });
    expect(told).toEqual(['question:closed 13', 'room:closed 14']);
    expect(await storage.get(KEY)).toBeNull();
    expect(room.state.question?.phase).toBe('closed');
  });

  it('by leaving says goodbye and forgets the token; by disconnecting neither', async () => {
    const [one, other] = [memoryStorage(), memoryStorage()];
    const leaving = await scene.join({ storage: one });
    const disconnecting = await scene.join({ storage: other });
    await leaving.leave();
    disconnecting.disconnect();
    expect([leaving.state.end, disconnecting.state.end]).toEqual([{ reason: 'left' }, { reason: 'left' }]);
    expect([await one.get(KEY), await other.get(KEY)]).toEqual([null, 'token-2']);
    await eventually(() => gateway.sockets.length === 0);
    expect(gateway.of('room:leave')).toHaveLength(1);
    await leaving.leave();
    disconnecting.disconnect();
  });
});

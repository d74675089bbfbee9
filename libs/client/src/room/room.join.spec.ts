import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '#libs/testing';
import type { TokenStorage } from '../client.types.js';
import { QuizbellError } from '../quizbell.error.js';
import { FakeGateway, openSnapshot, PIN, ROOM_ID, refusal, serverNow } from './fake.gateway.spec-helper.js';
import { openRoom } from './open.room.js';
import { connectionsOf, Scene } from './room.scene.spec-helper.js';
import { memoryStorage } from './token.storage.js';

const KEY = `quizbell:${PIN}`;

let scene: Scene;
let gateway: FakeGateway;

beforeEach(async () => {
  scene = new Scene();
  gateway = await scene.gateway();
});
afterEach(() => scene.end());

/** A storage that has this token for the room. */
function storageWith(token: string): TokenStorage {
  const storage = memoryStorage();
  void storage.set(KEY, token);
  return storage;
}

/** Refuses every join by that token, and lets everybody else in. */
function refuseToken(token: string, code: string): void {
  gateway.answer('room:join', ({ payload }) =>
    payload.token === token ? refusal(code) : { ok: true, ...gateway.joinAck() },
  );
}

describe('joining a room', () => {
  it('by its PIN makes a player, without ticks, and tells who it is and what is on', async () => {
    gateway.snapshot = openSnapshot(12, 30_000, { content: { text: '1 + 1?' } });
    const room = scene.open();
    expect(room.state).toMatchObject({ connection: 'connecting', me: null, question: null });
    expect(room.remainingMs()).toBeNull();
    await eventually(() => room.state.connection === 'joined');
    expect(gateway.payloadsOf('room:join')).toEqual([{ pin: PIN, name: 'Ada', ticks: false }]);
    expect(room.state).toMatchObject({
      me: { roomId: ROOM_ID, pin: PIN, playerId: 'p1', role: 'player', name: 'Ada' },
      question: { phase: 'open', content: { text: '1 + 1?' } },
      clock: { hasTicks: false },
    });
    const left = room.remainingMs() ?? 0;
    expect(left).toBeGreaterThan(20_000);
    expect(left).toBeLessThanOrEqual(30_000);
  });

  it('tells load balancers the PIN in the query of the connection', async () => {
    await scene.join();
    expect(gateway.sockets[0]?.handshake.query.pin).toBe(PIN);
  });

  it('asks for ticks from the start where the app wants them always', async () => {
    const room = await scene.join({ ticks: 'always' });
    expect(gateway.payloadsOf('room:join')).toMatchObject([{ ticks: true }]);
    expect(room.state.clock.hasTicks).toBe(true);
  });

  it('takes the server’s clock from the first acknowledgement', async () => {
    gateway.answer('clock:sync', () => undefined);
    const room = await scene.join();
    expect(Math.abs((room.serverNow() ?? 0) - serverNow())).toBeLessThan(1_000);
  });

  it('takes up the own earlier answer', async () => {
    gateway.snapshot = openSnapshot(12);
    const answer = {
      verdict: 'accepted',
      receivedAt: 5,
      elapsedMs: 5,
      questionId: 'q1',
      runId: 10,
      choice: 'b',
    };
    gateway.joined = { answer };
    const room = await scene.join();
    expect(room.state.answer).toEqual(answer);
  });

  it('goes to the next gateway when one does not answer, in the order that was given', async () => {
    const dead = await scene.gateway();
    await dead.stop();
    const room = await scene.join({ url: [dead.url, gateway.url] });
    expect(room.state.connection).toBe('joined');
    expect(gateway.connections).toBe(1);
  });

  it('comes back when the server takes no connection for now, not before it said', async () => {
    gateway.refusesWith = { code: 'rate_limited', message: 'Too many.', retryable: true, retryAfterMs: 400 };
    const startedAt = performance.now();
    const room = scene.open();
    expect((await eventually(() => room.state.refusal)).toString()).toBe('QuizbellError: Too many.');
    expect(room.state).toMatchObject({
      connection: 'connecting',
      refusal: { code: 'rate_limited', retryAfterMs: 400 },
    });
    gateway.refusesWith = null;
    await eventually(() => room.state.connection === 'joined');
    expect(room.state.refusal).toBeNull();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(395);
    expect(gateway.refusals).toBe(1);
  });

  it('asks again when the join is refused for now, not before the server said', async () => {
    let refusals = 0;
    gateway.answer('room:join', () =>
      refusals++ === 0
        ? refusal('rate_limited', { retryable: true, retryAfterMs: 400 })
        : { ok: true, ...gateway.joinAck() },
    );
    await scene.join();
    const [first, second] = gateway.of('room:join');
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(395);
  });

  it('says why it is not let in yet, until it is', async () => {
    let isFull = true;
    gateway.answer('room:join', () =>
      isFull
        ? refusal('rate_limited', { retryable: true, retryAfterMs: 200 })
        : { ok: true, ...gateway.joinAck() },
    );
    const room = scene.open();
    expect(room.state.refusal).toBeNull();
    await eventually(() => room.state.refusal !== null);
    expect(room.state).toMatchObject({
      connection: 'connecting',
      end: null,
      refusal: { code: 'rate_limited', retryAfterMs: 200 },
    });
    isFull = false;
    await eventually(() => room.state.connection === 'joined');
    expect(room.state.refusal).toBeNull();
  });

  it('asks again on the same connection when the answer to a new player stays away: elsewhere that were two players', async () => {
    let asked = 0;
    gateway.answer('room:join', () => (asked++ === 0 ? undefined : { ok: true, ...gateway.joinAck() }));
    const room = scene.open({ timeoutMs: 300 });
    // Something must be heard, or the connection counts as dead.
    const presence = setInterval(() => gateway.emit('room:presence', {}), 50);
    await eventually(() => room.state.connection === 'joined');
    clearInterval(presence);
    const joins = gateway.of('room:join');
    expect(new Set(joins.map(({ socketId }) => socketId)).size).toBe(1);
  });
});

describe('the token', () => {
  it('is stored under the PIN, and the way back in', async () => {
    const storage = memoryStorage();
    const first = await scene.join({ storage });
    first.disconnect();
    await scene.join({ storage });
    expect(gateway.payloadsOf('room:join')[1]).toEqual({ pin: PIN, token: 'token-1', ticks: false });
    expect(await storage.get(KEY)).toBe('token-2');
  });

  it('that the app gives comes before the stored one, and is stored apart from it', async () => {
    const storage = storageWith('stored');
    await scene.join({ storage, token: 'given' });
    expect(gateway.payloadsOf('room:join')).toMatchObject([{ token: 'given' }]);
    expect(await storage.get(KEY)).toBe('stored');
    expect(await storage.get(`quizbell:${ROOM_ID}`)).toBe('token-1');
  });

  it.each(['unauthorized', 'room_not_found'])(
    'that was stored and is refused as %s is forgotten, and the PIN makes a new player',
    async (code) => {
      refuseToken('stale', code);
      const storage = storageWith('stale');
      const room = await scene.join({ storage });
      expect(room.state.connection).toBe('joined');
      expect(gateway.payloadsOf('room:join')).toEqual([
        { pin: PIN, token: 'stale', ticks: false },
        { pin: PIN, name: 'Ada', ticks: false },
      ]);
      expect(await storage.get(KEY)).toBe('token-1');
    },
  );

  it('of somebody who was put out is forgotten, and lets nobody in', async () => {
    refuseToken('stale', 'forbidden');
    const storage = storageWith('stale');
    await expect(scene.join({ storage })).rejects.toMatchObject({ code: 'forbidden' });
    expect(await storage.get(KEY)).toBeNull();
    expect(gateway.of('room:join')).toHaveLength(1);
  });

  it('that the app gave and that is refused is the end: there is no other way in', async () => {
    gateway.answer('room:join', () => refusal('unauthorized'));
    const room = scene.open({ token: 'given' });
    await eventually(() => room.state.connection === 'ended');
    expect(room.state.end).toMatchObject({ reason: 'refused', error: { code: 'unauthorized' } });
    expect(gateway.of('room:join')).toHaveLength(1);
  });

  it('is joined without where the storage fails', async () => {
    const broken: TokenStorage = {
      get: () => Promise.reject(new Error('no storage')),
      set: () => {
        throw new Error('full');
      },
      remove: () => Promise.reject(new Error('no storage')),
    };
    const room = await scene.join({ storage: broken });
    expect(room.state.connection).toBe('joined');
    await room.leave();
    expect(room.state.end).toEqual({ reason: 'left' });
  });
});

describe('a join that is refused for good', () => {
  it('rejects with the refusal, and nothing of the room is left', async () => {
    gateway.answer('room:join', () => refusal('room_not_found'));
    const joined = scene.join();
    await expect(joined).rejects.toBeInstanceOf(QuizbellError);
    await expect(joined).rejects.toMatchObject({ code: 'room_not_found', retryable: false });
    await eventually(() => gateway.sockets.length === 0);
    expect(gateway.connections).toBe(1);
  });

  it('ends a room that was opened, and every command is refused with the same', async () => {
    gateway.answer('room:join', () => refusal('room_full'));
    const room = scene.open();
    const started = room.start({ questionId: 'q1', durationMs: 1_000 });
    await expect(started).rejects.toMatchObject({ code: 'room_full' });
    expect(room.state).toMatchObject({ connection: 'ended', end: { reason: 'refused' } });
    await expect(room.pause()).rejects.toMatchObject({ code: 'room_full' });
  });

  it('also when the connection is', async () => {
    gateway.refusesWith = { code: 'unauthorized', message: 'No.', retryable: false };
    await expect(scene.join()).rejects.toMatchObject({ code: 'unauthorized' });
    expect(gateway.refusals).toBe(1);
  });

  it('also when the server answers something else than the protocol says', async () => {
    gateway.answer('room:join', () => ({ ok: true, token: 7 }));
    await expect(scene.join()).rejects.toMatchObject({ code: 'internal' });
  });

  it('asks nobody where there is neither a PIN nor a token', async () => {
    await expect(scene.join({ pin: undefined })).rejects.toMatchObject({
      code: 'invalid_payload',
      field: 'pin',
    });
    expect(gateway.of('room:join')).toEqual([]);
    expect(() => openRoom({ url: [], pin: PIN })).toThrow(QuizbellError);
  });

  it.each([
    'localhost:3000',
    'not a url',
    '',
    'ftp://localhost',
    'http://localhost:3000/quiz',
    'http://localhost:3000?pin=1',
    undefined,
    new URL('http://localhost:3000'),
    ['http://localhost:3000', undefined],
  ])('says at once that %p is no gateway', async (url) => {
    const refused = { name: 'QuizbellError', code: 'invalid_payload', field: 'url' };
    await expect(scene.join({ url: url as string })).rejects.toMatchObject(refused);
  });
});

describe('a join that does not come about', () => {
  it('rejects after 15 s, says what the matter was, and gives up', async () => {
    scene.environment.longMs = 15_000;
    scene.environment.shortenedMs = 500;
    gateway.answer('room:join', () => refusal('unavailable', { retryable: true }));
    await expect(scene.join()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`refused: unavailable (${gateway.url})`),
    });
    await eventually(() => gateway.sockets.length === 0);
  });

  it('is tried for ever where the room was only opened', async () => {
    let refusals = 0;
    gateway.answer('room:join', () =>
      refusals++ < 2 ? refusal('internal') : { ok: true, ...gateway.joinAck() },
    );
    const room = scene.open();
    const seen = connectionsOf(room);
    await eventually(() => room.state.connection === 'joined');
    expect(seen).toEqual(['connecting', 'joined']);
  });
});

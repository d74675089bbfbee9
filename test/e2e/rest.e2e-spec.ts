import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type LooseJson, type RestAnswer, type RestOptions, rest } from '#libs/testing';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { expectProblem } from './support/refusal.matcher.js';
import {
  changesOf,
  closeAllClients,
  command,
  createRoom,
  hostOf,
  join,
  playerOf,
  startOf,
  type TestRoom,
} from './support/room.client.js';
import { webhookSecret } from './support/webhook.receiver.js';

const KEY = 'an-api-key-for-tests';

let cluster: Cluster;
let room: TestRoom;

beforeAll(async () => {
  cluster = await startCluster('rest', {
    env: { QUIZBELL_API_KEYS: `another-key,${KEY}`, QUIZBELL_WEBHOOK_SECRET: webhookSecret() },
  });
});
beforeEach(async () => {
  room = await createRoom(cluster.a.url, { maxPlayers: 5 }, KEY);
});
afterEach(closeAllClients);
afterAll(() => cluster?.stop());

/** A request about the room, with the API key unless another one is named. */
function ask(path: string, options: RestOptions = {}): Promise<RestAnswer> {
  return rest(`${cluster.b.url}/v1/rooms/${room.roomId}${path}`, { key: KEY, ...options });
}

/** A question command that must not be refused; gives the snapshot. */
async function done(path: string, body: object = {}): Promise<LooseJson> {
  const answer = await ask(`/question${path}`, { body });
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 200, body: { snapshot: {} } });
  return answer.body.snapshot;
}

describe('rooms', () => {
  it('are created with a PIN and a token of their host', async () => {
    const settings = { maxPlayers: 7, idleMs: 60_000, webhook: 'https://example.com/hook' };
    const created = await rest(`${cluster.a.url}/v1/rooms`, { key: KEY, body: { settings } });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      roomId: expect.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/),
      pin: expect.stringMatching(/^\d{6}$/),
      hostToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    });
    const read = await rest(`${cluster.b.url}/v1/rooms/${created.body.roomId}`, {
      key: created.body.hostToken,
    });
    expect(read.body.settings).toEqual(settings);
    expect((await rest(`${cluster.a.url}/v1/rooms`, { key: 'another-key', method: 'POST' })).status).toBe(
      201,
    );
  });

  it('are read at any gateway: who is there and what is on', async () => {
    await playerOf(cluster.a.url, room);
    await hostOf(cluster.b.url, room);
    await done('', startOf('q1', { content: { text: 'Why?' } }));
    const { status, body } = await ask('');
    const { roomId, pin } = room;
    expect(status).toBe(200);
    expect(body).toEqual({
      roomId,
      pin,
      createdAt: expect.any(Number),
      settings: { maxPlayers: 5 },
      players: 1,
      snapshot: expect.objectContaining({
        roomId,
        questionId: 'q1',
        phase: 'open',
        content: { text: 'Why?' },
      }),
    });
    expect(body.snapshot.remainingMs).toBe(body.snapshot.endsAt - body.snapshot.serverNow);
    expect(body.createdAt).toBeLessThanOrEqual(body.snapshot.serverNow);
  });

  it('give tokens for every role, which join as what they say', async () => {
    for (const role of ['host', 'co-host', 'player', 'spectator']) {
      const { status, body } = await ask('/tokens', { body: { role, name: 'Grace', ttlMs: 60_000 } });
      expect(status).toBe(201);
      expect(body).toEqual({ token: expect.any(String), playerId: expect.any(String), role });
      const { ack } = await join(cluster.a.url, { token: body.token });
      expect(ack).toMatchObject({ role, playerId: body.playerId });
      const [, claims] = body.token.split('.');
      const { iat, exp, name } = JSON.parse(Buffer.from(claims, 'base64url').toString());
      expect({ name, lifeS: exp - iat }).toEqual({ name: 'Grace', lifeS: 60 });
    }
  });

  it('are closed, which everybody hears, and are then not found', async () => {
    const player = await playerOf(cluster.a.url, room);
    await done('', startOf('q1'));
    const closed = await ask('', { method: 'DELETE' });
    expect({ status: closed.status, body: closed.body }).toEqual({ status: 204, body: undefined });
    await player.client.waitFor('room:closed');
    expect(changesOf(player.client).map(({ event }) => event)).toEqual([
      'question:started',
      'question:closed',
      'room:closed',
    ]);
    expectProblem(await ask(''), 'room_not_found');
    expectProblem(await ask('', { method: 'DELETE' }), 'room_not_found');
    expectProblem(await ask('/tokens', { body: { role: 'player' } }), 'room_not_found');
    expectProblem(await ask('/question', { body: startOf('q2') }), 'room_not_found');
  });
});

describe('questions', () => {
  it('are played by the host token or an API key, and players hear it', async () => {
    const player = await playerOf(cluster.a.url, room);
    const started = await done('', startOf('q1', { durationMs: 20_000 }));
    expect(started).toMatchObject({ phase: 'open', questionId: 'q1', runId: started.version });
    expect((await done('/pause', { runId: started.runId })).phase).toBe('paused');
    expect((await done('/resume')).phase).toBe('open');
    expect((await done('/extend', { byMs: 1_000 })).durationMs).toBe(21_000);
    const stopped = await ask('/question/stop', { key: room.hostToken, method: 'POST' });
    expect(stopped.body.snapshot).toMatchObject({ phase: 'closed', reason: 'stopped' });
    await player.client.waitFor(
      'question:closed',
      ({ version }) => version === stopped.body.snapshot.version,
    );
    expect(changesOf(player.client)).toHaveLength(5);
  });

  it('are started once under one commandId, whichever gateway is asked', async () => {
    const body = startOf('q1', { commandId: 'c1' });
    const first = await rest(`${cluster.a.url}/v1/rooms/${room.roomId}/question`, { key: KEY, body });
    const again = await ask('/question', { body });
    expect(first.body).not.toHaveProperty('repeated');
    expect(again.body).toMatchObject({ repeated: true, snapshot: { runId: first.body.snapshot.runId } });
    expectProblem(
      await ask('/question/pause', { body: { commandId: 'c1' } }),
      'invalid_payload',
      'commandId',
    );
    // The holder of another key is another actor, and so is the host at a socket.
    const other = await ask('/question/pause', { key: 'another-key', body: { commandId: 'c1' } });
    expect(other.status).toBe(200);
    const host = await hostOf(cluster.a.url, room);
    expect(await command(host.client, 'question:resume', { commandId: 'c1' })).not.toHaveProperty('repeated');
  });

  it('refuse what does not fit the phase', async () => {
    expectProblem(await ask('/question/pause', { method: 'POST' }), 'wrong_phase');
    await done('', startOf('q1'));
    expectProblem(await ask('/question', { body: startOf('q2') }), 'question_active');
    expectProblem(await ask('/question/resume', { body: {} }), 'wrong_phase');
    expectProblem(await ask('/question/stop', { body: { runId: 1 } }), 'wrong_phase');
  });
});

describe('refusals', () => {
  it.each<[string, string, LooseJson, string]>([
    ['a duration of nothing', '/question', { questionId: 'q', durationMs: 0 }, 'durationMs'],
    ['an extension by a text', '/question/extend', { byMs: 'a lot' }, 'byMs'],
    ['a role that there is not', '/tokens', { role: 'admin' }, 'role'],
    ['a life of no time', '/tokens', { role: 'player', ttlMs: 1 }, 'ttlMs'],
    ['a list', '/question/stop', [], ''],
    ['what is no JSON', '/question/stop', '{"runId":', ''],
    ['a bare word', '/question', 'null', ''],
  ])('invalid_payload names the field: %s', async (_what, path, body, field) => {
    expectProblem(await ask(path, { body }), 'invalid_payload', field);
  });

  it('invalid_payload names the field of a setting', async () => {
    for (const [settings, field] of [
      [{ maxPlayers: 0 }, 'settings.maxPlayers'],
      [{ webhook: 'ftp://example.com' }, 'settings.webhook'],
      ['many', 'settings'],
    ] as const) {
      const answer = await rest(`${cluster.a.url}/v1/rooms`, { key: KEY, body: { settings } });
      expectProblem(answer, 'invalid_payload', field);
    }
  });

  it('unauthorized without a key, with a wrong one, and for creating with a token of a host', async () => {
    for (const key of [undefined, 'a-wrong-key', room.hostToken]) {
      const answer = await rest(`${cluster.a.url}/v1/rooms`, { key, body: {} });
      expectProblem(answer, 'unauthorized');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    for (const key of [undefined, 'a-wrong-key']) {
      expectProblem(await ask('', { key }), 'unauthorized');
      expectProblem(await ask('/question', { key, body: startOf('q1') }), 'unauthorized');
      expectProblem(await ask('/tokens', { key, body: { role: 'host' } }), 'unauthorized');
      expectProblem(await ask('', { key, method: 'DELETE' }), 'unauthorized');
    }
    expect((await ask('')).body.snapshot.phase).toBe('idle');
  });

  it.each(['nonsense', '000', '999zzzzzzzzzzzzzzzzzzzzz', '%00', '__proto__'])(
    'room_not_found: %s names no room',
    async (roomId) => {
      const route = `${cluster.a.url}/v1/rooms/${roomId}`;
      expectProblem(await rest(route, { key: KEY }), 'room_not_found');
      expectProblem(await rest(`${route}/question`, { key: KEY, body: startOf('q') }), 'room_not_found');
      expectProblem(await rest(`${route}/tokens`, { key: KEY, body: { role: 'host' } }), 'room_not_found');
      expectProblem(await rest(route, { key: KEY, method: 'DELETE' }), 'room_not_found');
    },
  );

  it('too_large: a body of more than 16 KiB', async () => {
    const body = startOf('q1', { content: 'x'.repeat(17_000) });
    expectProblem(await ask('/question', { body }), 'too_large');
  });

  it('a route that nobody serves is 404, as a problem too', async () => {
    const answer = await rest(`${cluster.a.url}/v1/teapots`, { key: KEY });
    expect(answer).toMatchObject({ status: 404, body: { status: 404, code: 'not_found', retryable: false } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';
import { createRoomAnswerSchema, problemSchema, questionAnswerSchema, roomInfoSchema } from '#libs/protocol';
import { type RestOptions, rest, TestClient } from '#libs/testing';
import { startEdge, type TestEdge } from './edge.fixture.js';

const KEY = 'an-api-key';

describe('the REST interface', () => {
  let edge: TestEdge;

  beforeAll(async () => {
    edge = await startEdge({
      QUIZBELL_API_KEYS: `${KEY},another-key`,
      QUIZBELL_ORIGINS: 'https://quiz.example.com',
      QUIZBELL_TUTORIAL_MODE: 'false',
    });
  });
  afterAll(() => edge.close());

  const request = (path: string, options?: RestOptions) => rest(`${edge.url}${path}`, options);
  const makeRoom = async (settings?: object) =>
    (await request('/v1/rooms', { key: KEY, body: settings === undefined ? {} : { settings } })).body;

  /** Expects a problem document, and gives its code, or its code and field. */
  async function problemOf(path: string, options?: RestOptions): Promise<string> {
    const { status, body, headers } = await request(path, options);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(problemSchema.parse(body)).toEqual(body);
    expect(body.status).toBe(status);
    return body.field === undefined ? `${status} ${body.code}` : `${status} ${body.code} ${body.field}`;
  }

  it('creates rooms for those with an API key only', async () => {
    const { status, body } = await request('/v1/rooms', { key: KEY, body: { settings: { maxPlayers: 5 } } });
    expect(status).toBe(201);
    expect(createRoomAnswerSchema.parse(body)).toEqual(body);
    expect(await problemOf('/v1/rooms', { body: {} })).toBe('401 unauthorized');
    expect(await problemOf('/v1/rooms', { body: {}, key: 'no-key' })).toBe('401 unauthorized');
    expect(await problemOf('/v1/rooms', { body: {}, key: body.hostToken })).toBe('401 unauthorized');
    const noBody = await request('/v1/rooms', { key: KEY, method: 'POST' });
    expect(noBody.status).toBe(201);
  });

  it('tells of a room to API keys and to its host, to nobody else', async () => {
    const [room, other] = [await makeRoom({ maxPlayers: 5 }), await makeRoom()];
    const player = await edge.join({ pin: room.pin });
    const { body } = await request(`/v1/rooms/${room.roomId}`, { key: KEY });
    expect(roomInfoSchema.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      pin: room.pin,
      players: 1,
      settings: { maxPlayers: 5 },
      snapshot: { phase: 'idle' },
    });
    expect((await request(`/v1/rooms/${room.roomId}`, { key: room.hostToken })).status).toBe(200);
    const { token } = await player.call('room:join', { pin: room.pin });
    expect(await problemOf(`/v1/rooms/${room.roomId}`)).toBe('401 unauthorized');
    expect(await problemOf(`/v1/rooms/${room.roomId}`, { key: other.hostToken })).toBe('401 unauthorized');
    expect(await problemOf(`/v1/rooms/${room.roomId}`, { key: token })).toBe('403 forbidden');
    expect(await problemOf('/v1/rooms/000nosuchroom', { key: KEY })).toBe('404 room_not_found');
    expect(await problemOf('/v1/rooms/%E0%A4%A', { key: KEY })).toBe('400 invalid_payload ');
  });

  it('makes tokens for every role, also a lost host token', async () => {
    const { roomId } = await makeRoom();
    for (const role of ['host', 'co-host', 'spectator', 'player']) {
      const { status, body } = await request(`/v1/rooms/${roomId}/tokens`, {
        key: KEY,
        body: { role, name: 'Ada' },
      });
      expect([status, body.role]).toEqual([201, role]);
      expect(await (await edge.connect()).call('room:join', { token: body.token })).toMatchObject({
        ok: true,
        role,
        playerId: body.playerId,
      });
    }
    const path = `/v1/rooms/${roomId}/tokens`;
    expect(await problemOf(path, { key: KEY, body: { role: 'king' } })).toBe('400 invalid_payload role');
    expect(await problemOf(path, { key: KEY, body: { role: 'host', ttlMs: 1 } })).toBe(
      '400 invalid_payload ttlMs',
    );
    const { body } = await request(path, { key: KEY, body: { role: 'co-host' } });
    expect(await problemOf(path, { key: body.token, body: { role: 'host' } })).toBe('403 forbidden');
  });

  it('plays a question', async () => {
    const { roomId, pin, hostToken } = await makeRoom();
    const player = await edge.join({ pin });
    const path = `/v1/rooms/${roomId}/question`;
    const post = (step: string, body: object = {}) => request(`${path}${step}`, { key: hostToken, body });
    const start = { questionId: 'q', durationMs: 20_000, content: null, commandId: 'c' };
    const started = await post('', start);
    expect(started.status).toBe(200);
    expect(questionAnswerSchema.parse(started.body)).toEqual(started.body);
    expect(started.body.snapshot).toMatchObject({ phase: 'open', content: null });
    expect((await post('', start)).body).toMatchObject({ repeated: true });
    expect((await post('/pause')).body.snapshot.phase).toBe('paused');
    expect((await post('/extend', { byMs: 1_000 })).body.snapshot.durationMs).toBe(21_000);
    expect((await post('/resume')).body.snapshot.phase).toBe('open');
    expect((await post('/stop')).body.snapshot).toMatchObject({ phase: 'closed', reason: 'stopped' });
    await player.waitFor('question:closed');
    expect(await problemOf(`${path}/stop`, { key: KEY, body: {} })).toBe('409 wrong_phase');
    expect(await problemOf(path, { key: KEY, body: { questionId: 'q' } })).toBe(
      '400 invalid_payload durationMs',
    );
    expect(await problemOf(path, { body: { questionId: 'q' } })).toBe('401 unauthorized');
  });

  it('closes a room', async () => {
    const { roomId, pin } = await makeRoom();
    const player = await edge.join({ pin });
    const gone = await request(`/v1/rooms/${roomId}`, { method: 'DELETE', key: KEY });
    expect([gone.status, gone.body]).toEqual([204, undefined]);
    await player.waitFor('room:closed');
    expect(await problemOf(`/v1/rooms/${roomId}`, { method: 'DELETE', key: KEY })).toBe('404 room_not_found');
    expect(await problemOf(`/v1/rooms/${roomId}`, { key: KEY })).toBe('404 room_not_found');
  });

  it('refuses bodies that are too large, no JSON, or no object', async () => {
    const body = { settings: { webhook: `https://x.example/${'x'.repeat(16_400)}` } };
    expect(await problemOf('/v1/rooms', { key: KEY, body })).toBe('413 too_large');
    expect(await problemOf('/v1/rooms', { key: KEY, body: '{"settings":' })).toBe('400 invalid_payload ');
    expect(await problemOf('/v1/rooms', { key: KEY, body: '[1]' })).toBe('400 invalid_payload ');
    expect(await problemOf('/v1/rooms', { key: KEY, body: '7' })).toBe('400 invalid_payload ');
    const headers = { 'content-type': 'text/plain' };
    expect(await problemOf('/v1/rooms', { key: KEY, body: { settings: 1 }, headers })).toBe(
      '400 invalid_payload settings',
    );
    const charset = { 'content-type': 'application/json; charset=latin1' };
    expect(await problemOf('/v1/rooms', { key: KEY, body: {}, headers: charset })).toBe(
      '400 invalid_payload ',
    );
  });

  it('says of an unknown route that there is none', async () => {
    expect(await problemOf('/v1/nothing')).toBe('404 not_found');
    expect(await problemOf('/v1/rooms', { method: 'PUT', body: {}, key: KEY })).toBe('404 not_found');
  });

  it('lets pages of the listed origins in, over REST and by websocket', async () => {
    const allowed = { origin: 'https://quiz.example.com' };
    const answer = await request('/health/live', { headers: allowed });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://quiz.example.com');
    const client = await TestClient.connect(edge.url, { headers: allowed });
    client.close();
    const evil = { origin: 'https://evil.example' };
    const refusedAnswer = await request('/health/live', { headers: evil });
    expect(refusedAnswer.headers.get('access-control-allow-origin')).toBeNull();
    await expect(TestClient.connect(edge.url, { headers: evil })).rejects.toThrow();
    expect(await edge.count('quizbell_limit_refusals_total', 'limit="origin"')).toBe(1);
  });

  it('tells a client of another namespace where to go, with a code', async () => {
    const socket = io(edge.url, { transports: ['websocket'], reconnection: false });
    const error = await new Promise((resolve) => socket.once('connect_error', resolve));
    expect(error).toHaveProperty('data', {
      code: 'invalid_payload',
      field: 'namespace',
      message: expect.stringContaining('/quiz'),
      retryable: false,
    });
    socket.disconnect();
  });

  it('is ready as long as its checks are', async () => {
    expect((await request('/health/live')).body).toEqual({ status: 'ok', checks: {} });
    expect((await request('/health/ready')).body).toEqual({
      status: 'ok',
      checks: { store: true, accepting: true },
    });
    edge.trouble.isUnready = true;
    const { status, body } = await request('/health/ready');
    expect([status, body.status]).toEqual([503, 'unavailable']);
    edge.trouble.isUnready = false;
  });

  it('is unavailable, with 503, while the store is away', async () => {
    const { roomId } = await makeRoom();
    edge.trouble.isStoreAway = true;
    try {
      expect(await problemOf(`/v1/rooms/${roomId}`, { key: KEY })).toBe('503 unavailable');
    } finally {
      edge.trouble.isStoreAway = false;
    }
  });

  it('tells its clients before it closes', async () => {
    const closing = await startEdge();
    const client = await closing.join({ pin: (await closing.createRoom()).pin });
    await closing.stop();
    const draining = await client.waitFor('server:draining');
    expect(await client.ended).toMatch(/disconnect|transport/);
    expect(draining.payload.reconnectAfterMs).toBeGreaterThanOrEqual(0);
  });
});

describe('the webhook of a room in production', () => {
  it('is an https address of the internet, unless internal ones are allowed', async () => {
    const production = {
      NODE_ENV: 'production',
      QUIZBELL_SECRET: 'a-production-secret-of-32-characters',
      QUIZBELL_API_KEYS: KEY,
      QUIZBELL_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    };
    const strict = await startEdge(production);
    const lenient = await startEdge({ ...production, QUIZBELL_WEBHOOK_ALLOW_PRIVATE: 'true' });
    try {
      const create = (edge: TestEdge, webhook: string) =>
        rest(`${edge.url}/v1/rooms`, { key: KEY, body: { settings: { webhook } } });
      for (const webhook of ['http://quiz.example.com/', 'https://127.0.0.1/', 'https://[::7f00:1]/']) {
        const { status, body } = await create(strict, webhook);
        expect([status, body.code, body.field]).toEqual([400, 'invalid_payload', 'settings.webhook']);
        expect((await create(lenient, webhook)).status).toBe(201);
      }
      expect((await create(strict, 'https://quiz.example.com/')).status).toBe(201);
    } finally {
      await Promise.all([strict.close(), lenient.close()]);
    }
  });
});

describe('rooms for everybody in production', () => {
  it('are limited per address, but not for API keys', async () => {
    const edge = await startEdge({
      NODE_ENV: 'production',
      QUIZBELL_SECRET: 'a-production-secret-of-32-characters',
      QUIZBELL_PUBLIC_ROOMS: 'true',
      QUIZBELL_API_KEYS: KEY,
    });
    try {
      const create = (key?: string) =>
        rest(`${edge.url}/v1/rooms`, { body: {}, ...(key === undefined ? {} : { key }) });
      for (let made = 0; made < 10; made++) expect((await create()).status).toBe(201);
      const limited = await create();
      expect([limited.status, limited.body.code]).toEqual([429, 'rate_limited']);
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await create(KEY)).status).toBe(201);
    } finally {
      await edge.close();
    }
  });
});

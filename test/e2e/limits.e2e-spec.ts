import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import {
  type Ack,
  eventually,
  type LooseJson,
  rest,
  startGateway,
  startScheduler,
  stopAllProcesses,
  TestClient,
  type TestServerProcess,
  uniquePrefix,
} from '#libs/testing';
import {
  accepted,
  closeAllClients,
  connect,
  createRoom,
  type TestRoom,
  tokenFor,
} from './support/room.client.js';

jest.setTimeout(180_000);

afterEach(closeAllClients);
afterAll(stopAllProcesses);

const WRONG_PIN_LIMIT = 100;
const CLASS = 500;
const JOIN_WINDOW_MS = 10_000;

const clients: TestClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

/** A client that a proxy sends on, with the address that the proxy saw. */
async function connectFrom(url: string, address: string): Promise<TestClient> {
  const client = await TestClient.connect(url, { headers: { 'x-forwarded-for': address } });
  clients.push(client);
  return client;
}

/** What a connection was told instead of being let in. */
function refusalOf(url: string): Promise<LooseJson> {
  const socket = io(`${url}/quiz`, { transports: ['websocket'], forceNew: true, reconnection: false });
  return new Promise((resolve, reject) => {
    const closed = new Promise<void>((done) => {
      socket.io.engine.once('close', () => done());
    });
    socket.once('connect', () => {
      socket.disconnect();
      reject(new Error('it was let in'));
    });
    socket.once('connect_error', async (error: Error & { data?: unknown }) => {
      await closed;
      resolve(error.data);
    });
  });
}

/** What a client that stays is sent until the gateway closes the connection. */
function framesUntilClosed(url: string): Promise<string[]> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const frames: string[] = [];
  return new Promise((resolve, reject) => {
    socket.on('open', () => socket.send('40/quiz,'));
    socket.on('message', (data) => frames.push(String(data)));
    socket.on('error', reject);
    socket.on('close', () => resolve(frames));
  });
}

/** The value of a counter in the gateway's metrics. */
async function counted(gateway: TestServerProcess, limit: string): Promise<number> {
  const line = gateway.lines.find((text) => text.includes('health and metrics are served'));
  const { port } = JSON.parse(line ?? '{}');
  const { body } = await rest(`http://127.0.0.1:${port}/metrics`);
  const match = new RegExp(`^quizbell_limit_refusals_total\\{limit="${limit}"\\} (\\d+)`, 'm').exec(body);
  return Number(match?.[1] ?? 0);
}

/** PINs that no room has. */
function* wrongPins(room: TestRoom): Generator<string> {
  for (let pin = 0; ; pin++) {
    const text = String(pin).padStart(6, '0');
    if (text !== room.pin) yield text;
  }
}

/** Guesses over both gateways in turn until locked out; the answers. */
async function guessUntilLocked(guessers: readonly TestClient[], room: TestRoom): Promise<Ack[]> {
  const answers: Ack[] = [];
  for (const pin of wrongPins(room)) {
    const guesser = guessers[answers.length % guessers.length] as TestClient;
    const answer = await guesser.call('room:join', { pin });
    answers.push(answer);
    if (answer.error?.code !== 'room_not_found' || answers.length > 2 * WRONG_PIN_LIMIT) return answers;
  }
  return answers;
}

/** While Redis is too slow to say that an address is locked out, its gateway lets it in: so it asks at most so often. */
const ASKED_AT_MOST = 4;

/** Joins with the right PIN until that is refused, each time as somebody else; the last answer. */
async function joinUntilRefused(
  room: TestRoom,
  somebody: (tries: number) => Promise<TestClient> | TestClient | undefined,
): Promise<Ack | undefined> {
  for (let tries = 1; ; tries++) {
    const answer = await (await somebody(tries))?.call('room:join', { pin: room.pin });
    if (!answer?.ok || tries === ASKED_AT_MOST) return answer;
  }
}

/** Every guess up to the limit was told that it was wrong, and the next one that it must wait. */
function expectLocked(answers: readonly Ack[]): void {
  expect(answers.length).toBeGreaterThan(WRONG_PIN_LIMIT);
  // A guess that Redis was too slow to count is counted by its gateway alone.
  expect(answers.length).toBeLessThanOrEqual(WRONG_PIN_LIMIT + 5);
  const codes = answers.map((ack) => ack.error?.code);
  expect(codes).toEqual([...Array(answers.length - 1).fill('room_not_found'), 'rate_limited']);
}

describe('gateways with the settings that nobody changed', () => {
  const prefix = uniquePrefix('limits');
  let gateways: readonly [TestServerProcess, TestServerProcess];
  let room: TestRoom;

  beforeAll(async () => {
    await startScheduler({ prefix });
    // The harness sets one of them for other tests.
    const env = { QUIZBELL_RATE_EVENTS: undefined };
    gateways = [await startGateway({ prefix, env }), await startGateway({ prefix, env })];
    room = await createRoom(gateways[0].url);
  });

  it('let a class of 500 in that joins from one address within 10 s', async () => {
    /** How long a class took to join (ms). */
    const joinAll = async () => {
      const { pin } = await createRoom(gateways[0].url);
      const members = await Promise.all(
        Array.from({ length: CLASS }, (_, i) => connect(gateways[i % 2]?.url ?? '')),
      );
      const began = performance.now();
      const acks = await Promise.all(
        members.map((member, i) => member.call('room:join', { pin, name: `Student ${i}` }, 60_000)),
      );
      const tookMs = performance.now() - began;
      for (const member of members) member.close();
      expect(acks.filter((ack) => !ack.ok)).toEqual([]);
      expect(new Set(acks.map((ack) => ack.playerId)).size).toBe(CLASS);
      return tookMs;
    };
    // A window of the limit must see them all, or this says nothing; the next class begins in a new one.
    for (let classes = 1; (await joinAll()) >= JOIN_WINDOW_MS; classes++) {
      expect(classes).toBeLessThan(4);
      await sleep(JOIN_WINDOW_MS);
    }
    for (const gateway of gateways) expect(await counted(gateway, 'join_rate')).toBe(0);
  });

  it('lock an address out that guesses PINs, at both of them, but not a token; a header changes nothing', async () => {
    const [one, two] = gateways;
    const token = await tokenFor(one.url, room, 'player');
    const answers = await guessUntilLocked([await connect(one.url), await connect(two.url)], room);
    expectLocked(answers);
    for (const { url } of gateways) {
      const locked = await joinUntilRefused(room, () => connect(url));
      expect(locked).toMatchObject({ ok: false, error: { code: 'rate_limited', retryable: true } });
      expect(locked?.error?.retryAfterMs).toBeGreaterThan(0);
      expect(locked?.error?.retryAfterMs).toBeLessThanOrEqual(60_000);
    }
    const pretender = () => connectFrom(one.url, '198.51.100.9');
    expect(await joinUntilRefused(room, pretender)).toMatchObject({ error: { code: 'rate_limited' } });
    accepted(await (await pretender()).call('room:join', { token }));
    expect(await counted(one, 'wrong_pin_address')).toBeGreaterThanOrEqual(2);
  });
});

describe('gateways behind a proxy', () => {
  const prefix = uniquePrefix('limits-proxy');
  let gateways: readonly [TestServerProcess, TestServerProcess];
  let room: TestRoom;

  beforeAll(async () => {
    const env = { QUIZBELL_TRUST_PROXY: '1', QUIZBELL_RATE_WRONG_PINS_OVERALL: '120/60s' };
    await startScheduler({ prefix });
    gateways = [await startGateway({ prefix, env }), await startGateway({ prefix, env })];
    room = await createRoom(gateways[0].url);
  });

  it('lock out the address that the proxy saw, and while too many guess, whoever has guessed', async () => {
    const [one, two] = gateways;
    const guessers = [await connectFrom(one.url, '203.0.113.1'), await connectFrom(two.url, '203.0.113.1')];
    expectLocked(await guessUntilLocked(guessers, room));
    for (const { url } of gateways) {
      const locked = () => connectFrom(url, '203.0.113.1');
      expect(await joinUntilRefused(room, locked)).toMatchObject({ ok: false });
      accepted(await (await connectFrom(url, '203.0.113.2')).call('room:join', { pin: room.pin }));
    }
    // What the client itself claims comes before what the proxy adds.
    const claimed = () => connectFrom(one.url, '203.0.113.99, 203.0.113.1');
    expect(await joinUntilRefused(room, claimed)).toMatchObject({ ok: false });

    const pins = wrongPins(room);
    const last: TestClient[] = [];
    for (let i = 0; i < 25; i++) {
      const guesser = await connectFrom(two.url, `198.51.100.${i}`);
      const { value } = pins.next();
      expect(await guesser.call('room:join', { pin: value })).toMatchObject({
        error: { code: 'room_not_found' },
      });
      last.push(guesser);
    }
    expect(await joinUntilRefused(room, (tries) => last.at(-tries))).toMatchObject({
      error: { code: 'rate_limited' },
    });
    accepted(await (await connectFrom(two.url, '192.0.2.200')).call('room:join', { pin: room.pin }));
    expect(await counted(two, 'wrong_pin_overall')).toBe(1);
  });
});

describe('a gateway with narrow limits', () => {
  const prefix = uniquePrefix('limits-narrow');
  const env = {
    QUIZBELL_TRUST_PROXY: '1',
    QUIZBELL_MAX_CONNECTIONS: '12',
    QUIZBELL_MAX_CONNECTIONS_PER_ADDRESS: '5',
    QUIZBELL_RATE_EVENTS: '20/60s',
    QUIZBELL_RATE_REST: '10/60s',
    QUIZBELL_MAX_ROOMS: '3',
  };
  let gateway: TestServerProcess;

  beforeAll(async () => {
    await startScheduler({ prefix });
    gateway = await startGateway({ prefix, env });
  });

  it('tells a connection too many of an address why, closes it, and has place again when another ends', async () => {
    const five = [];
    for (let i = 0; i < 5; i++) five.push(await connect(gateway.url));
    expect(await refusalOf(gateway.url)).toMatchObject({
      code: 'rate_limited',
      retryable: true,
      retryAfterMs: 5_000,
      message: expect.stringContaining('address'),
    });
    const frames = await framesUntilClosed(gateway.url);
    expect(frames.at(-1)).toMatch(/^44\/quiz,.*"retryAfterMs":5000/);
    expect(await counted(gateway, 'connections_per_address')).toBe(2);
    five[0]?.close();
    await eventually(() => connect(gateway.url), { message: 'no place came free' });
  });

  it('tells a connection too many in all', async () => {
    await eventually(
      async () => {
        for (let i = 0; i < 12; i++) await connectFrom(gateway.url, `203.0.113.${i}`).catch(() => undefined);
        return refusalOf(gateway.url);
      },
      { message: 'it never was full' },
    );
    expect(await refusalOf(gateway.url)).toMatchObject({
      code: 'rate_limited',
      message: 'This gateway is full.',
    });
    expect(await counted(gateway, 'connections')).toBeGreaterThan(0);
  });

  it('refuses events above the rate by their acks, and ends a connection that goes on', async () => {
    const client = await eventually(() => connectFrom(gateway.url, '192.0.2.77').catch(() => undefined), {
      message: 'the connections of the tests before did not end',
    });
    const acks = [];
    for (let i = 0; i < 22; i++) acks.push(await client.call('clock:sync', { sentAt: i }));
    expect(acks.map((ack) => ack.ok)).toEqual([...Array(20).fill(true), false, false]);
    expect(acks.at(-1)).toMatchObject({ error: { code: 'rate_limited', retryable: true } });
    expect(acks.at(-1)?.error?.retryAfterMs).toBeGreaterThan(0);
    for (let i = 0; i < 250; i++) client.send('clock:sync', { sentAt: i });
    await client.ended;
    expect(await counted(gateway, 'flood')).toBe(1);
    // Without an ack nobody is told, but it counts.
    expect(await counted(gateway, 'event_rate')).toBeGreaterThan(100);
  });

  it('makes so many rooms and says then that it is full; a closed room makes place', async () => {
    const create = (from: string) =>
      rest(`${gateway.url}/v1/rooms`, { body: {}, headers: { 'x-forwarded-for': from } });
    const made = await Promise.all(Array.from({ length: 6 }, (_, i) => create(`198.51.100.${i}`)));
    const rooms = made.filter(({ status }) => status === 201);
    expect(rooms).toHaveLength(3);
    for (const { status, body, headers } of made.filter((answer) => !rooms.includes(answer))) {
      expect([status, body.code, body.retryAfterMs]).toEqual([429, 'rate_limited', 60_000]);
      expect(headers.get('retry-after')).toBe('60');
    }
    expect(await counted(gateway, 'rooms')).toBe(3);
    const [{ body: room }] = rooms as [LooseJson];
    const closed = await rest(`${gateway.url}/v1/rooms/${room.roomId}`, {
      method: 'DELETE',
      key: room.hostToken,
    });
    expect(closed.status).toBe(204);
    expect((await create('198.51.100.10')).status).toBe(201);
    expect((await create('198.51.100.11')).status).toBe(429);
  });

  it('refuses requests of an address above the rate by a problem document, and counts them', async () => {
    const ask = () =>
      rest(`${gateway.url}/v1/rooms/nobody`, { headers: { 'x-forwarded-for': '203.0.113.250' } });
    for (let i = 0; i < 10; i++) expect((await ask()).status).toBe(401);
    let refused = await ask();
    // What Redis is too slow to count is counted by the gateway alone.
    for (let more = 1; refused.status === 401 && more < ASKED_AT_MOST; more++) refused = await ask();
    const { status, body, headers } = refused;
    expect([status, body.code, body.retryable]).toEqual([429, 'rate_limited', true]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await counted(gateway, 'rest_rate')).toBe(1);
    expect((await rest(`${gateway.url}/health/live`)).status).toBe(200);
  });
});

import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { io, type Socket } from 'socket.io-client';
import {
  eventually,
  eventuallyPasses,
  rest,
  TestClient,
  TutorialClient,
  type TutorialClientOptions,
} from '#libs/testing';
import { timerRoomId } from '../src/tutorial/tutorial.identity.js';
import { startEdge, type TestEdge } from './edge.fixture.js';

let edge: TestEdge;
const clients: TutorialClient[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  edge = await startEdge();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const socket of sockets.splice(0)) socket.disconnect();
  await edge.close();
});

async function connect(options?: TutorialClientOptions, url = edge.url): Promise<TutorialClient> {
  const client = await TutorialClient.connect(url, options);
  clients.push(client);
  return client;
}

const refusalOf = async (options: TutorialClientOptions) => {
  const refusal = await connect(options).then(
    () => undefined,
    (error) => error,
  );
  return [refusal?.message, refusal?.data?.code, refusal?.data?.field];
};
const done = { ok: true };
/** The room of the timer of a client that says nothing else. */
const roomId = timerRoomId(
  { knownBy: 'token', name: createHash('sha256').update('a-token').digest('hex') },
  'a-device',
  1,
);
const KEY = 'a-key';
/** Whatever ran is over, all that was sent before is done, and what is told of it has come. */
const stopped = async (client: TutorialClient) => expect(await client.call('timerStop')).toEqual(done);
/** What was sent before has arrived, and been tried once. */
const arrived = (client: TutorialClient) => client.call('timerStart', ',{"dur":"nothing"}');

describe('the tutorial client in the default namespace', () => {
  it('is told the seconds as soon as it starts, and nothing more after it stops', async () => {
    const client = await connect();
    client.start(20);
    await client.tick(20);
    client.stop();
    expect(await client.call('timerStop')).toEqual(done);
    expect(client.timers).toEqual([20]);
    const [open, admitted, ...rest] = client.frames;
    expect(open).toMatch(/^0\{"sid":"[^"]+","upgrades":\[\],"pingInterval":/);
    expect(admitted).toMatch(/^40\{"sid":"[^"]+"\}$/);
    expect(rest.filter((frame) => frame !== '2')).toEqual(['42["tick",{"timer":20}]', '431[{"ok":true}]']);
  });

  it('starts anew in place of a timer that runs, and after one that was stopped', async () => {
    const client = await connect();
    for (const dur of [20, 60, 60, 5]) client.start(dur);
    client.stop();
    expect(await client.call('timerStart', ',{"dur":86400}')).toEqual(done);
    expect(client.timers).toEqual([20, 60, 60, 5, 86_400]);
  });

  it('stops what does not run without complaint, whatever comes with it', async () => {
    const client = await connect();
    for (const args of ['', ',null', ',{}', ',{"dur":7}', ',1,2']) {
      expect(await client.call('timerStop', args)).toEqual(done);
    }
    client.start(20);
    await client.tick(20);
    client.send('42["timerStop",null]');
    await arrived(client);
    const later = await connect();
    await stopped(later);
    expect(later.timers).toEqual([]);
  });

  it.each([
    '',
    ',null',
    ',7',
    ',"20"',
    ',[]',
    ',[20]',
    ',{}',
    ',{"dur":"20"}',
    ',{"dur":null}',
    ',{"dur":true}',
    ',{"dur":[20]}',
    ',{"dur":0}',
    ',{"dur":-1}',
    ',{"dur":1.5}',
    ',{"dur":86401}',
    ',{"dur":1e999}',
    ',{"dur":20},{"dur":20}',
    ',{"dur":20},null',
  ])('starts nothing by timerStart%s, and says why', async (args) => {
    const client = await connect();
    const { ok, error } = await client.call('timerStart', args);
    expect([ok, error.code, error.field, error.retryable]).toEqual([false, 'invalid_payload', 'dur', false]);
    expect(client.timers).toEqual([]);
    const counted = 'event="timerStart",result="invalid_payload"';
    expect(await edge.count('quizbell_commands_total', counted)).toBe(1);
    expect(await edge.count('quizbell_refusals_dropped_total', counted)).toBe(0);
    client.send(`42["timerStart"${args}]`);
    await eventually(() => edge.count('quizbell_refusals_dropped_total', counted));
    client.start(3);
    await client.tick(3);
    expect(client.timers).toEqual([3]);
  });

  it('is refused events that the tutorial does not have, attachments and large frames', async () => {
    const client = await connect();
    const codes = [];
    for (const event of ['room:join', 'tick', '$binary', '$too_large']) {
      const { error } = await client.call(event, ',{"dur":20}');
      codes.push([error.code, error.field]);
    }
    expect(codes).toEqual([
      ['invalid_payload', 'event'],
      ['invalid_payload', 'event'],
      ['invalid_payload', ''],
      ['too_large', undefined],
    ]);
    const large = await client.call('timerStart', `,{"dur":20,"x":"${'x'.repeat(17_000)}"}`);
    expect(large.error.code).toBe('too_large');
    expect(await edge.count('quizbell_commands_total', 'event="unknown",result="invalid_payload"')).toBe(3);
    expect(client.timers).toEqual([]);
  });

  it('that connects while its timer runs is told at once, each connection of it each change', async () => {
    const first = await connect();
    first.start(20);
    await first.tick(20);
    const second = await connect();
    const { timer } = await eventually(() => second.ticks[0]);
    expect(timer).toBeGreaterThan(10);
    second.start(60);
    await Promise.all([first.tick(60), second.tick(60)]);
    await stopped(second);
    const third = await connect();
    await stopped(third);
    // On a slow machine a second has passed: what the second connection is told, the first is told too.
    const told = [...new Set([20, timer, 60])];
    expect([first.timers, second.timers, third.timers]).toEqual([told, [timer, 60], []]);
  });

  it('has a timer of its own for each token and for each device', async () => {
    const identities = [
      {},
      { deviceId: 'another' },
      { token: 'Bearer another' },
      { token: 'Bearer another', deviceId: 'another' },
    ];
    const all = () => Promise.all(identities.map((options) => connect(options)));
    const starting = await all();
    for (const [i, client] of starting.entries()) client.start((i + 1) * 1_000);
    for (const [i, client] of starting.entries()) await client.tick((i + 1) * 1_000);
    if (starting[0] !== undefined) await stopped(starting[0]);
    const later = await all();
    await Promise.all(later.map(stopped));
    // On a slow machine a second has passed: then the first connection is told what the later one is told.
    await eventuallyPasses(() =>
      expect(starting.map(({ timers }) => timers)).toEqual(
        later.map(({ timers }, i) => [...new Set([(i + 1) * 1_000, ...timers])]),
      ),
    );
    const shown = later.map(({ timers }) => timers.map((timer) => Math.ceil(timer / 1_000)));
    expect(shown).toEqual([[], [2], [3], [4]]);
  });

  it('that is not who it must be is refused by the words of the tutorial', async () => {
    const method = 'Invalid authentication method. Only Bearer is supported.';
    expect(await refusalOf({ token: null })).toEqual(['Token not provided', 'unauthorized', undefined]);
    expect(await refusalOf({ token: 'Basic x' })).toEqual([method, 'unauthorized', undefined]);
    expect(await refusalOf({ token: 'Bearer ' })).toEqual([
      'Authentication error',
      'unauthorized',
      undefined,
    ]);
    const [message, ...rest] = await refusalOf({ deviceId: null });
    expect([message, ...rest]).toEqual([expect.stringMatching(/deviceId/), 'invalid_payload', 'deviceId']);
    // The connection stays: the client may ask again with a token.
    expect(await edge.count('quizbell_connections', '')).toBe(0);
  });

  it('may be any client of Socket.IO', async () => {
    const socket = io(edge.url, {
      transports: ['websocket'],
      forceNew: true,
      auth: { token: 'Bearer a-token' },
      query: { deviceId: 'a-device' },
    });
    sockets.push(socket);
    const first = new Promise((resolve) => socket.once('tick', resolve));
    socket.emit('timerStart', { dur: 20 });
    expect(await first).toEqual({ timer: 20 });
    expect(await socket.timeout(20_000).emitWithAck('timerStop')).toEqual(done);
    const refused = await socket.timeout(20_000).emitWithAck('timerStart', { dur: Number.NaN });
    expect(refused.error).toMatchObject({ code: 'invalid_payload', field: 'dur' });
  });
});

describe('the limits of the edge', () => {
  const limited = async (env: Record<string, string>) => {
    await edge.close();
    edge = await startEdge(env);
  };

  it('hold for events', async () => {
    await limited({ QUIZBELL_RATE_EVENTS: '3/60s' });
    const client = await connect();
    for (let i = 0; i < 3; i++) expect(await client.call('timerStop')).toEqual(done);
    const { error } = await client.call('timerStart', ',{"dur":20}');
    expect(error).toMatchObject({ code: 'rate_limited', retryable: true });
    expect(error.retryAfterMs).toBeGreaterThan(0);
    for (let i = 0; i < 40; i++) client.stop();
    await client.ended;
    expect(await edge.count('quizbell_limit_refusals_total', 'limit="flood"')).toBe(1);
  });

  it('hold for connections', async () => {
    await limited({ QUIZBELL_MAX_CONNECTIONS: '1' });
    const first = await connect();
    const [message, code] = await refusalOf({});
    expect([message, code]).toEqual(['This gateway is full.', 'rate_limited']);
    first.start(20);
    await first.tick(20);
  });

  it('hold for rooms', async () => {
    await limited({ QUIZBELL_MAX_ROOMS: '1' });
    const [first, second] = [await connect(), await connect({ deviceId: 'another' })];
    expect(await first.call('timerStart', ',{"dur":20}')).toEqual(done);
    expect((await second.call('timerStart', ',{"dur":20}')).error.code).toBe('rate_limited');
    expect(await edge.count('quizbell_limit_refusals_total', 'limit="rooms"')).toBe(1);
  });
});

describe('while the store is away', () => {
  it('a command is tried again, so that a short outage is not noticed', async () => {
    const client = await connect();
    await stopped(client);
    edge.trouble.isStoreAway = true;
    client.start(20);
    await arrived(client);
    expect(client.timers).toEqual([]);
    edge.trouble.isStoreAway = false;
    await client.tick(20);
  });

  it('and stays away, a command is refused', async () => {
    const client = await connect();
    edge.trouble.isStoreAway = true;
    const { error } = await client.call('timerStart', ',{"dur":20}');
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('a client may connect, and is told of its timer when the store is back', async () => {
    const first = await connect();
    first.start(60);
    await first.tick(60);
    edge.trouble.isStoreAway = true;
    edge.trouble.isChannelDeaf = true;
    const second = await connect();
    edge.trouble.isStoreAway = false;
    edge.trouble.isChannelDeaf = false;
    await eventually(() => second.ticks.length > 0);
  });
});

describe('after a gap', () => {
  beforeEach(async () => {
    await edge.close();
    edge = await startEdge({ QUIZBELL_API_KEYS: KEY });
  });

  /** Does what this gateway's tutorial clients do not hear. */
  async function unheard(step: string, body: object): Promise<void> {
    edge.trouble.isSilent = true;
    const { status } = await rest(`${edge.url}/v1/rooms/${roomId}/question${step}`, { key: KEY, body });
    expect(status).toBe(200);
    edge.trouble.isSilent = false;
  }

  /** Waits for the value after the first one, of a timer of 40 s that may be told late. */
  async function fortyOrLess(client: TutorialClient): Promise<number> {
    const { timer } = await eventually(() => client.ticks[1]);
    expect(timer).toBeLessThanOrEqual(40);
    expect(timer).toBeGreaterThanOrEqual(30);
    return timer;
  }

  it('what a timer does by then is told', async () => {
    const client = await connect();
    client.start(60);
    await client.tick(60);
    await unheard('/stop', {});
    await unheard('', { questionId: 'timer', durationMs: 40_000 });
    edge.gap();
    const second = await fortyOrLess(client);
    await unheard('/extend', { byMs: -39_999 });
    edge.gap();
    await client.tick(0);
    edge.gap();
    await stopped(client);
    expect(client.timers).toEqual([60, second, 0]);
  });

  it('it is tried again while the store is away', async () => {
    const client = await connect();
    client.start(60);
    await client.tick(60);
    await unheard('/stop', {});
    await unheard('', { questionId: 'timer', durationMs: 40_000 });
    edge.trouble.isStoreAway = true;
    edge.gap();
    await arrived(client);
    expect(client.timers).toEqual([60]);
    edge.trouble.isStoreAway = false;
    await fortyOrLess(client);
  });
});

it('nobody joins the room of a timer by its id: its PIN is none', async () => {
  const client = await connect();
  client.start(60);
  await client.tick(60);
  const native = await TestClient.connect(edge.url);
  const { error } = await native.call('room:join', { pin: roomId });
  expect(error).toMatchObject({ code: 'invalid_payload', field: 'pin' });
  expect(await edge.store.findByPin(roomId)).toBe(roomId);
  native.close();
});

describe('tutorial mode', () => {
  const SECRET = 'bT7_kqLw0ZpXyR4vNc2sMdUeHg9iAfJo';
  let issued = 0;
  const tokenOf = (sub: string) =>
    new SignJWT({ jti: String(issued++) })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(sub)
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(SECRET));

  it.each([
    ['in production', { NODE_ENV: 'production', QUIZBELL_SECRET: SECRET, QUIZBELL_API_KEYS: KEY }],
    ['where it is switched off', { QUIZBELL_TUTORIAL_MODE: 'false' }],
  ])('is off %s: a client is told where to go', async (_, env) => {
    await edge.close();
    edge = await startEdge(env);
    const elsewhere = ['Connect to the namespace /quiz.', 'invalid_payload', 'namespace'];
    expect(await refusalOf({})).toEqual(elsewhere);
    const native = await TestClient.connect(edge.url);
    native.close();
  });

  it('is on in production where that is said, and takes the users that its secret proves', async () => {
    await edge.close();
    edge = await startEdge({
      NODE_ENV: 'production',
      QUIZBELL_SECRET: 'Vw8-qTzRk3_LpXn0YcJs5MdHuGe2iAbF',
      QUIZBELL_API_KEYS: KEY,
      QUIZBELL_TUTORIAL_MODE: 'true',
      QUIZBELL_TUTORIAL_SECRET: SECRET,
    });
    expect(await refusalOf({})).toEqual(['Authentication error', 'unauthorized', undefined]);
    const [ada, again, bob] = [
      await connect({ token: `Bearer ${await tokenOf('ada')}` }),
      await connect({ token: `Bearer ${await tokenOf('ada')}` }),
      await connect({ token: `Bearer ${await tokenOf('bob')}` }),
    ];
    ada.start(60);
    await Promise.all([ada.tick(60), again.tick(60)]);
    await stopped(bob);
    expect([ada.timers, again.timers, bob.timers]).toEqual([[60], [60], []]);
  });
});

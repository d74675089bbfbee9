import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type LooseJson, rest } from '#libs/testing';
import { acceptedRows, answer, outcomeOf } from './support/answer.client.js';
import { cheatScene } from './support/cheat.scene.js';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { expectProblem, expectRefused } from './support/refusal.matcher.js';
import {
  changesOf,
  closeAllClients,
  command,
  commandSnapshot,
  connect,
  createRoom,
  hostOf,
  join,
  memberOf,
  playerOf,
  startOf,
  type TestMember,
  type TestRoom,
  tokenFor,
} from './support/room.client.js';

// Somebody wants to be somebody else: the host, another player, or who they were before they were put out.

const SECRET = 'the-secret-of-the-cheated-installation-0123456789';

let cluster: Cluster;
let room: TestRoom;
let host: TestMember;
let cheat: TestMember;
let honest: TestMember;

beforeAll(async () => {
  cluster = await startCluster('cheats-identity', { env: { QUIZBELL_SECRET: SECRET } });
});
beforeEach(async () => {
  ({ room, host, cheat, honest } = await cheatScene(cluster));
});
afterEach(closeAllClients);
afterAll(() => cluster?.stop());

const start = (questionId: string, more: object = {}) =>
  commandSnapshot(host.client, 'question:start', startOf(questionId, more));
const stop = () => commandSnapshot(host.client, 'question:stop');
const outcome = (questionId: string) => outcomeOf(cluster.a.url, room, questionId);

/** Every command of a host, that would do something in a room with an open question. */
const hostCommands = (victim: string): [string, object][] => [
  ['question:start', startOf('another')],
  ['question:pause', {}],
  ['question:resume', {}],
  ['question:extend', { byMs: 60_000 }],
  ['question:extend', { byMs: -60_000 }],
  ['question:stop', {}],
  ['room:close', {}],
  ['room:roster', {}],
  ['member:kick', { playerId: victim }],
  ['member:kick', { playerId: victim, ban: true }],
];

/** Every REST request that a host may make, on that room. */
const hostRequests = (
  target: TestRoom,
  victim: string,
): [method: 'GET' | 'POST' | 'DELETE', path: string, body?: object][] => {
  const route = `/v1/rooms/${target.roomId}`;
  return [
    ['GET', route],
    ['POST', `${route}/tokens`, { role: 'host' }],
    ['POST', `${route}/question`, startOf('another')],
    ['POST', `${route}/question/pause`, {}],
    ['POST', `${route}/question/resume`, {}],
    ['POST', `${route}/question/extend`, { byMs: 60_000 }],
    ['POST', `${route}/question/stop`, {}],
    ['GET', `${route}/questions/q/outcome`],
    ['GET', `${route}/outcomes`],
    ['POST', `${route}/players/${victim}/kick`, { ban: true }],
    ['DELETE', `${route}/players/${victim}`],
    ['DELETE', route],
  ];
};

async function expectAllProblems(
  key: string,
  target: TestRoom,
  victim: string,
  code: 'unauthorized' | 'forbidden',
): Promise<void> {
  for (const [method, path, body] of hostRequests(target, victim)) {
    for (const { url } of [cluster.a, cluster.b]) {
      expectProblem(await rest(`${url}${path}`, { method, key, body }), code);
    }
  }
}

/** The room went on as if nothing had been tried: one start, nobody gone, and both answers of honest people count. */
async function expectUntouched(): Promise<void> {
  expect(changesOf(honest.client).map(({ event }) => event)).toEqual(['question:started']);
  const { members } = await command(host.client, 'room:roster');
  const names = members.map(({ name }: LooseJson) => name);
  expect(names).toEqual(expect.arrayContaining(['Ada', 'Mallory']));
  expect(await answer(honest.client, 'q', 'right')).toMatchObject({ verdict: 'accepted' });
  const { snapshot } = await command(honest.client, 'room:join', { token: honest.token });
  expect(snapshot).toMatchObject({ phase: 'open', questionId: 'q', durationMs: 60_000 });
}

describe('a player that acts as host', () => {
  it('is forbidden every command of a host, also with a role in the payload', async () => {
    const { runId } = await start('q');
    const claims = { runId, role: 'host', token: room.hostToken, playerId: host.playerId };
    for (const [event, payload] of hostCommands(honest.playerId)) {
      expectRefused(await cheat.client.call(event, { ...claims, ...payload }), 'forbidden');
    }
    await expectUntouched();
  });

  it('is forbidden every REST request of a host, at both gateways', async () => {
    await start('q');
    await expectAllProblems(cheat.token, room, honest.playerId, 'forbidden');
    await expectUntouched();
  });

  // A screen may read them: they have the right answer to a question that may be played again.
  it('reads no results', async () => {
    await start('q', { correct: 'right' });
    for (const { url } of [cluster.a, cluster.b]) {
      const route = `${url}/v1/rooms/${room.roomId}/questions/q/results`;
      expectProblem(await rest(route, { key: cheat.token }), 'forbidden');
      expectProblem(await rest(route, { key: room.pin }), 'unauthorized');
      expectProblem(await rest(route), 'unauthorized');
    }
    await expectUntouched();
  });

  it('without a token finds every REST request closed', async () => {
    await start('q');
    for (const key of ['', room.pin, room.roomId, cheat.playerId, host.playerId]) {
      await expectAllProblems(key, room, honest.playerId, 'unauthorized');
    }
    await expectUntouched();
  });

  it('cannot join as host by the PIN, or change who it is on its own socket', async () => {
    const client = await connect(cluster.b.url);
    const claims = { role: 'host', playerId: host.playerId, sub: host.playerId };
    const ack = await command(client, 'room:join', { pin: room.pin, name: 'Host', ...claims });
    expect(ack.role).toBe('player');
    expect([host.playerId, honest.playerId]).not.toContain(ack.playerId);
    const again = { pin: room.pin, name: 'Ada', role: 'host', playerId: honest.playerId };
    expect(await command(client, 'room:join', again)).toMatchObject({
      role: 'player',
      playerId: ack.playerId,
      name: ack.name,
    });
    expectRefused(await client.call('question:start', startOf('mine')), 'forbidden');
  });
});

const base64 = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1_000);

describe('a forged token', () => {
  const goodClaims = (more: object = {}) => ({
    rid: room.roomId,
    role: 'host',
    name: 'Ada',
    sub: honest.playerId,
    iat: now(),
    exp: now() + 600,
    ...more,
  });
  function signed(
    claims: object,
    key: string | Buffer,
    header: object = { alg: 'HS256', typ: 'JWT' },
  ): string {
    const text = `${base64(header)}.${base64(claims)}`;
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  }
  /** The claims of a real token, changed, under its old signature. */
  function changed(token: string, more: object): string {
    const [header, claims = '', signature] = token.split('.');
    const old = JSON.parse(Buffer.from(claims, 'base64url').toString());
    return [header, base64({ ...old, ...more }), signature].join('.');
  }

  it('made with the right secret is taken: so the forgeries below fail for their own reason', async () => {
    const { ack } = await join(cluster.b.url, { token: signed(goodClaims({ sub: 'h_other' }), SECRET) });
    expect(ack).toMatchObject({ role: 'host', playerId: 'h_other' });
  });

  it.each<[string, () => string]>([
    ['without a signature', () => `${base64({ alg: 'none', typ: 'JWT' })}.${base64(goodClaims())}.`],
    [
      'that says alg none and is signed all the same',
      () => signed(goodClaims(), SECRET, { alg: 'none', typ: 'JWT' }),
    ],
    ['that says NONE in capitals', () => `${base64({ alg: 'NONE' })}.${base64(goodClaims())}.`],
    ['signed by another secret', () => signed(goodClaims(), 'some-other-secret-0123456789abcdefghij')],
    ['signed by no secret', () => signed(goodClaims(), '')],
    ['signed by a public text: the PIN', () => signed(goodClaims(), room.pin)],
    ['signed by a public text: the room id', () => signed(goodClaims(), room.roomId)],
    ['signed by a public text: the own token', () => signed(goodClaims(), cheat.token)],
    [
      'that brings its own key along',
      () =>
        signed(goodClaims(), 'own-key', {
          alg: 'HS256',
          jwk: { kty: 'oct', k: base64('own-key') },
          kid: '../../../dev/null',
          crit: ['jwk'],
        }),
    ],
    [
      'signed by the right secret, but by HS512',
      () => {
        const text = `${base64({ alg: 'HS512', typ: 'JWT' })}.${base64(goodClaims())}`;
        return `${text}.${createHmac('sha512', SECRET).update(text).digest('base64url')}`;
      },
    ],
    ['that says RS256', () => signed(goodClaims(), SECRET, { alg: 'RS256', typ: 'JWT' })],
    ['of a player whose role was changed', () => changed(cheat.token, { role: 'host' })],
    ['of a player made a co-host', () => changed(cheat.token, { role: 'co-host' })],
    ['of a player whose id was changed', () => changed(cheat.token, { sub: honest.playerId })],
    [
      'of a player whose room was changed',
      // One room of 36 ends with an x itself.
      () => changed(cheat.token, { rid: room.roomId.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x')) }),
    ],
    ['of a player whose life was prolonged', () => changed(cheat.token, { exp: now() + 10 ** 9 })],
    ['that has expired', () => signed(goodClaims({ iat: now() - 900, exp: now() - 300 }), SECRET)],
    ['that never expires', () => signed(goodClaims({ exp: undefined }), SECRET)],
    ['of a role that there is not', () => signed(goodClaims({ role: 'admin' }), SECRET)],
    ['of two roles', () => signed(goodClaims({ role: ['player', 'host'] }), SECRET)],
    ['of nobody', () => signed(goodClaims({ sub: undefined }), SECRET)],
    ['of a strange id', () => signed(goodClaims({ sub: '../h_1' }), SECRET)],
    ['with a dot too many', () => `${signed(goodClaims(), SECRET)}.`],
  ])('%s is unauthorized, takes nobody’s seat and moves nothing', async (_what, make) => {
    await start('q');
    const token = make();
    for (const { url } of [cluster.a, cluster.b]) {
      const client = await connect(url);
      expectRefused(await client.call('room:join', { token }), 'unauthorized');
      expectRefused(await client.call('answer:submit', { questionId: 'q', choice: 'x' }), 'unauthorized');
      expectRefused(await client.call('question:stop'), 'unauthorized');
      const route = `${url}/v1/rooms/${room.roomId}`;
      expectProblem(await rest(route, { key: token }), 'unauthorized');
      expectProblem(await rest(`${route}/question/stop`, { key: token, body: {} }), 'unauthorized');
    }
    await expectUntouched();
  });

  it('that is good, but of another room, opens nothing in this one', async () => {
    await start('q');
    const other = await createRoom(cluster.b.url);
    const client = await connect(cluster.b.url);
    for (const more of [{ pin: room.pin }, { roomId: room.roomId }, { pin: room.pin, roomId: room.roomId }]) {
      expectRefused(await client.call('room:join', { token: other.hostToken, ...more }), 'unauthorized');
    }
    await expectAllProblems(other.hostToken, room, honest.playerId, 'unauthorized');
    await expectUntouched();
  });
});

describe('the host of another room', () => {
  it('cannot end a question here by naming its room or its run', async () => {
    const { runId } = await start('q');
    const other = await createRoom(cluster.b.url);
    const stranger = await hostOf(cluster.b.url, other);
    await command(stranger.client, 'question:start', startOf('theirs'));
    const { roomId, pin } = room;
    for (const [event, payload] of [
      ['question:stop', {}],
      ['question:pause', {}],
      ['question:extend', { byMs: -60_000 }],
    ] as const) {
      expectRefused(await stranger.client.call(event, { ...payload, runId, roomId, pin }), 'wrong_phase');
    }
    // Without the run it is their own question that ends, whatever room the payload names.
    await command(stranger.client, 'question:stop', { roomId, pin, questionId: 'q' });
    expectRefused(
      await stranger.client.call('member:kick', { playerId: honest.playerId, roomId }),
      'not_found',
      'playerId',
    );
    await command(stranger.client, 'room:close', { roomId, pin });
    await expectUntouched();
  });
});

describe('a player who was put out', () => {
  const reasonOf = async ({ client }: TestMember) => (await client.waitFor('member:removed')).payload.reason;

  it('does not come back by the token, at either gateway, and answers nothing any more', async () => {
    await start('q');
    await command(host.client, 'member:kick', { playerId: cheat.playerId });
    expect(await reasonOf(cheat)).toBe('kicked');
    await cheat.client.ended;
    for (const { url } of [cluster.a, cluster.b]) {
      const client = await connect(url);
      expectRefused(await client.call('room:join', { token: cheat.token }), 'forbidden');
      expectRefused(await client.call('room:join', { token: cheat.token, pin: room.pin }), 'forbidden');
      expectRefused(await client.call('answer:submit', { questionId: 'q', choice: 'x' }), 'unauthorized');
    }
    await answer(honest.client, 'q', 'right');
    await stop();
    expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: honest.playerId, choice: 'right' }]);
  });

  it('at the instant of an answer either gave it before, or gives none', async () => {
    await start('q');
    const players = await Promise.all(
      Array.from({ length: 20 }, (_, i) => playerOf(i % 2 ? cluster.a.url : cluster.b.url, room)),
    );
    const told = await Promise.all(
      players.map(async ({ client, playerId }, i) => {
        const kicked = command(host.client, 'member:kick', { playerId });
        const ack: LooseJson = await client
          .call('answer:submit', { questionId: 'q', choice: i })
          .catch(() => ({ verdict: 'connection ended' }));
        await kicked;
        return ack.verdict ?? ack.error.code;
      }),
    );
    await stop();
    const rows = acceptedRows(await outcome('q')).map(({ playerId }) => playerId);
    for (const [i, { playerId }] of players.entries()) {
      expect(['accepted', 'not_eligible', 'unauthorized', 'connection ended']).toContain(told[i]);
      // Whoever was told that it does not count is not in the outcome; whoever was told that it does is.
      if (told[i] === 'accepted') expect(rows).toContain(playerId);
      else if (told[i] !== 'connection ended') expect(rows).not.toContain(playerId);
    }
  });

  it('and banned finds the name closed, however it is written; a kick leaves it free', async () => {
    await command(host.client, 'member:kick', { playerId: cheat.playerId, ban: true });
    expect(await reasonOf(cheat)).toBe('banned');
    const spellings = ['Mallory', ' mallory ', 'MALLORY', 'Ｍａｌｌｏｒｙ', 'Mal\u200blory', '\u202eMallory'];
    for (const name of spellings) {
      const client = await connect(cluster.a.url);
      expectRefused(await client.call('room:join', { pin: room.pin, name }), 'forbidden', 'name');
    }
    await command(host.client, 'member:kick', { playerId: honest.playerId });
    expect((await playerOf(cluster.b.url, room, { name: 'Ada' })).ack).toMatchObject({ name: 'Ada' });
  });

  it('cannot put out others, and a co-host cannot put out the host', async () => {
    const coHost = await memberOf(cluster.b.url, room, 'co-host');
    const other = { playerId: host.playerId };
    expectRefused(await coHost.client.call('member:kick', other), 'forbidden');
    expectRefused(await cheat.client.call('member:kick', other), 'forbidden');
    await command(host.client, 'member:kick', { playerId: coHost.playerId });
    await coHost.client.ended;
    const back = await connect(cluster.a.url);
    expectRefused(await back.call('room:join', { token: coHost.token }), 'forbidden');
    expect(await command(host.client, 'room:roster')).toMatchObject({ ok: true });
  });

  it('keeps what was answered before: a verdict stands', async () => {
    await start('q');
    await answer(cheat.client, 'q', 'in time');
    await command(host.client, 'member:kick', { playerId: cheat.playerId });
    await stop();
    expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: cheat.playerId, choice: 'in time' }]);
  });
});

describe('a token of another role', () => {
  it('takes no answer, and no seat of a player', async () => {
    await start('q');
    const token = await tokenFor(cluster.a.url, room, 'spectator', { name: 'Ada' });
    const screen = await join(cluster.b.url, { token });
    expect(screen.ack.role).toBe('spectator');
    expectRefused(await screen.client.call('answer:submit', { questionId: 'q', choice: 1 }), 'forbidden');
    for (const [event, payload] of hostCommands(honest.playerId)) {
      expectRefused(await screen.client.call(event, payload), 'forbidden');
    }
    await expectAllProblems(token, room, honest.playerId, 'forbidden');
    await expectUntouched();
  });
});

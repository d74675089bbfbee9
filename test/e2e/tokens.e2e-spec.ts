import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { rest } from '#libs/testing';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { expectProblem, expectRefused } from './support/refusal.matcher.js';
import {
  changesOf,
  closeAllClients,
  command,
  connect,
  createRoom,
  hostOf,
  join,
  memberOf,
  playerOf,
  startOf,
  type TestRoom,
  tokenFor,
} from './support/room.client.js';

const OLD_SECRET = 'the-old-secret-of-this-installation-0123456789';
const NEW_SECRET = 'the-new-secret-of-this-installation-0123456789';

let cluster: Cluster;
let room: TestRoom;

beforeAll(async () => {
  cluster = await startCluster('tokens', { env: { QUIZBELL_SECRET: `${NEW_SECRET},${OLD_SECRET}` } });
});
beforeEach(async () => {
  room = await createRoom(cluster.a.url);
});
afterEach(closeAllClients);
afterAll(() => cluster?.stop());

interface Forgery {
  secret?: string;
  algorithm?: string;
  issuedAt?: number;
  expiresAt?: number;
  claims?: object;
}

const now = () => Math.floor(Date.now() / 1_000);

/** A host's token for the room, by default a good one. */
function forge({
  secret = NEW_SECRET,
  algorithm = 'HS256',
  claims = {},
  ...times
}: Forgery = {}): Promise<string> {
  const { issuedAt = now(), expiresAt = now() + 600 } = times;
  return new SignJWT({ rid: room.roomId, role: 'host', name: 'Mallory', sub: 'h_mallory', ...claims })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(new TextEncoder().encode(secret));
}

const unsigned = () =>
  new UnsecuredJWT({ rid: room.roomId, role: 'host', name: 'Mallory', sub: 'h_mallory' })
    .setIssuedAt(now())
    .setExpirationTime(now() + 600)
    .encode();

/** The parts of two tokens put together: the claims of one with the signature of the other. */
async function grafted(): Promise<string> {
  const [header, , signature] = (await tokenFor(cluster.a.url, room, 'player')).split('.');
  const [, hostClaims] = (await forge()).split('.');
  return [header, hostClaims, signature].join('.');
}

describe('a token', () => {
  it('signed by the present or the former secret is good, at every gateway', async () => {
    for (const secret of [NEW_SECRET, OLD_SECRET]) {
      const { ack } = await join(cluster.b.url, { token: await forge({ secret }) });
      expect(ack).toMatchObject({ role: 'host', playerId: 'h_mallory' });
    }
  });

  it.each<[string, () => string | Promise<string>]>([
    ['that is no token', () => 'not-a-token'],
    ['signed by another secret', () => forge({ secret: 'a-secret-that-nobody-here-knows-0123456789' })],
    ['signed by nobody', () => unsigned()],
    ['signed by another algorithm', () => forge({ algorithm: 'HS512' })],
    ['with the signature of another one', () => grafted()],
    ['that has expired', () => forge({ issuedAt: now() - 600, expiresAt: now() - 1 })],
    ['without a room', () => forge({ claims: { rid: undefined } })],
    ['of a role that there is not', () => forge({ claims: { role: 'admin' } })],
  ])('%s is unauthorized, at a socket and over REST', async (_what, make) => {
    const token = await make();
    const client = await connect(cluster.b.url);
    expectRefused(await client.call('room:join', { token }), 'unauthorized');
    expectRefused(await client.call('room:join', { token, pin: room.pin }), 'unauthorized');
    expectRefused(await client.call('question:start', startOf('q')), 'unauthorized');
    expectProblem(await rest(`${cluster.a.url}/v1/rooms/${room.roomId}`, { key: token }), 'unauthorized');
    const body = startOf('q');
    const start = await rest(`${cluster.a.url}/v1/rooms/${room.roomId}/question`, { key: token, body });
    expectProblem(start, 'unauthorized');
    expect((await playerOf(cluster.a.url, room)).ack.snapshot.phase).toBe('idle');
  });

  it('of one room opens no other: its PIN, its id and its REST routes refuse it', async () => {
    const other = await createRoom(cluster.a.url);
    const client = await connect(cluster.b.url);
    const token = room.hostToken;
    expectRefused(await client.call('room:join', { token, pin: other.pin }), 'unauthorized');
    expectRefused(await client.call('room:join', { token, roomId: other.roomId }), 'unauthorized');
    const route = `${cluster.a.url}/v1/rooms/${other.roomId}`;
    expectProblem(await rest(route, { key: token }), 'unauthorized');
    expectProblem(await rest(`${route}/question`, { key: token, body: startOf('q') }), 'unauthorized');
    expectProblem(await rest(`${route}/tokens`, { key: token, body: { role: 'host' } }), 'unauthorized');
    expectProblem(await rest(route, { key: token, method: 'DELETE' }), 'unauthorized');
    expect((await hostOf(cluster.a.url, other)).ack.snapshot.phase).toBe('idle');
  });

  it('of a room that never was finds no room', async () => {
    const rid = `${room.roomId.slice(0, -6)}xxxxxx`;
    const token = await forge({ claims: { rid } });
    const client = await connect(cluster.b.url);
    expectRefused(await client.call('room:join', { token }), 'room_not_found');
    const strange = await forge({ claims: { rid: 'no-room-of-ours' } });
    expectRefused(await client.call('room:join', { token: strange }), 'room_not_found');
  });

  it.each(['player', 'spectator', 'co-host'])('of a %s moves nothing over REST', async (role) => {
    const { token } = await memberOf(cluster.b.url, room, role);
    const route = `${cluster.a.url}/v1/rooms/${room.roomId}`;
    expectProblem(await rest(`${route}/question`, { key: token, body: startOf('q') }), 'forbidden');
    expectProblem(await rest(`${route}/tokens`, { key: token, body: { role: 'host' } }), 'forbidden');
    expectProblem(await rest(route, { key: token, method: 'DELETE' }), 'forbidden');
  });
});

describe('a command with an id', () => {
  it('has one effect, however often and at whichever gateway it is repeated', async () => {
    const host = await hostOf(cluster.a.url, room);
    const player = await playerOf(cluster.b.url, room);
    const start = startOf('q1', { commandId: 'start-1' });
    const first = await command(host.client, 'question:start', start);
    expect(first).not.toHaveProperty('repeated');
    const again = await command(host.client, 'question:start', start);
    expect(again).toMatchObject({ repeated: true, snapshot: { runId: first.snapshot.runId } });

    host.client.dropConnection();
    let moved = await hostOf(cluster.b.url, room);
    const commands: [string, object][] = [
      ['question:extend', { byMs: 5_000, commandId: 'extend-1' }],
      ['question:pause', { commandId: 'pause-1' }],
      ['question:resume', { commandId: 'resume-1' }],
    ];
    for (const [i, [event, payload]] of commands.entries()) {
      const { snapshot } = await command(moved.client, event, payload);
      const repeat = await command(moved.client, event, payload);
      expect(repeat).toMatchObject({ repeated: true, snapshot: { version: snapshot.version } });
      // The new connection takes the place of the one before.
      moved = await hostOf(i % 2 === 0 ? cluster.a.url : cluster.b.url, room);
      expect(await command(moved.client, event, payload)).toMatchObject({ repeated: true });
    }
    // A repeat is answered with the present, not with what it once made.
    const late = await command(moved.client, 'question:start', start);
    expect(late).toMatchObject({ repeated: true, snapshot: { phase: 'open', durationMs: 65_000 } });
    await command(moved.client, 'question:stop', { commandId: 'stop-1' });
    await command(moved.client, 'question:stop', { commandId: 'stop-1' });
    await player.client.waitFor('question:closed');
    expect(changesOf(player.client)).toHaveLength(5);
  });

  it('at the same time at both gateways is done once', async () => {
    const host = await hostOf(cluster.a.url, room);
    const overRest = `${cluster.b.url}/v1/rooms/${room.roomId}/question`;
    const player = await playerOf(cluster.b.url, room);
    for (let i = 0; i < 20; i++) {
      const start = startOf(`q${i}`, { commandId: `start-${i}` });
      const [ack, answer] = await Promise.all([
        command(host.client, 'question:start', start),
        rest(overRest, { key: room.hostToken, body: start }),
      ]);
      const acks = [ack, answer.body];
      expect(acks.filter(({ repeated }) => repeated === true)).toHaveLength(1);
      expect(new Set(acks.map(({ snapshot }) => snapshot.runId)).size).toBe(1);
      await command(host.client, 'question:stop');
    }
    await player.client.waitFor('question:closed', ({ questionId }) => questionId === 'q19');
    expect(player.client.events('question:started')).toHaveLength(20);
  });

  it('is refused for another command, or the same one with other fields', async () => {
    const { client } = await hostOf(cluster.a.url, room);
    await command(client, 'question:start', startOf('q1', { commandId: 'once' }));
    for (const [event, payload] of [
      ['question:pause', {}],
      ['question:extend', { byMs: 1_000 }],
      ['question:start', startOf('q2')],
      ['room:close', {}],
    ] as const) {
      expectRefused(
        await client.call(event, { ...payload, commandId: 'once' }),
        'invalid_payload',
        'commandId',
      );
    }
    // Somebody else's same id is another id.
    const coHost = await memberOf(cluster.b.url, room, 'co-host');
    expect(await command(coHost.client, 'question:pause', { commandId: 'once' })).not.toHaveProperty(
      'repeated',
    );
  });

  it('that was refused may be tried again under the same id', async () => {
    const { client } = await hostOf(cluster.a.url, room);
    expectRefused(await client.call('question:pause', { commandId: 'early' }), 'wrong_phase');
    await command(client, 'question:start', startOf('q1'));
    const done = await command(client, 'question:pause', { commandId: 'early' });
    expect(done.snapshot.phase).toBe('paused');
    expect(done).not.toHaveProperty('repeated');
  });
});

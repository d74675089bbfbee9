import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventuallyPasses, type LooseJson } from '#libs/testing';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { expectRefused } from './support/refusal.matcher.js';
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
  syncWithVersion,
  type TestMember,
  type TestRoom,
} from './support/room.client.js';

/** How far an instant of a gateway may be from Redis' own (ms); its offset is good to a round trip. */
const CLOCK_TOLERANCE_MS = 50;

const HOST_COMMANDS: [string, object][] = [
  ['question:start', startOf('q9')],
  ['question:pause', {}],
  ['question:resume', {}],
  ['question:extend', { byMs: 1_000 }],
  ['question:stop', {}],
  ['room:close', {}],
  ['room:roster', {}],
];

let cluster: Cluster;
let room: TestRoom;
let host: TestMember;

beforeAll(async () => {
  cluster = await startCluster('membership');
});
beforeEach(async () => {
  room = await createRoom(cluster.a.url);
  host = await hostOf(cluster.a.url, room);
});
afterEach(closeAllClients);
afterAll(() => cluster?.stop());

describe('joining', () => {
  it('is answered with who one is, where, and the idle room', async () => {
    const { ack } = await playerOf(cluster.b.url, room, { name: ' Ada ' });
    const { roomId, pin } = room;
    expect(ack).toEqual({
      ok: true,
      roomId,
      pin,
      playerId: expect.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/),
      role: 'player',
      name: 'Ada',
      token: expect.any(String),
      protocol: 1,
      server: expect.stringMatching(/^quizbell\/\d/),
      snapshot: expect.objectContaining({
        roomId,
        phase: 'idle',
        questionId: null,
        runId: null,
        endsAt: null,
      }),
    });
    expect(host.ack).toMatchObject({ role: 'host', roomId, pin });
  });

  it('late gives the exact remaining time on either gateway', async () => {
    const content = { text: 'Why?' };
    const started = await commandSnapshot(host.client, 'question:start', startOf('q1', { content }));
    for (const { url } of [cluster.a, cluster.b]) {
      const { snapshot } = (await playerOf(url, room)).ack;
      const { remainingMs, serverNow, ...same } = started;
      expect(snapshot).toMatchObject({ ...same, content });
      expect(snapshot.remainingMs).toBe(snapshot.endsAt - snapshot.serverNow);
      expect(snapshot.serverNow).toBeGreaterThanOrEqual(serverNow);
    }
    const paused = await commandSnapshot(host.client, 'question:pause');
    const { snapshot } = (await playerOf(cluster.b.url, room)).ack;
    expect(snapshot).toMatchObject({ phase: 'paused', endsAt: null, remainingMs: paused.remainingMs });
    const stopped = await commandSnapshot(host.client, 'question:stop');
    const afterwards = (await playerOf(cluster.b.url, room)).ack.snapshot;
    const { serverNow, ...closed } = stopped;
    expect(afterwards).toEqual({ ...closed, serverNow: expect.any(Number) });
  });

  it('again on the other gateway by the token is the same player, who hears on', async () => {
    const before = await playerOf(cluster.b.url, room, { name: 'Ada' });
    await command(host.client, 'question:start', startOf('q1'));
    await before.client.waitFor('question:started');
    before.client.dropConnection();
    const after = await join(cluster.a.url, { token: before.token });
    expect(after.ack).toMatchObject({ playerId: before.playerId, role: 'player', roomId: room.roomId });
    expect(after.ack.snapshot).toMatchObject({ questionId: 'q1', phase: 'open' });
    await command(host.client, 'question:stop');
    await after.client.waitFor('question:closed');
    await eventuallyPasses(async () => {
      const { members } = await command(host.client, 'room:roster');
      const seen = members.filter(({ playerId }: LooseJson) => playerId === before.playerId);
      expect(seen).toEqual([{ playerId: before.playerId, role: 'player', name: 'Ada', connected: true }]);
    });
  });

  it('again on the same socket is answered again; another room only after leaving', async () => {
    const { client, playerId, token } = await playerOf(cluster.b.url, room);
    await command(host.client, 'question:start', startOf('q1'));
    for (const again of [{ pin: room.pin }, { token }, { token, pin: room.pin, roomId: room.roomId }]) {
      const ack = await command(client, 'room:join', again);
      expect(ack).toMatchObject({ playerId, role: 'player', snapshot: { questionId: 'q1' } });
    }
    const other = await createRoom(cluster.b.url);
    expectRefused(await client.call('room:join', { pin: other.pin }), 'wrong_phase');
    expectRefused(await client.call('room:join', { token: other.hostToken }), 'wrong_phase');
    await command(client, 'room:leave');
    expect(await command(client, 'room:join', { token: other.hostToken })).toMatchObject({ role: 'host' });
  });

  it('a room that has no place left takes known players only', async () => {
    const small = await createRoom(cluster.a.url, { maxPlayers: 1 });
    const first = await playerOf(cluster.b.url, small);
    const second = await connect(cluster.a.url);
    expectRefused(await second.call('room:join', { pin: small.pin }), 'room_full');
    first.client.close();
    expect((await join(cluster.a.url, { token: first.token })).playerId).toBe(first.playerId);
    expect((await hostOf(cluster.a.url, small)).ack.role).toBe('host');
  });
});

describe('roles', () => {
  it('a co-host may do what a host may, and everybody hears it', async () => {
    const coHost = await memberOf(cluster.b.url, room, 'co-host');
    const screen = await memberOf(cluster.a.url, room, 'spectator');
    expect([coHost.ack.role, screen.ack.role]).toEqual(['co-host', 'spectator']);
    await command(coHost.client, 'question:start', startOf('q1'));
    await command(coHost.client, 'question:pause');
    await command(coHost.client, 'question:resume');
    await command(coHost.client, 'question:extend', { byMs: 1_000 });
    await command(coHost.client, 'question:stop');
    expect((await command(coHost.client, 'room:roster')).members).toHaveLength(3);
    await command(coHost.client, 'room:close');
    for (const { client } of [host, screen]) {
      await client.waitFor('room:closed');
      expect(changesOf(client).map(({ event }) => event)).toEqual([
        'question:started',
        'question:paused',
        'question:resumed',
        'question:extended',
        'question:closed',
        'room:closed',
      ]);
    }
  });

  it.each(['spectator', 'player'])('a %s may give no command of a host', async (role) => {
    const member = await memberOf(cluster.b.url, room, role);
    await command(host.client, 'question:start', startOf('q1'));
    for (const [event, payload] of HOST_COMMANDS) {
      expectRefused(await member.client.call(event, payload), 'forbidden');
    }
    await command(host.client, 'question:stop');
    await member.client.waitFor('question:closed');
    expect(changesOf(member.client).map(({ event }) => event)).toEqual([
      'question:started',
      'question:closed',
    ]);
  });

  it('nobody may do anything before a join but join and ask for the time', async () => {
    const stranger = await connect(cluster.b.url);
    const answer: [string, object] = ['answer:submit', { questionId: 'q1', choice: 'a' }];
    for (const [event, payload] of [...HOST_COMMANDS, answer, ['room:leave', {}] as const]) {
      expectRefused(await stranger.call(event, payload), 'unauthorized');
    }
    await command(stranger, 'clock:sync', { sentAt: 1 });
    expectRefused(await host.client.call(...answer), 'forbidden');
  });

  it('the roster names everybody who is connected, on whichever gateway', async () => {
    const ada = await playerOf(cluster.a.url, room, { name: 'Ada' });
    const bob = await playerOf(cluster.b.url, room, { name: 'Bob' });
    const screen = await memberOf(cluster.b.url, room, 'spectator');
    const { members } = await command(host.client, 'room:roster');
    const byId = (x: LooseJson, y: LooseJson) => (x.playerId < y.playerId ? -1 : 1);
    expect([...members].sort(byId)).toEqual(
      [
        { playerId: host.playerId, role: 'host', name: expect.any(String), connected: true },
        { playerId: ada.playerId, role: 'player', name: 'Ada', connected: true },
        { playerId: bob.playerId, role: 'player', name: 'Bob', connected: true },
        { playerId: screen.playerId, role: 'spectator', name: expect.any(String), connected: true },
      ].sort(byId),
    );
    bob.client.dropConnection();
    await eventuallyPasses(async () => {
      const rest = (await command(host.client, 'room:roster')).members;
      expect(rest.map(({ playerId }: LooseJson) => playerId)).not.toContain(bob.playerId);
    });
    const all = (await command(host.client, 'room:roster', { away: true })).members;
    expect(all.filter(({ connected }: LooseJson) => !connected)).toEqual([
      { playerId: bob.playerId, role: 'player', name: 'Bob', connected: false },
    ]);
    expect(all).toHaveLength(4);
  });
});

describe('the clock', () => {
  it('is Redis own, at every gateway; the room version comes along for members', async () => {
    const stranger = await connect(cluster.b.url);
    // From now on this gateway has read it.
    await syncWithVersion(host.client);
    for (const { client, version } of [
      { client: stranger, version: undefined },
      { client: host.client, version: host.ack.snapshot.version },
    ]) {
      const before = await redisNow();
      const ack = await command(client, 'clock:sync', { sentAt: -5 });
      const after = await redisNow();
      expect(ack).toEqual({
        ok: true,
        sentAt: -5,
        serverNow: expect.any(Number),
        ...(version && { version }),
      });
      expect(ack.serverNow).toBeGreaterThanOrEqual(before - CLOCK_TOLERANCE_MS);
      expect(ack.serverNow).toBeLessThanOrEqual(after + CLOCK_TOLERANCE_MS);
    }
    const { version } = await commandSnapshot(host.client, 'question:start', startOf('q1'));
    expect((await syncWithVersion(host.client)).version).toBe(version);
  });
});

async function redisNow(): Promise<number> {
  const [seconds, micros] = await cluster.redis.time();
  return Number(seconds) * 1_000 + Number(micros) / 1_000;
}

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  eventually,
  type LooseJson,
  type RedisServer,
  rest,
  startRedisServer,
  type TestClient,
} from '#libs/testing';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { type RedisProxy, startRedisProxy } from './support/redis.proxy.js';
import { expectRefused } from './support/refusal.matcher.js';
import {
  closeAllClients,
  command,
  commandSnapshot,
  createRoom,
  hostOf,
  join,
  memberOf,
  playerOf,
  playersOf,
  startOf,
  type TestMember,
  type TestRoom,
} from './support/room.client.js';

/** A dead subscribing connection is noticed within about 4 s; ten times as much on a busy machine. */
const NOTICED_WITHIN_MS = 40_000;

let redis: RedisServer;
/** Gateway B's way to Redis. */
let toB: RedisProxy;
let cluster: Cluster;

beforeAll(async () => {
  // Of its own: the connections of other tests' gateways have the same names.
  redis = await startRedisServer();
  toB = await startRedisProxy(redis.url);
  cluster = await startCluster('gaps', {
    redisUrl: redis.url,
    gatewayRedisUrls: { a: redis.url, b: toB.url },
  });
});
afterEach(closeAllClients);
afterAll(async () => {
  await cluster?.stop();
  await toB?.stop();
  await redis?.stop();
});

/** Every version that the client was told by an event, in the order of arrival. */
function versionsOf(client: TestClient): number[] {
  return client.received.flatMap(({ payload }) => {
    const version = payload?.snapshot?.version ?? payload?.version;
    return typeof version === 'number' ? [version] : [];
  });
}

function expectNeverBackwards(client: TestClient): void {
  const versions = versionsOf(client);
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
}

/** By an event or by `room:state`. */
function toldVersion(client: TestClient, version: number): Promise<unknown> {
  return eventually(() => versionsOf(client).includes(version), {
    timeoutMs: NOTICED_WITHIN_MS,
    message: `version ${version} was not told`,
  });
}

async function subscribingConnections(): Promise<string[]> {
  const clients = String(await cluster.redis.client('LIST')).split('\n');
  return clients
    .filter((line) => line.includes('name=quizbell-gateway-subscriptions'))
    .map((line) => /\bid=(\d+)/.exec(line)?.[1] ?? '');
}

async function kill(ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => cluster.redis.client('KILL', 'ID', id)));
}

const readiness = async (url: string) => (await rest(`${url}/health/ready`)).status;

describe('subscribing connections that are killed in the middle of events', () => {
  it('nobody stays behind the newest version, and nobody sees a version go backwards', async () => {
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(cluster.a.url, room);
    const ticking = { durationMs: 3_600_000, tickMs: 100 };
    await command(host.client, 'question:start', startOf('q1', ticking));
    const members = [
      host,
      ...(await playersOf(cluster.a.url, room, 3)),
      ...(await playersOf(cluster.b.url, room, 3)),
    ];
    let killed: string[] = [];
    for (let round = 0; round < 15; round++) {
      // Each gateway has one again: a readiness may be of before the kill was noticed.
      const ids = await eventually(async () => {
        const all = await subscribingConnections();
        return all.length === 2 && !all.some((id) => killed.includes(id)) ? all : undefined;
      });
      // Commands before, while and after nobody listens; what counts is the last of them.
      const commands = (async () => {
        let version = 0;
        for (let i = 0; i < 2 * round + 1; i++) {
          version = (await commandSnapshot(host.client, 'question:extend', { byMs: 1 })).version;
        }
        return version;
      })();
      await kill(ids);
      killed = ids;
      const newest = await commands;
      await Promise.all(members.map(({ client }) => toldVersion(client, newest)));
      // Killed again only once it is back, or there would be nothing to kill.
      await eventually(async () => (await readiness(cluster.a.url)) === 200);
      await eventually(async () => (await readiness(cluster.b.url)) === 200);
    }
    for (const { client } of members) {
      expect(client.events('room:state').length).toBeGreaterThan(0);
      expectNeverBackwards(client);
    }
  });

  it('a room that was closed meanwhile is over for its members', async () => {
    const room = await createRoom(cluster.a.url);
    const players = [await playerOf(cluster.a.url, room), await playerOf(cluster.b.url, room)];
    const closing = rest(`${cluster.a.url}/v1/rooms/${room.roomId}`, {
      method: 'DELETE',
      key: room.hostToken,
    });
    await kill(await subscribingConnections());
    expect((await closing).status).toBe(204);
    for (const { client } of players) {
      const { payload } = await client.waitFor('room:closed', undefined, { timeoutMs: NOTICED_WITHIN_MS });
      expect(payload).toMatchObject({ roomId: room.roomId, reason: 'host' });
      expect(client.events('room:closed')).toHaveLength(1);
      expect((await client.call('room:roster')).error?.code).toBe('unauthorized');
    }
  });
});

describe('members who are put out while their gateway hears nothing', () => {
  /** Told so, after the gap, and disconnected. */
  async function goneBy({ client }: TestMember): Promise<string> {
    const { payload } = await client.waitFor('member:removed', undefined, { timeoutMs: NOTICED_WITHIN_MS });
    expect(await client.ended).toBe('io server disconnect');
    return payload.reason;
  }

  // A kicked co-host went on commanding, and whoever was put out went on listening, for ever.
  it('command nothing from then on, and are told and disconnected when it hears again', async () => {
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(cluster.a.url, room);
    const coHost = await memberOf(cluster.b.url, room, 'co-host');
    const [kicked, banned, replaced, stays] = [
      await playerOf(cluster.b.url, room, { name: 'Kicked' }),
      await playerOf(cluster.b.url, room, { name: 'Banned' }),
      await playerOf(cluster.b.url, room, { name: 'Replaced' }),
      await playerOf(cluster.b.url, room, { name: 'Stays' }),
    ];
    toB.halfOpen('from Redis');
    await command(host.client, 'member:kick', { playerId: coHost.playerId });
    expectRefused(await coHost.client.call('question:start', startOf('evil')), 'forbidden');
    expectRefused(await coHost.client.call('room:roster'), 'forbidden');
    const kick = { playerId: stays.playerId };
    expectRefused(await coHost.client.call('member:kick', kick), 'forbidden');
    await command(host.client, 'member:kick', { playerId: kicked.playerId });
    await command(host.client, 'member:kick', { playerId: banned.playerId, ban: true });
    const other = await join(cluster.a.url, { token: replaced.token });

    const reasons = await Promise.all([coHost, kicked, banned, replaced].map(goneBy));
    expect(reasons).toEqual(['kicked', 'kicked', 'banned', 'replaced']);
    await stays.client.waitFor('room:state', undefined, { timeoutMs: NOTICED_WITHIN_MS });
    await command(host.client, 'question:start', startOf('q1'));
    for (const { client } of [stays, other]) {
      await client.waitFor('question:started');
      expect(client.events('member:removed')).toEqual([]);
    }
    const { members } = await command(host.client, 'room:roster');
    expect(members.map(({ name }: LooseJson) => name).sort()).toEqual(['Host', 'Replaced', 'Stays']);
    // The next test cuts it again.
    await eventually(async () => (await readiness(cluster.b.url)) === 200);
  });
});

describe('a half-open subscribing connection', () => {
  let room: TestRoom;
  let host: TestMember;
  let player: TestMember;

  async function play(): Promise<void> {
    room = await createRoom(cluster.a.url);
    host = await hostOf(cluster.a.url, room);
    player = await playerOf(cluster.b.url, room);
    await command(host.client, 'question:start', startOf('q1', { content: { text: 'Why?' } }));
    await player.client.waitFor('question:started');
  }

  it('that tells nothing is noticed, made anew, and its members are told what they missed', async () => {
    await play();
    const before = toB.subscribingConnections();
    const toldHost = host.client.received.length;
    toB.halfOpen('from Redis');
    const { version, endsAt } = await commandSnapshot(host.client, 'question:extend', { byMs: 60_000 });
    // A gateway that stood still with its machine may have told the state before that, too.
    const { payload } = await player.client.waitFor(
      'room:state',
      ({ snapshot }) => snapshot.version === version,
      { timeoutMs: NOTICED_WITHIN_MS },
    );
    expect(payload.snapshot).toMatchObject({ endsAt, phase: 'open', content: { text: 'Why?' } });
    expect(player.client.events('question:extended')).toEqual([]);
    expect(toB.subscribingConnections()).toBeGreaterThan(before);
    // To its own members only.
    const toHost = host.client.received.slice(toldHost).map(({ event }) => event);
    expect(toHost).not.toContain('room:state');
    await eventually(async () => (await readiness(cluster.b.url)) === 200);
    const next = await commandSnapshot(host.client, 'question:pause');
    await player.client.waitFor('question:paused', (paused) => paused.version === next.version);
    expectNeverBackwards(player.client);
  });

  it('whose room was closed meanwhile: its members are told so, and may join another', async () => {
    await play();
    toB.halfOpen('from Redis');
    await command(host.client, 'room:close');
    const { payload } = await player.client.waitFor('room:closed', undefined, {
      timeoutMs: NOTICED_WITHIN_MS,
    });
    const { payload: heard } = await host.client.waitFor('room:closed');
    expect(payload).toEqual({ ...heard, serverNow: expect.any(Number) });
    const other = await createRoom(cluster.a.url);
    await command(player.client, 'room:join', { pin: other.pin });
  });

  // What Redis sends keeps coming, so no timeout of the connection ever fires: joins would be refused for ever.
  it('that tells everything but answers nothing is noticed, and rooms can be joined again', async () => {
    await play();
    toB.halfOpen('to Redis');
    const other = await createRoom(cluster.a.url);
    await eventually(
      async () => {
        // A channel of its own each time: nobody at this gateway is in the room.
        const ack = await player.client.call('room:leave').then(() => joinOf(other));
        return ack.ok;
      },
      { timeoutMs: 2 * NOTICED_WITHIN_MS, message: 'no room could be joined' },
    );
    const otherHost = await hostOf(cluster.a.url, other);
    await command(otherHost.client, 'question:start', startOf('q2'));
    await player.client.waitFor('question:started', ({ questionId }) => questionId === 'q2');
  });

  const joinOf = (other: TestRoom) => player.client.call('room:join', { pin: other.pin });
});

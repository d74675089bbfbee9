import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  eventually,
  type RedisServer,
  rest,
  startGateway,
  startRedisServer,
  type TestServerProcess,
} from '#libs/testing';
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
  playerOf,
  playersOf,
  startOf,
  type TestMember,
} from './support/room.client.js';

/** `QUIZBELL_DRAIN_MS` of these gateways, and what the end takes besides. */
const DRAIN_MS = 5_000;
const STOPPED_WITHIN_MS = DRAIN_MS + 5_000;
const CLEAN = { code: 0, signal: null };

let redis: RedisServer;
let cluster: Cluster;
/** A gateway that a test may end. */
let leaving: TestServerProcess;

beforeAll(async () => {
  // Of its own, to freeze it.
  redis = await startRedisServer();
  cluster = await startCluster('drain', { redisUrl: redis.url, env: settings });
});
afterEach(() => {
  redis.thaw();
  closeAllClients();
});
afterAll(async () => {
  await cluster?.stop();
  await redis?.stop();
});

// Longer than Redis is frozen here: what is under way then is neither answered nor given up.
const settings = { QUIZBELL_DRAIN_MS: String(DRAIN_MS), QUIZBELL_REDIS_TIMEOUT_MS: '4000' };

async function anotherGateway(): Promise<TestServerProcess> {
  leaving = await startGateway({ prefix: cluster.prefix, redisUrl: redis.url, env: settings });
  return leaving;
}

const versionsOf = ({ client }: TestMember) => changesOf(client).map(({ payload }) => payload.version);

/** The members that the room's host is told of. */
async function rosterOf(host: TestMember): Promise<string[]> {
  return (await command(host.client, 'room:roster')).members.map(
    ({ playerId }: { playerId: string }) => playerId,
  );
}

describe('a gateway that gets SIGTERM', () => {
  it('sends its members elsewhere, each in its own time, and they miss nothing', async () => {
    const { url, exited } = await anotherGateway();
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(cluster.a.url, room);
    const versions = [(await commandSnapshot(host.client, 'question:start', startOf('q1'))).version];
    const members = await playersOf(url, room, 20);
    let isOver = false;
    const stream = (async () => {
      while (!isOver) {
        versions.push((await commandSnapshot(host.client, 'question:extend', { byMs: 1 })).version);
        await sleep(5);
      }
    })();

    const signalledAt = performance.now();
    leaving.signal('SIGTERM');
    const moves = await Promise.all(
      members.map(async (member, i) => {
        const { payload } = await member.client.waitFor('server:draining');
        // Some go when they are told to, some wait for the end.
        if (i % 2 === 0) await sleep(payload.reconnectAfterMs);
        else await member.client.ended;
        member.client.close();
        const to = await join(cluster.b.url, { token: member.token });
        expect(to.playerId).toBe(member.playerId);
        return { from: member, to, delay: payload.reconnectAfterMs as number };
      }),
    );
    await expect(exited).resolves.toEqual(CLEAN);
    expect(performance.now() - signalledAt).toBeLessThan(STOPPED_WITHIN_MS);
    expect(new Set(moves.map(({ delay }) => delay)).size).toBeGreaterThan(5);
    isOver = true;
    await stream;

    const last = versions.at(-1) ?? 0;
    for (const { from, to } of moves) {
      await eventually(() => to.ack.snapshot.version >= last || versionsOf(to).includes(last));
      const heard = versionsOf(from);
      const lastHeard = heard.at(-1) ?? from.ack.snapshot.version;
      const between = (above: number, upTo: number) => versions.filter((v) => v > above && v <= upTo);
      expect(heard).toEqual(between(from.ack.snapshot.version, lastHeard));
      // Whatever lies in between is in the snapshot.
      const { version } = to.ack.snapshot;
      expect(version).toBeGreaterThanOrEqual(lastHeard);
      expect(versionsOf(to).filter((v) => v > version)).toEqual(between(version, last));
    }
  });

  it('is not ready from then on, and takes nobody in', async () => {
    const { url, exited } = await anotherGateway();
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(url, room);
    // It waits for this command, so it is there to be asked.
    await redis.freeze();
    const starting = host.client.call('question:start', startOf('q1'));
    await host.client.call('clock:sync', { sentAt: 0 });
    leaving.signal('SIGTERM');
    await host.client.waitFor('server:draining');
    const { status, body, headers } = await rest(`${url}/health/ready`);
    expect([status, body.checks.accepting]).toEqual([503, false]);
    expect(headers.get('connection')).toBe('close');
    const late = await connect(url);
    await late.waitFor('server:draining');
    expectRefused(await late.call('room:join', { pin: room.pin }), 'unavailable');
    redis.thaw();
    expect((await starting).ok).toBe(true);
    await expect(exited).resolves.toEqual(CLEAN);
    // Clients of Socket.IO come back by themselves after this, but not when the server has said goodbye.
    expect(await late.ended).toBe('transport close');
  });

  it('answers what has arrived, however late, before it ends the connection', async () => {
    const { url, exited } = await anotherGateway();
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(url, room);
    const idle = await playersOf(url, room, 5);
    await redis.freeze();
    const acks = [
      host.client.call('question:start', startOf('q1')),
      host.client.call('question:extend', { byMs: 1_000 }),
    ];
    // Answered beside the others, in the order of arrival: so they have arrived.
    await host.client.call('clock:sync', { sentAt: 0 });
    const reading = rest(`${url}/v1/rooms/${room.roomId}`, { key: room.hostToken });
    await rest(`${url}/health/live`);
    leaving.signal('SIGTERM');
    await host.client.waitFor('server:draining');
    // They had nothing under way.
    await Promise.all(idle.map(({ client }) => client.ended));
    expect(host.client.socket.connected).toBe(true);
    redis.thaw();
    expect((await Promise.all(acks)).map(({ ok }) => ok)).toEqual([true, true]);
    expect((await reading).status).toBe(200);
    await host.client.ended;
    await expect(exited).resolves.toEqual(CLEAN);
    const again = await hostOf(cluster.a.url, room);
    expect(again.ack.snapshot).toMatchObject({ questionId: 'q1', durationMs: 61_000 });
  });

  it('leaves nobody behind: its members are not connected any more', async () => {
    const { url, exited } = await anotherGateway();
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(cluster.a.url, room);
    const stays = await playerOf(cluster.b.url, room);
    const [goes] = await playersOf(url, room, 3);
    expect(await rosterOf(host)).toHaveLength(5);
    leaving.signal('SIGTERM');
    await expect(exited).resolves.toEqual(CLEAN);
    const roster = await rosterOf(host);
    expect(roster.toSorted()).toEqual([host.playerId, stays.playerId].toSorted());
    expect(roster).not.toContain(goes?.playerId);
  });

  it('ends in time, with 0, while Redis does not answer', async () => {
    const { url, exited } = await anotherGateway();
    const room = await createRoom(cluster.a.url);
    const [player] = await playersOf(url, room, 3);
    await redis.freeze();
    const signalledAt = performance.now();
    leaving.signal('SIGTERM');
    await player?.client.waitFor('server:draining');
    await expect(exited).resolves.toEqual(CLEAN);
    expect(performance.now() - signalledAt).toBeLessThan(STOPPED_WITHIN_MS);
    redis.thaw();
    // A connection on which Redis was silent for too long is made anew, and shards have their owners again.
    await eventually(async () => (await rest(`${cluster.a.url}/health/ready`)).status === 200, {
      timeoutMs: 60_000,
    });
    const host = await hostOf(cluster.a.url, room);
    await eventually(async () => (await host.client.call('question:start', startOf('q1'))).ok, {
      timeoutMs: 60_000,
    });
  });
});

describe('a gateway that is killed', () => {
  it('loses nothing: the answer to the join at another one is exact, and what follows is heard', async () => {
    const { url, exited } = await anotherGateway();
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(cluster.a.url, room);
    const members = await playersOf(url, room, 10);
    await command(host.client, 'question:start', startOf('q1', { content: { text: 'Why?' } }));
    await Promise.all(members.map(({ client }) => client.waitFor('question:started')));
    leaving.signal('SIGKILL');
    await exited;
    // Nobody at that gateway hears of it.
    const missed = await commandSnapshot(host.client, 'question:extend', { byMs: 5_000 });
    const moved = await Promise.all(
      members.slice(1).map(async (member) => {
        await member.client.ended;
        return join(cluster.b.url, { token: member.token });
      }),
    );
    for (const { ack } of moved) {
      const { serverNow, remainingMs, ...rest } = ack.snapshot;
      const { serverNow: _, remainingMs: __, ...told } = missed;
      expect(rest).toEqual({ ...told, content: { text: 'Why?' } });
      expect(remainingMs).toBe(missed.endsAt - serverNow);
    }
    const paused = await commandSnapshot(host.client, 'question:pause');
    await Promise.all(
      moved.map(({ client }) =>
        client.waitFor('question:paused', ({ version }) => version === paused.version),
      ),
    );
    // Who stays away counts as connected for no longer than the dead gateway's lifetime.
    await eventually(async () => !(await rosterOf(host)).includes(members[0]?.playerId ?? ''), {
      timeoutMs: 60_000,
    });
    expect(await rosterOf(host)).toHaveLength(members.length);
  });
});

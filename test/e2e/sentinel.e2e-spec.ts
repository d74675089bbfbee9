import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  closeRedisClient,
  eventually,
  type RedisSentinel,
  redisClient,
  runProcess,
  startRedisSentinel,
} from '#libs/testing';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { expectRefused } from './support/refusal.matcher.js';
import {
  closeAllClients,
  command,
  commandSnapshot,
  createRoom,
  heardVersion,
  hostOf,
  join,
  playerOf,
  startOf,
  type TestMember,
  untilServerTime,
} from './support/room.client.js';

/** A command that Redis does not answer is given up after 1 s; a busy machine adds to it. */
const BOUNDED_MS = 10_000;
/** From the new master's appointment: everybody finds it, an owner takes the shards. */
const BACK_MS = 60_000;
/** A gateway that lost its subscriptions tells the state to its members once it hears again (its canary: 1 s). */
const HEARD_MS = 30_000;

let sentinel: RedisSentinel;
let cluster: Cluster;

beforeAll(async () => {
  sentinel = await startRedisSentinel();
  const lookUrl = (await sentinel.master()).url;
  cluster = await startCluster('sentinel', { redisUrl: sentinel.url, lookUrl });
});
afterEach(closeAllClients);
afterAll(async () => {
  await cluster?.stop();
  await sentinel?.stop();
});

const closingsOf = ({ client }: TestMember, runId: number) =>
  client.events('question:closed').filter(({ payload }) => payload.runId === runId);

describe('a fail-over in mid-question', () => {
  it.each(['kill', 'freeze'] as const)(
    'after a %s of the master: refused in time meanwhile, then closed once, and all goes on',
    async (how) => {
      await sentinel.replicated();
      const room = await createRoom(cluster.a.url);
      const host = await hostOf(cluster.a.url, room);
      const player = await playerOf(cluster.b.url, room);
      // Open still when the master is lost: then it is not the phase that refuses the command.
      const start = startOf('q1', { durationMs: 15_000, tickMs: 200 });
      const { runId, endsAt } = await commandSnapshot(host.client, 'question:start', start);
      await player.client.waitFor('question:tick', (event) => event.runId === runId);
      await sentinel.replicated();

      const failingOver = sentinel.failOver(how);
      const refused = await eventually(async () => {
        const askedAt = performance.now();
        const ack = await host.client.call('question:extend', { byMs: 1, commandId: 'once' });
        return ack.ok ? undefined : { ack, ms: performance.now() - askedAt };
      });
      expectRefused(refused.ack, 'unavailable');
      expect(refused.ms).toBeLessThan(BOUNDED_MS);
      const { before } = await failingOver;

      const closed = await eventually(
        async () => {
          const ack = await player.client.call('room:join', { token: player.token });
          return ack.ok && ack.snapshot.phase === 'closed' ? ack.snapshot : undefined;
        },
        { timeoutMs: BACK_MS, everyMs: 50, message: 'the question did not close' },
      );
      expect(closed).toMatchObject({ runId, reason: 'expired' });
      await untilServerTime(player.client, endsAt + 1_000);
      for (const member of [host, player]) {
        const closings = closingsOf(member, runId);
        expect(closings.length).toBeLessThanOrEqual(1);
        for (const { payload } of closings) {
          expect(payload.serverNow).toBeGreaterThanOrEqual(payload.endsAt);
        }
      }

      // While the old master still is away: a frozen one keeps its connections.
      const next = await eventually(
        async () => {
          const ack = await host.client.call('question:start', startOf('q2', { tickMs: 200 }));
          return ack.ok ? ack.snapshot : undefined;
        },
        { timeoutMs: BACK_MS, message: 'no question can be started' },
      );
      await player.client.waitFor('question:tick', (event) => event.runId === next.runId, {
        timeoutMs: HEARD_MS,
      });
      const paused = await commandSnapshot(host.client, 'question:pause');
      await heardVersion(player.client, paused.version);
      // It comes back as a replica, and nobody minds it.
      if (how === 'kill') await before.restart();
      else before.thaw();
      await sentinel.replicated();
      const back = await join(cluster.a.url, { token: player.token });
      expect(back.playerId).toBe(player.playerId);
      expect(back.ack.snapshot).toMatchObject({ questionId: 'q2', phase: 'paused' });
      expect([cluster.a, cluster.b, cluster.scheduler].map((process) => process.hasExited)).toEqual([
        false,
        false,
        false,
      ]);
    },
  );

  it('to a replica that lost writes: rooms return to what it knows, under versions above all that were heard', async () => {
    await sentinel.replicated();
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(cluster.a.url, room);
    const player = await playerOf(cluster.b.url, room);
    const started = await commandSnapshot(host.client, 'question:start', startOf('q1'));
    await sentinel.replicated();

    // The replica's connection is cut while it cannot make another: what comes now does not even wait in its socket.
    const replica = await sentinel.replica();
    await replica.freeze();
    const before = await sentinel.master();
    const master = redisClient(before.url);
    await master.call('CLIENT', 'KILL', 'TYPE', 'replica');
    const lost = await commandSnapshot(host.client, 'question:extend', { byMs: 600_000 });
    await heardVersion(player.client, lost.version);
    await closeRedisClient(master);
    await before.kill();
    replica.thaw();
    await eventually(async () => (await sentinel.master()).port === replica.port, {
      timeoutMs: 60_000,
      message: 'the replica did not become the master',
    });

    for (const { client } of [host, player]) {
      const told = await client.waitFor('room:state', ({ snapshot }) => snapshot.version > lost.version, {
        timeoutMs: BACK_MS,
      });
      expect(told.payload.snapshot).toMatchObject({
        phase: 'open',
        runId: started.runId,
        endsAt: started.endsAt,
      });
    }
    // So long a question was not over before its state could be told.
    const shortened = await eventually(
      async () => {
        const { serverNow } = await command(host.client, 'clock:sync', { sentAt: 0 });
        const byMs = serverNow + 1_000 - started.endsAt;
        const ack = await host.client.call('question:extend', { byMs, commandId: 'shorten' });
        return ack.ok && ack.snapshot;
      },
      { timeoutMs: BACK_MS, message: 'the question cannot be shortened' },
    );
    const { endsAt } = shortened;
    const closed = await player.client.waitFor('question:closed', () => true, { timeoutMs: 60_000 });
    expect(closed.payload).toMatchObject({ runId: started.runId, reason: 'expired', endsAt });
    expect(closed.payload.serverNow).toBeGreaterThanOrEqual(endsAt);
    await before.restart();
    await sentinel.replicated();
    for (const member of [host, player]) expect(closingsOf(member, started.runId)).toHaveLength(1);
  });
});

describe('the doctor', () => {
  // What listened to the Sentinels for a fail-over stayed when it had closed its connections.
  it('finds its way to the master, and ends by itself', async () => {
    const { code, stdout } = await runProcess({
      name: 'doctor',
      script: 'dist/apps/cli/src/main.js',
      args: ['doctor', '--json'],
      env: { REDIS_URL: cluster.redisUrl, QUIZBELL_KEY_PREFIX: cluster.prefix },
    });
    const { ok, checks } = JSON.parse(stdout);
    expect(code).toBe(ok ? 0 : 1);
    // A question to the master alone: only it knows its replicas.
    expect(checks.map(({ id }: { id: string }) => id)).toContain('redis-replication');
  });
});

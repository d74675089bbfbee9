import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type RedisServer, startRedisServer } from '#libs/testing';
import { type Cluster, LATENESS_MS, startCluster } from './support/cluster.harness.js';
import { command, createRoom, hostOf, playerOf, startOf, type TestMember } from './support/room.client.js';

let server: RedisServer;
let cluster: Cluster;

beforeAll(async () => {
  server = await startRedisServer({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  cluster = await startCluster('redis-restart', { redisUrl: server.url });
});
afterAll(() => cluster.stop());

const statesOf = (member: TestMember) =>
  member.client.events('room:state').map(({ payload }) => payload.snapshot);

describe('Redis that is killed and comes back with its data', () => {
  it('as another run: every live room is told again under a new version, and what was open closes once', async () => {
    const [open, paused] = await Promise.all([createRoom(cluster.a.url), createRoom(cluster.b.url)]);
    const hosts = await Promise.all([hostOf(cluster.a.url, open), hostOf(cluster.a.url, paused)]);
    const players = await Promise.all([playerOf(cluster.b.url, open), playerOf(cluster.b.url, paused)]);
    // Open until everybody listens again: who does not hear a closing is told the state, and nobody the closing.
    const running = await command(hosts[0].client, 'question:start', startOf('open', { durationMs: 15_000 }));
    await command(hosts[1].client, 'question:start', startOf('paused', { durationMs: 60_000 }));
    const stopped = await command(hosts[1].client, 'question:pause');
    await players[1].client.waitFor('question:paused');

    await server.kill('SIGKILL');
    const askedAt = performance.now();
    const refused = await hosts[0].client.call('question:extend', { byMs: 1_000 });
    expect(refused).toMatchObject({ ok: false, error: { code: 'unavailable', retryable: true } });
    // Bounded: a command waits for its timeout at most, here with ten times of slack.
    expect(performance.now() - askedAt).toBeLessThan(10_000);
    await server.restart();

    for (const [i, before] of [running.snapshot.version, stopped.snapshot.version].entries()) {
      for (const member of [hosts[i], players[i]] as TestMember[]) {
        await eventually(() => statesOf(member).some(({ version }) => version > before), {
          timeoutMs: 60_000,
          message: `room ${i} was not told again`,
        });
      }
    }
    const closed = await players[0].client.waitFor('question:closed', () => true, { timeoutMs: 60_000 });
    expect(closed.payload).toMatchObject({ reason: 'expired', endsAt: running.snapshot.endsAt });
    expect(closed.payload.serverNow).toBeGreaterThanOrEqual(running.snapshot.endsAt);
    // The room goes on, and nothing follows the one closing.
    await eventually(async () => (await hosts[0].client.call('question:start', startOf('next'))).ok, {
      timeoutMs: 60_000,
      everyMs: 100,
    });
    await players[0].client.waitFor('question:started', ({ questionId }) => questionId === 'next');
    expect(players[0].client.events('question:closed')).toHaveLength(1);
    const resumed = await command(hosts[1].client, 'question:resume');
    expect(resumed.snapshot.endsAt - resumed.snapshot.serverNow).toBeLessThanOrEqual(
      stopped.snapshot.remainingMs,
    );
    expect(resumed.snapshot.remainingMs).toBeGreaterThan(stopped.snapshot.remainingMs - LATENESS_MS);
    for (const process of [cluster.a, cluster.b, cluster.scheduler]) expect(process.hasExited).toBe(false);
  });
});

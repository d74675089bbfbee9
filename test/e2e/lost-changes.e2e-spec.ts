import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, PATIENT, startRedisServer } from '#libs/testing';
import { type Cluster, LATENESS_MS, startCluster } from './support/cluster.harness.js';
import { command, createRoom, hostOf, playerOf, startOf } from './support/room.client.js';

let cluster: Cluster;

beforeAll(async () => {
  // Of its own: connections are cut there.
  const server = await startRedisServer();
  cluster = await startCluster('lost-changes', { redisUrl: server.url, env: PATIENT });
});
afterAll(() => cluster.stop());

/** Short beside the 50 ms after which a cut reader tries again, so that it hardly ever reads. */
const CUT_EVERY_MS = 5;

/**
 * Deletes or cuts the streams of changes all the time, and the connections that read them: a reader that waits is handed a
 * change in the moment in which it is made, so without the second part nothing would be lost.
 */
function destroyChanges(): () => Promise<number> {
  let stopped = false;
  const { redis } = cluster;
  const destroying = (async () => {
    let destroyed = 0;
    for (let round = 0; !stopped; round++) {
      const clients = String(await redis.call('CLIENT', 'LIST'));
      for (const [, id = ''] of clients.matchAll(/^id=(\d+) .*name=quizbell-scheduler-blocking/gm)) {
        await redis.call('CLIENT', 'KILL', 'ID', id);
      }
      for (const key of await redis.keys(`${cluster.prefix}:*changes`)) {
        destroyed += await (round % 2 === 0 ? redis.del(key) : redis.xtrim(key, 'MAXLEN', 0));
      }
      await new Promise((resolve) => setTimeout(resolve, CUT_EVERY_MS));
    }
    return destroyed;
  })();
  return async () => {
    stopped = true;
    return destroying;
  };
}

describe('while the streams of changes are deleted and cut all the time', () => {
  it('every deadline fires once and on time, and ticks come within a second of their start', async () => {
    const rooms = await Promise.all(Array.from({ length: 12 }, () => createRoom(cluster.a.url)));
    const members = await Promise.all(
      rooms.map(async (room) => ({
        host: await hostOf(cluster.a.url, room),
        player: await playerOf(cluster.b.url, room),
      })),
    );
    const stop = destroyChanges();
    const ends: number[] = [];
    // One after the other, so that no lucky moment of the readers hears of all.
    for (const [i, { host }] of members.entries()) {
      const start = startOf('q', { durationMs: 3_500 + 37 * i, tickMs: 500 });
      ends.push((await command(host.client, 'question:start', start)).snapshot.endsAt);
    }
    for (const [i, { player }] of members.entries()) {
      const closed = await player.client.waitFor('question:closed', () => true, { timeoutMs: 60_000 });
      expect(closed.payload).toMatchObject({ reason: 'expired', endsAt: ends[i] });
      expect(closed.payload.serverNow - closed.payload.endsAt).toBeGreaterThanOrEqual(0);
      expect(closed.payload.serverNow - closed.payload.endsAt).toBeLessThan(LATENESS_MS);
      const ticks = player.client.events('question:tick');
      // Six or seven are planned; the first ones may be missing until the owner has noticed the start by itself, and two that a
      // pause of the machine made late.
      expect(ticks.length).toBeGreaterThanOrEqual(2);
    }
    expect(await stop()).toBeGreaterThan(0);
    // Nothing was left behind that would close a second time.
    await eventually(async () => (await members[0]?.host.client.call('question:start', startOf('next')))?.ok);
    for (const { player } of members) expect(player.client.events('question:closed')).toHaveLength(1);
  });
});

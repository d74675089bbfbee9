import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '#libs/testing';
import { type Cluster, LATENESS_MS, startCluster } from './support/cluster.harness.js';
import { command, createRoom, hostOf, playerOf, startOf } from './support/room.client.js';

jest.setTimeout(60_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster('lost-changes');
});
afterAll(() => cluster.stop());

/** Deletes or cuts the streams of changes again and again, as fast as Redis takes it, until told to stop. */
function destroyChanges(): () => Promise<number> {
  let stopped = false;
  const destroying = (async () => {
    let destroyed = 0;
    for (let round = 0; !stopped; round++) {
      for (const key of await cluster.redis.keys(`${cluster.prefix}:*changes`)) {
        destroyed += await (round % 2 === 0 ? cluster.redis.del(key) : cluster.redis.xtrim(key, 'MAXLEN', 0));
      }
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
    const ends = await Promise.all(
      members.map(async ({ host }, i) => {
        const { snapshot } = await command(
          host.client,
          'question:start',
          startOf('q', { durationMs: 3_500 + 37 * i, tickMs: 500 }),
        );
        return snapshot.endsAt as number;
      }),
    );
    for (const [i, { player }] of members.entries()) {
      const closed = await player.client.waitFor('question:closed', () => true, { timeoutMs: 15_000 });
      expect(closed.payload).toMatchObject({ reason: 'expired', endsAt: ends[i] });
      expect(closed.payload.serverNow - closed.payload.endsAt).toBeGreaterThanOrEqual(0);
      expect(closed.payload.serverNow - closed.payload.endsAt).toBeLessThan(LATENESS_MS);
      const ticks = player.client.events('question:tick');
      // Six or seven are planned; the first ones may be missing until the owner has noticed the start by itself.
      expect(ticks.length).toBeGreaterThanOrEqual(4);
    }
    expect(await stop()).toBeGreaterThan(0);
    // Nothing was left behind that would close a second time.
    await eventually(async () => (await members[0]?.host.client.call('question:start', startOf('next')))?.ok);
    for (const { player } of members) expect(player.client.events('question:closed')).toHaveLength(1);
  });
});

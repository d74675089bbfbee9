import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, PATIENT, testRedisUrl } from '#libs/testing';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { type RedisProxy, startRedisProxy } from './support/redis.proxy.js';
import {
  changesOf,
  closeAllClients,
  command,
  createRoom,
  hostOf,
  playerOf,
  startOf,
  type TestRoom,
} from './support/room.client.js';

const BUSY_EVENTS = 60;

let cluster: Cluster;
/** What Redis sends to gateway A and to gateway B goes through here, and is read along. */
let toA: RedisProxy;
let toB: RedisProxy;

beforeAll(async () => {
  [toA, toB] = await Promise.all([startRedisProxy(testRedisUrl()), startRedisProxy(testRedisUrl())]);
  cluster = await startCluster('isolation', { gatewayRedisUrls: { a: toA.url, b: toB.url }, env: PATIENT });
});
afterEach(closeAllClients);
afterAll(async () => {
  await cluster?.stop();
  await toA?.stop();
  await toB?.stop();
});

/** How many connections Redis counts as listening to the room. */
async function listenersOf(room: TestRoom): Promise<number> {
  const channels = await cluster.redis.pubsub('SHARDCHANNELS', `${cluster.prefix}#*${room.roomId}#`);
  const [, count] = await cluster.redis.pubsub('SHARDNUMSUB', channelOf(channels, room));
  return Number(count);
}

function channelOf(channels: unknown[], room: TestRoom): string {
  const channel = channels.map(String).find((name) => name.includes('#room:') && name.includes(room.roomId));
  return channel ?? `nobody-listens-to-${room.roomId}`;
}

/** A room that is heard by nobody but its host at gateway A, and changes many times. */
async function keepBusy(room: TestRoom): Promise<void> {
  const host = await hostOf(cluster.a.url, room);
  await command(host.client, 'question:start', startOf('busy', { tickMs: 100, content: 'x'.repeat(2_000) }));
  for (let i = 0; i < BUSY_EVENTS; i++) await command(host.client, 'question:extend', { byMs: 1_000 });
  await host.client.waitFor('question:tick');
  await command(host.client, 'question:stop');
  await host.client.waitFor('question:closed');
  expect(changesOf(host.client)).toHaveLength(BUSY_EVENTS + 2);
}

describe('a gateway that holds nobody of a room', () => {
  it('is sent nothing of it, counted in what Redis sends', async () => {
    const room = await createRoom(cluster.a.url);
    await keepBusy(room);
    // Not a single mention, let alone a broadcast.
    expect(toB.mentions(room.roomId)).toBe(0);
    // So the count counts: gateway A was sent each of them.
    expect(toA.deliveries(room.roomId, 'question:extended')).toBe(BUSY_EVENTS);
    expect(toA.deliveries(room.roomId, 'question:tick')).toBeGreaterThan(0);
    expect(await listenersOf(room)).toBe(1);
  });

  it('is sent everything from its first member on, and nothing any more after its last one', async () => {
    const room = await createRoom(cluster.a.url);
    const player = await playerOf(cluster.b.url, room);
    const quiet = await playerOf(cluster.b.url, room);
    expect(await listenersOf(room)).toBe(1);
    await keepBusy(room);
    await Promise.all([player, quiet].map(({ client }) => client.waitFor('question:closed')));
    // Once for both of its members, not once for each.
    const eachEvent = ['question:started', 'question:extended', 'question:tick', 'question:closed'];
    const delivered = () => eachEvent.map((event) => toB.deliveries(room.roomId, event));
    const all = delivered();
    expect(all).toEqual([1, BUSY_EVENTS, expect.any(Number), 1]);

    await command(player.client, 'room:leave');
    quiet.client.close();
    // The host at gateway A is still there.
    await eventually(async () => (await listenersOf(room)) === 1, { message: 'gateway B still listens' });
    await keepBusy(room);
    expect(delivered()).toEqual(all);
  });
});

describe('two rooms', () => {
  it('on the same gateways do not hear each other', async () => {
    const rooms = await Promise.all([createRoom(cluster.a.url), createRoom(cluster.b.url)]);
    const casts = await Promise.all(
      rooms.map(async (room) => ({
        room,
        host: await hostOf(cluster.a.url, room),
        players: [await playerOf(cluster.a.url, room), await playerOf(cluster.b.url, room)],
      })),
    );
    for (const { host, room } of casts) {
      await command(
        host.client,
        'question:start',
        startOf(`q-${room.pin}`, { durationMs: 3_000, tickMs: 500 }),
      );
    }
    for (const { host, players, room } of casts) {
      for (const { client } of [host, ...players]) {
        await client.waitFor('question:closed');
        expect(client.events('question:tick').length).toBeGreaterThan(0);
        const heard = client.events('question:started', 'question:tick', 'question:closed');
        expect(new Set(heard.map(({ payload }) => payload.roomId))).toEqual(new Set([room.roomId]));
        expect(changesOf(client).map(({ event }) => event)).toEqual(['question:started', 'question:closed']);
      }
    }
  });
});

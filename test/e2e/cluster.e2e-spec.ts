import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Ack,
  closeRedisClient,
  eventually,
  eventuallyPasses,
  type RedisCluster,
  type RedisServer,
  redisClient,
  startRedisCluster,
} from '#libs/testing';
import { type Cluster, LATENESS_MS, startCluster } from './support/cluster.harness.js';
import { itMissesNothingBehindJoins } from './support/join.race.suite.js';
import { expectRefused } from './support/refusal.matcher.js';
import {
  changesOf,
  closeAllClients,
  command,
  commandSnapshot,
  createRoom,
  heardVersion,
  historyOf,
  hostOf,
  join,
  playerOf,
  startOf,
  syncWithVersion,
  type TestMember,
  type TestRoom,
  untilServerTime,
} from './support/room.client.js';

const MASTERS = 3;
/** A command that Redis does not answer is given up after 1 s; a busy machine adds to it. */
const BOUNDED_MS = 10_000;
/** After a restart Redis itself serves nobody for 2 s; then clients find back and an owner takes its shards again. */
const BACK_MS = 60_000;

/** So long that a machine which stands still for a second or two is told from waiting for the master that is away. */
const AWAY_MS = 5_500;
/** Whatever waited for the master that is away would stand still for as long as that one is. */
const undisturbed = (awayMs: number): number => 0.75 * awayMs;

let redis: RedisCluster;
let cluster: Cluster;

beforeAll(async () => {
  // With its data after a restart, and no acknowledged write lost.
  redis = await startRedisCluster({
    masters: MASTERS,
    args: ['--appendonly', 'yes', '--appendfsync', 'always'],
  });
  cluster = await startCluster('cluster', { redisUrl: redis.url, lookUrl: redis.nodes[0]?.url });
});
afterEach(closeAllClients);
afterAll(async () => {
  await cluster?.stop();
  await redis?.stop();
});

interface Played {
  readonly room: TestRoom;
  /** On gateway A. */
  readonly host: TestMember;
  /** On gateway B. */
  readonly player: TestMember;
}

async function played(room: TestRoom): Promise<Played> {
  const [host, player] = await Promise.all([hostOf(cluster.a.url, room), playerOf(cluster.b.url, room)]);
  return { room, host, player };
}

/** Which master holds the room. */
async function holderOf({ roomId }: TestRoom): Promise<RedisServer> {
  const found = await Promise.all(
    redis.nodes.map(async (node) => {
      const client = redisClient(node.url);
      const keys = await client.keys(`${cluster.prefix}:*room:${roomId}`);
      await closeRedisClient(client);
      return keys.length > 0 ? [node] : [];
    }),
  );
  const [holder, ...more] = found.flat();
  if (holder === undefined || more.length > 0) throw new Error(`${roomId} is held by ${found.flat().length}`);
  return holder;
}

/** A room on each master, by master, with its host and a player. */
async function roomOnEachMaster(): Promise<Map<RedisServer, Played>> {
  const rooms = new Map<RedisServer, TestRoom>();
  await eventually(async () => {
    const room = await createRoom(cluster.a.url);
    rooms.set(await holderOf(room), room);
    return rooms.size === MASTERS;
  });
  const all = await Promise.all([...rooms].map(async ([node, room]) => [node, await played(room)] as const));
  return new Map(all);
}

const closingsOf = ({ client }: TestMember, runId: number) =>
  client.events('question:closed').filter(({ payload }) => payload.runId === runId);
const ticksSince = ({ client }: TestMember, since: number) =>
  client.events('question:tick').filter(({ receivedAt }) => receivedAt > since);

/** The longest time without a tick between the two instants of this process. */
function longestGap(member: TestMember, from: number, until: number): number {
  const at = ticksSince(member, from)
    .map(({ receivedAt }) => receivedAt)
    .filter((instant) => instant < until);
  const edges = [from, ...at, until];
  return Math.max(...edges.slice(1).map((instant, i) => instant - (edges[i] ?? 0)));
}

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const from = performance.now();
  const value = await work;
  return { value, ms: performance.now() - from };
}

describe('on a Redis Cluster of three masters', () => {
  it('rooms of every master: commands, ticks, expiry and rejoining, from gateway to gateway', async () => {
    const rooms = [...(await roomOnEachMaster()).values()];
    await Promise.all(
      rooms.map(async ({ room, host, player }) => {
        const start = startOf('q1', { tickMs: 200, leadInMs: 200 });
        const { runId } = await commandSnapshot(host.client, 'question:start', start);
        await player.client.waitFor('question:opened', (event) => event.runId === runId);
        await player.client.waitFor('question:tick', (event) => event.runId === runId);
        await command(player.client, 'clock:sync', { sentAt: 0 });
        for (const event of ['question:pause', 'question:resume']) {
          const { version } = await commandSnapshot(host.client, event);
          await heardVersion(player.client, version);
        }
        const extended = await commandSnapshot(host.client, 'question:extend', { byMs: -300 });
        // By token, to the other gateway.
        player.client.close();
        const back = await join(cluster.a.url, { token: player.token });
        expect(back.playerId).toBe(player.playerId);
        expect(back.ack.snapshot).toMatchObject({ phase: 'open', runId, endsAt: extended.endsAt });
        await eventually(() => ticksSince(host, 0).length >= 3, { message: 'there were no three ticks' });
        const { serverNow } = await command(host.client, 'clock:sync', { sentAt: 0 });
        const byMs = serverNow + 1_000 - extended.endsAt;
        const { endsAt } = await commandSnapshot(host.client, 'question:extend', { byMs });
        for (const { client } of [host, back]) {
          const { payload } = await client.waitFor('question:closed', (event) => event.runId === runId);
          expect(payload).toMatchObject({ reason: 'expired', endsAt, closedAt: endsAt, remainingMs: 0 });
          expect(payload.serverNow - endsAt).toBeGreaterThanOrEqual(0);
          expect(payload.serverNow - endsAt).toBeLessThan(LATENESS_MS);
        }
        await untilServerTime(back.client, endsAt + 500);
        expect(closingsOf(host, runId)).toHaveLength(1);
        expect(historyOf(host.client).slice(-changesOf(back.client).length)).toEqual(historyOf(back.client));
        const roster = await command(host.client, 'room:roster');
        expect(roster.members).toHaveLength(2);
        await command(host.client, 'room:close');
        await back.client.waitFor('room:closed');
        expectRefused(await back.client.call('room:join', { pin: room.pin }), 'room_not_found');
      }),
    );
  });

  it('two schedulers share it: one is killed, and the rooms of every master tick again', async () => {
    const second = await cluster.anotherScheduler();
    const rooms = [...(await roomOnEachMaster()).values()];
    const runs = await Promise.all(
      rooms.map(({ host }) =>
        commandSnapshot(host.client, 'question:start', startOf('q1', { durationMs: 60_000, tickMs: 200 })),
      ),
    );
    await Promise.all(rooms.map(({ player }) => player.client.waitFor('question:tick')));
    const killedAt = performance.now();
    await second.kill('SIGKILL');
    for (const { player } of rooms) {
      await eventually(() => ticksSince(player, killedAt + 1_500)[0], { message: 'no ticks after the kill' });
    }
    const ends = await Promise.all(
      rooms.map(async ({ host }, i) => {
        const { serverNow } = await command(host.client, 'clock:sync', { sentAt: 0 });
        const byMs = serverNow + 1_000 - runs[i].endsAt;
        return (await commandSnapshot(host.client, 'question:extend', { byMs })).endsAt;
      }),
    );
    for (const [i, { player }] of rooms.entries()) {
      const { runId } = runs[i];
      const endsAt = ends[i];
      const { payload } = await player.client.waitFor('question:closed');
      expect(payload.serverNow - endsAt).toBeGreaterThanOrEqual(0);
      expect(payload.serverNow - endsAt).toBeLessThan(LATENESS_MS);
      expect(closingsOf(player, runId)).toHaveLength(1);
    }
    await syncWithVersion(rooms[0]?.player.client as TestMember['client']);
  });

  describe('500 joins', () => {
    itMissesNothingBehindJoins(() => cluster);
  });
});

describe('one master of three', () => {
  /** Starts on each master a question that is short where `shortOn` says so, and waits until all tick. */
  async function playOnEach(shortOn: RedisServer, shortMs: number) {
    const all = await roomOnEachMaster();
    const own = all.get(shortOn);
    if (own === undefined) throw new Error('no room on that master');
    const others = [...all.values()].filter((one) => one !== own);
    const start = (one: Played, durationMs: number) =>
      commandSnapshot(one.host.client, 'question:start', startOf('q1', { durationMs, tickMs: 200 }));
    const run = await start(own, shortMs);
    await Promise.all(others.map((one) => start(one, 60_000)));
    await Promise.all([own, ...others].map(({ player }) => player.client.waitFor('question:tick')));
    return { own, others, run: { runId: run.runId as number, endsAt: run.endsAt as number } };
  }

  /** Until told to stop: the other rooms take a command at once. Tells the slowest. */
  function commanding(others: readonly Played[]) {
    let isOver = false;
    let slowestMs = 0;
    const extend = async ({ host, player }: Played) => {
      while (!isOver) {
        // Asked again within the same time: a busy machine may take its time as the master that is away takes it.
        const extended = eventually(async () => {
          const ack = await host.client.call('question:extend', { byMs: 1 });
          return ack.ok && ack.snapshot;
        });
        const { value, ms } = await timed(extended);
        slowestMs = Math.max(slowestMs, ms);
        await heardVersion(player.client, value.version);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const running = Promise.all(others.map(extend));
    return async () => {
      isOver = true;
      await running;
      return slowestMs;
    };
  }

  /** What the own room is told while its master is away: refused in time. */
  async function refusedInTime({ host }: Played): Promise<void> {
    const { value, ms } = await timed<Ack>(host.client.call('question:pause', {}));
    expectRefused(value, 'unavailable');
    expect(ms).toBeLessThan(BOUNDED_MS);
  }

  /**
   * Told, not only found by asking: the closing was heard, or the gateway could not rule out a gap and told the state, which
   * was closed. The last of these is all that there is when a slow machine made of the pause a connection made anew.
   */
  const wasToldOf = ({ client }: TestMember, runId: number) =>
    client.events('question:closed', 'room:state').some(({ event, payload }) => {
      const state = event === 'room:state' ? payload.snapshot : payload;
      return state.runId === runId && state.phase === 'closed';
    });

  /** The run has closed, once, and not early; whoever missed it finds it by asking. Tells when its master answered again. */
  async function closedOnce({ own, run }: Awaited<ReturnType<typeof playOnEach>>): Promise<number> {
    const { client } = own.player;
    await eventually(
      async () => {
        const ack = await client.call('room:join', { token: own.player.token });
        return ack.ok && ack.snapshot.phase === 'closed' ? ack.snapshot : undefined;
      },
      { timeoutMs: BACK_MS, everyMs: 50, message: 'the question did not close' },
    );
    const answeredAt = performance.now();
    await untilServerTime(client, run.endsAt + 1_000);
    for (const { payload } of closingsOf(own.player, run.runId)) {
      expect(payload).toMatchObject({ reason: 'expired', closedAt: run.endsAt });
      expect(payload.serverNow).toBeGreaterThanOrEqual(run.endsAt);
    }
    expect(closingsOf(own.player, run.runId).length).toBeLessThanOrEqual(1);
    return answeredAt;
  }

  it('is frozen for some seconds: the rooms of the others go on undisturbed, its own come back and close once', async () => {
    for (const node of redis.nodes) {
      const played = await playOnEach(node, 1_200);
      const { own, others, run } = played;
      const stop = commanding(others);
      const frozenAt = performance.now();
      await node.freeze();
      await refusedInTime(own);
      await eventually(() => performance.now() > frozenAt + AWAY_MS);
      node.thaw();
      const thawedAt = performance.now();
      const limitMs = undisturbed(thawedAt - frozenAt);
      expect(await stop()).toBeLessThan(limitMs);
      for (const { player } of others) expect(longestGap(player, frozenAt, thawedAt)).toBeLessThan(limitMs);
      await closedOnce(played);
      // What time has made of the state can be asked for as soon as the master answers; its owner closes it a little later.
      await eventually(() => wasToldOf(own.player, run.runId), { message: 'the player was not told' });
      expect(closingsOf(own.player, run.runId).length).toBeLessThanOrEqual(1);
      const next = await commandSnapshot(own.host.client, 'question:start', startOf('q2', { tickMs: 200 }));
      await heardVersion(own.player.client, next.version);
      await own.player.client.waitFor('question:tick', (event) => event.runId === next.runId);
      closeAllClients();
    }
  });

  it('is restarted: the rooms of the others go on undisturbed, its own come back with it', async () => {
    for (const node of redis.nodes) {
      const played = await playOnEach(node, 1_500);
      const { own, others } = played;
      const stop = commanding(others);
      const killedAt = performance.now();
      await node.kill();
      await refusedInTime(own);
      await eventually(() => performance.now() > killedAt + AWAY_MS);
      await node.restart();
      const backAt = await closedOnce(played);
      const limitMs = undisturbed(backAt - killedAt);
      expect(await stop()).toBeLessThan(limitMs);
      for (const { player } of others) expect(longestGap(player, killedAt, backAt)).toBeLessThan(limitMs);
      // Whose subscription is not back yet hears of the next question later.
      await eventuallyPasses(
        async () => {
          const ack = await own.host.client.call('question:start', startOf('q2', { tickMs: 200 }));
          expect(ack.ok || ack.error?.code === 'question_active').toBe(true);
        },
        { timeoutMs: BACK_MS },
      );
      const isNext = ({ questionId }: { questionId: string }) => questionId === 'q2';
      await own.player.client.waitFor('question:tick', isNext, { timeoutMs: BACK_MS });
      closeAllClients();
    }
  });
});

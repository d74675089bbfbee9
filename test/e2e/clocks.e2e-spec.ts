import { afterEach, describe, expect, it } from '@jest/globals';
import {
  closeRedisClient,
  eventually,
  redisClient,
  startGateway,
  startRedisServer,
  startScheduler,
  stopAllProcesses,
  stopAllRedisServers,
  testRedisUrl,
  uniquePrefix,
} from '#libs/testing';
import { LATENESS_MS } from './support/cluster.harness.js';
import { closeAllClients, command, createRoom, hostOf, playerOf, startOf } from './support/room.client.js';
import { expectTicksAt } from './support/tick.matcher.js';
import { cannotFakeTime, WallClock } from './support/wall.clock.js';

/** What a busy machine may add to the length of a question; the least step of a clock here is a minute. */
const BUSY_MS = 5_000;

const clocks: WallClock[] = [];
const clock = (offsetSeconds: number): WallClock => {
  const made = new WallClock(offsetSeconds);
  clocks.push(made);
  return made;
};

afterEach(async () => {
  closeAllClients();
  await stopAllProcesses();
  await stopAllRedisServers();
  for (const made of clocks.splice(0)) made.dispose();
});

if (cannotFakeTime !== undefined) console.info(`Not run: clocks that step. ${cannotFakeTime}`);
const itMovesClocks = cannotFakeTime === undefined ? it : it.skip;

interface Played {
  /** To the closing, on this process's monotonic clock (ms): from when the start was sent, and from its acknowledgement. */
  readonly atMostMs: number;
  readonly atLeastMs: number;
  readonly closings: { serverNow: number; endsAt: number; reason: string }[];
  /** What was left at each tick, by the server (ms). */
  readonly ticks: number[];
}

/** Plays one question with a host on one gateway and a player on the other; `during` runs after the first tick. */
async function play(urls: [string, string], durationMs: number, during: () => void): Promise<Played> {
  const room = await createRoom(urls[0]);
  const host = await hostOf(urls[0], room);
  const player = await playerOf(urls[1], room);
  const sentAt = performance.now();
  await command(host.client, 'question:start', startOf('q', { durationMs, tickMs: 500 }));
  const startedAt = performance.now();
  await player.client.waitFor('question:tick');
  during();
  const closed = await player.client.waitFor('question:closed', () => true, {
    timeoutMs: durationMs + 60_000,
  });
  // A second closing would follow within the settling time; a command proves that the room goes on.
  await eventually(
    async () => (await host.client.call('question:start', startOf('next', { durationMs: 60_000 }))).ok,
    { timeoutMs: 60_000, everyMs: 100, message: 'the room does not go on' },
  );
  await player.client.waitFor('question:started', ({ questionId }) => questionId === 'next');
  const closings = player.client.events('question:closed').map((event) => event.payload);
  const ticks = player.client
    .events('question:tick')
    .filter(({ payload }) => payload.questionId === 'q')
    .map(({ payload }) => payload.remainingMs);
  const { receivedAt } = closed;
  return { atMostMs: receivedAt - sentAt, atLeastMs: receivedAt - startedAt, closings, ticks };
}

describe('wall clocks of gateways and schedulers', () => {
  itMovesClocks('that are minutes apart and step in mid-question change nothing', async () => {
    const prefix = uniquePrefix('wall-clocks');
    const own = [clock(420), clock(-240), clock(120)] as const;
    const [a, b] = await Promise.all([
      startGateway({ prefix, env: own[0].env }),
      startGateway({ prefix, env: own[1].env }),
      startScheduler({ prefix, env: own[2].env }),
    ]);
    const { atMostMs, atLeastMs, closings, ticks } = await play([a.url, b.url], 3_000, () => {
      own[0].set(-3_600);
      own[1].set(86_400);
      own[2].set(-60);
    });
    expect(closings).toHaveLength(1);
    expect(closings[0]).toMatchObject({ reason: 'expired' });
    // Each at its place, or a little later.
    const places = ticks.map((left) => Math.ceil(left / 500));
    expectTicksAt(places, [5, 4, 3, 2, 1]);
    expect(Number(closings[0]?.serverNow) - Number(closings[0]?.endsAt)).toBeLessThan(LATENESS_MS);
    expect(atMostMs).toBeGreaterThan(3_000 - 50);
    expect(atLeastMs).toBeLessThan(3_000 + BUSY_MS);
    const redis = redisClient(testRedisUrl());
    expect(await redis.keys(`${prefix}:*owner`)).not.toHaveLength(0);
    for (const key of await redis.keys(`${prefix}:*owner`))
      expect(await redis.hget(key, 'correction')).toBeNull();
    await closeRedisClient(redis);
  });
});

describe("a step of Redis' own clock in mid-question", () => {
  itMovesClocks.each([
    ['forward', 60],
    ['back', -60],
  ])(
    '%s is taken out of the correction: nothing closes early, and the deadline keeps its distance',
    async (_, seconds) => {
      const stepped = clock(0);
      const server = await startRedisServer({ serverEnv: stepped.env });
      const prefix = uniquePrefix('clock-step');
      const options = { prefix, redisUrl: server.url };
      const [a, b, scheduler] = await Promise.all([
        startGateway(options),
        startGateway(options),
        startScheduler(options),
      ]);
      const { atMostMs, atLeastMs, closings } = await play([a.url, b.url], 4_000, () => stepped.set(seconds));
      expect(closings).toHaveLength(1);
      expect(closings[0]).toMatchObject({ reason: 'expired' });
      expect(atMostMs).toBeGreaterThan(4_000 - 150);
      expect(atLeastMs).toBeLessThan(4_000 + BUSY_MS);
      await eventually(() => scheduler.stderr.some((line) => line.includes('the jump was taken out')));
      const redis = redisClient(server.url);
      const [owner = ''] = await redis.keys(`${prefix}:*owner`);
      expect(Math.abs(Number(await redis.hget(owner, 'correction')) + seconds * 1_000)).toBeLessThan(1_000);
      await closeRedisClient(redis);
    },
  );
});

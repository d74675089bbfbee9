import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { type RedisServer, startRedisServer, stopAllRedisServers } from '#libs/testing';
import { FRESH_ANSWERER, judge } from '#libs/timer-core';
import { RedisBackend } from '../src/index.js';
import { does, roomIn, start } from './room.fixture.js';

const PLAYERS = 60;
/** What is read besides: the samples of the clocks, and our own questions. */
const OTHER_READS = 15;

let server: RedisServer;
let backend: RedisBackend;
let redis: Redis;

beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  backend = await RedisBackend.connect({
    url: server.url,
    prefix: 'qb',
    shards: 1,
    retentionMs: 60_000,
    timeoutMs: 10_000,
    processName: 'gathered',
  });
});
afterAll(async () => {
  await backend.close();
  await redis.quit();
  await stopAllRedisServers();
});

const reads = async () => Number(/total_reads_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);

it('answers of one turn reach Redis together, and each is stored and acknowledged by itself', async () => {
  const { state } = await roomIn(backend.store, { now: backend.clock.now(0) });
  const { roomId } = state;
  const playerIds = Array.from({ length: PLAYERS }, (_, i) => `p${i}`);
  for (const playerId of playerIds) {
    await backend.members.enter({
      roomId,
      connection: `c-${playerId}`,
      member: { playerId, role: 'player', name: playerId },
      nameKey: playerId,
      maxPlayers: 1_000,
      secondConnection: 'replace',
    });
  }
  await does(backend.store, roomId, start());
  const live = await backend.answers.liveRuns(roomId);
  const run = live?.runs.at(-1);
  if (live === null || run === undefined) throw new Error('no run');
  const submit = (playerId: string) =>
    backend.answers.submit({
      roomId,
      runId: run.runId,
      recordVersion: run.version,
      answer: {
        ...judge(run, FRESH_ANSWERER, live.now),
        playerId,
        name: playerId,
        answerId: 'a',
        choice: '1',
      },
      isClamped: false,
      standing: null,
    });
  await submit('p0'); // Redis knows the script from here on
  const before = await reads();
  // One of them fails by itself: its player is nobody of the room.
  const results = await Promise.all([...playerIds.slice(1), 'stranger'].map(submit));
  expect((await reads()) - before).toBeLessThan(OTHER_READS);
  expect(results.map(({ kind }) => kind)).toEqual([...playerIds.slice(1).map(() => 'stored'), 'judge-again']);
  expect(await redis.hlen(backend.keys.answers(roomId, run.runId, 0).answers)).toBe(PLAYERS);
});

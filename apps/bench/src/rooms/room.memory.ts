import { Redis } from 'ioredis';
import { RandomIds } from '#libs/ops';
import { AnswerService } from '#libs/room';
import { version } from '#libs/timer-core';
import type { DueRoom } from '../closing.observer.js';
import { ContestArena, type NewRoom } from '../contest.arena.js';
import { spreadOver } from '../deadlines.loads.js';
import { inParallel } from '../in.parallel.js';
import { median } from '../percentiles.js';
import { memoryInUse } from '../stats/redis.memory.js';

/** Rooms whose keys are looked at one by one. */
const LOOKED_AT = 50;
/** No question ends while memory is looked at. */
const QUESTION_MS = 600_000;
const MOST_PLAYERS = 1_000;
/** Some for each shard, most likely. */
const AT_FIRST = 32;
/** As long as a gateway makes them. */
const PLAYER_ID_CHARACTERS = 14;
const CONNECTION_CHARACTERS = 20;

export interface RoomMemoryOptions {
  readonly url: string;
  readonly prefix: string;
  readonly rooms: number;
  /** So many join each room and answer; 0: nobody does. */
  readonly players: number;
}

/** Bytes for one room. */
export interface RoomBytes {
  /** What Redis uses more with these rooms, divided by them: also entries of what all rooms share. */
  readonly used: number;
  /** `MEMORY USAGE` of all its own keys: the median of rooms. */
  readonly keys: number;
}

export interface RoomMemory {
  readonly rooms: number;
  /** Just created. */
  readonly idle: RoomBytes;
  /** With an open question. */
  readonly open: RoomBytes;
  /** With players of whom each has answered it; null when nobody was to. */
  readonly answered: RoomBytes | null;
}

/** What rooms take of Redis' memory. Nobody else may use that Redis meanwhile. */
export async function measureMemory({
  url,
  prefix,
  rooms: count,
  players,
}: RoomMemoryOptions): Promise<RoomMemory> {
  const arena = await ContestArena.open(url, prefix, []);
  const redis = new Redis(url);
  try {
    // What one room brings along that the next ones share: scripts, streams, buffers of connections.
    await answerAll(arena, await open(arena, await arena.createRooms(AT_FIRST)), Math.max(1, players));
    const before = await memoryInUse(redis);
    const bytes = async (of: readonly NewRoom[], runs: readonly DueRoom[]): Promise<RoomBytes> => ({
      used: Math.round(((await memoryInUse(redis)) - before) / count),
      keys: await bytesOfKeys(arena, redis, of, runs),
    });
    const rooms = await arena.createRooms(count);
    const idle = await bytes(rooms, []);
    const runs = await open(arena, rooms);
    const opened = await bytes(rooms, runs);
    if (players === 0) return { rooms: count, idle, open: opened, answered: null };
    await answerAll(arena, runs, players);
    return { rooms: count, idle, open: opened, answered: await bytes(rooms, runs) };
  } finally {
    await redis.quit();
    await arena.close();
  }
}

const open = (arena: ContestArena, rooms: readonly NewRoom[]): Promise<DueRoom[]> =>
  arena.startQuestions(rooms.map(({ roomId }) => ({ roomId, endsAt: Math.ceil(arena.now()) + QUESTION_MS })));

/** Has players join each room and answer its question, by the calls of a gateway. */
async function answerAll(arena: ContestArena, runs: readonly DueRoom[], players: number): Promise<void> {
  const { members, answers, clock, keys } = arena.backend;
  const ids = new RandomIds();
  const service = new AnswerService(answers, ids, { clamped: () => {} });
  const everybody = runs.flatMap((run) =>
    Array.from({ length: players }, (_, i) => ({ ...run, name: `Player ${i + 1}` })),
  );
  await inParallel(everybody, async ({ roomId, runId, name }) => {
    const playerId = ids.token(PLAYER_ID_CHARACTERS);
    await members.enter({
      roomId,
      connection: ids.token(CONNECTION_CHARACTERS),
      member: { playerId, role: 'player', name },
      nameKey: name.toLowerCase(),
      maxPlayers: MOST_PLAYERS,
      secondConnection: 'replace',
    });
    const receivedAt = clock.now(keys.shardOf(roomId));
    const answer = { roomId, playerId, name, questionId: 'q1', choice: '"B"', receivedAt };
    await service.submit({ ...answer, runId: version(runId) });
  });
}

async function bytesOfKeys(
  { keys }: ContestArena,
  redis: Redis,
  rooms: readonly NewRoom[],
  runs: readonly DueRoom[],
): Promise<number> {
  const runIds = new Map(runs.map(({ roomId, runId }) => [roomId, runId]));
  const sums = spreadOver(rooms, LOOKED_AT).map(async ({ roomId, pin }) => {
    const shard = keys.shardOf(roomId);
    const runId = runIds.get(roomId);
    const names = [
      keys.pin(pin, shard),
      ...Object.values(keys.room(roomId, shard)),
      ...(runId === undefined ? [] : Object.values(keys.answers(roomId, runId, shard))),
    ];
    const bytes = await Promise.all(names.map((name) => redis.memory('USAGE', name, 'SAMPLES', 0)));
    return bytes.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  });
  return Math.round(median(await Promise.all(sums)));
}

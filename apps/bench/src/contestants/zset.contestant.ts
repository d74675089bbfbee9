import { Redis } from 'ioredis';
import { eventFrame } from '#libs/redis-store';
import { decideDue, epochMs } from '#libs/timer-core';
import type { DueRoom } from '../closing.observer.js';
import { processCpuMs } from '../stats/cpu.time.js';
import { CannotRun } from '../suite.types.js';
import type { Arena, Contestant } from './contestant.types.js';
import { startWorker } from './worker.process.js';
import { dueKey, memberOf } from './zset.members.js';

/** Members in one ZADD. */
const BATCH = 250;

/**
 * The limit: one sorted set for all rooms, and a script that publishes the closings that are due, which were written
 * beforehand. Nothing is decided, checked or kept.
 */
export const zsetContestant: Contestant = {
  kind: 'zset',
  name: 'bare ZSET loop',
  async start(arena) {
    const child = await startWorker(arena, 'ZSET loop', './zset.worker.main.js');
    const redis = new Redis(arena.url);
    return {
      ended: child.ended,
      schedule: (rooms) => addMembers(redis, arena, rooms),
      cpuMs: () => processCpuMs(child),
      stop: async () => {
        await redis.quit();
        await child.stop();
      },
    };
  },
};

async function addMembers(redis: Redis, arena: Arena, rooms: readonly DueRoom[]): Promise<void> {
  for (let i = 0; i < rooms.length; i += BATCH) {
    const members = await Promise.all(
      rooms.slice(i, i + BATCH).map(async (room) => [room.endsAt, await closingMember(arena, room)] as const),
    );
    await redis.zadd(dueKey(arena.prefix), ...members.flat());
  }
}

/** The closing as Quizbell would publish it. */
async function closingMember(arena: Arena, { roomId, endsAt }: DueRoom): Promise<string> {
  const loaded = await arena.store.load(roomId);
  const change = loaded && decideDue(loaded.state, epochMs(endsAt), epochMs(0));
  const event = change?.events.find(({ type }) => type === 'question:closed');
  if (!change || event === undefined) throw new CannotRun(`The room ${roomId} has nothing to close.`);
  const { head, remaining, tail } = eventFrame(arena.socketRoom(roomId, 'room'), event, change);
  return memberOf({ channel: arena.channelOf(roomId, 'room'), head, remaining, tail });
}

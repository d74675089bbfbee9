import { Redis } from 'ioredis';
import type { DueRoom } from '../closing.observer.js';
import { processCpuMs } from '../stats/cpu.time.js';
import type { Contestant } from './contestant.types.js';
import { expiringKey } from './key-expiry.keys.js';
import { startWorker } from './worker.process.js';

/** Redis tells of keys that expired (`x`), on channels named by the event (`E`). */
const EXPIRED_EVENTS = 'Ex';
const SETTING = 'notify-keyspace-events';
/** Keys in one pipeline. */
const BATCH = 500;

/**
 * One key a room, which Redis lets expire at the deadline; a process that hears of it commits and publishes as Quizbell
 * does. Redis' own hz and effort, as they come.
 */
export const keyExpiryContestant: Contestant = {
  kind: 'key-expiry',
  name: 'key-expiry events',
  async start(arena) {
    const redis = new Redis(arena.url);
    const [, before = ''] = (await redis.config('GET', SETTING)) as string[];
    const restore = async () => {
      await redis.config('SET', SETTING, before);
      await redis.quit();
    };
    try {
      await redis.config('SET', SETTING, EXPIRED_EVENTS);
      const child = await startWorker(arena, 'key-expiry worker', './key-expiry.worker.main.js');
      return {
        ended: child.ended,
        schedule: (rooms) => setKeys(redis, arena.prefix, rooms),
        cpuMs: () => processCpuMs(child),
        stop: async () => {
          await child.stop();
          await restore();
        },
      };
    } catch (failure) {
      await restore();
      throw failure;
    }
  },
};

async function setKeys(redis: Redis, prefix: string, rooms: readonly DueRoom[]): Promise<void> {
  for (let i = 0; i < rooms.length; i += BATCH) {
    const pipeline = redis.pipeline();
    for (const { roomId, endsAt } of rooms.slice(i, i + BATCH))
      pipeline.set(expiringKey(prefix, roomId), '1', 'PXAT', endsAt);
    await pipeline.exec();
  }
}

import { Queue } from 'bullmq';
import type { DueRoom } from '../closing.observer.js';
import { processCpuMs } from '../stats/cpu.time.js';
import { type DeadlineJob, QUEUE_NAME, queuePrefix } from './bullmq.queue.js';
import type { Contestant } from './contestant.types.js';
import { startWorker } from './worker.process.js';

/** Jobs in one addBulk. */
const BULK = 250;

/** A BullMQ worker with one delayed job a room, whose handler commits and publishes as Quizbell does. */
export function bullmqContestant(concurrency: number): Contestant {
  return {
    kind: 'bullmq',
    name: `bullmq, concurrency ${concurrency}`,
    async start(arena) {
      const child = await startWorker(arena, 'BullMQ worker', './bullmq.worker.main.js', [`${concurrency}`]);
      const queue = new Queue<DeadlineJob>(QUEUE_NAME, {
        connection: { url: arena.url },
        prefix: queuePrefix(arena.prefix),
      });
      return {
        ended: child.ended,
        schedule: (rooms) => addJobs(queue, rooms),
        cpuMs: () => processCpuMs(child),
        stop: async () => {
          await queue.close();
          await child.stop();
        },
      };
    },
  };
}

async function addJobs(queue: Queue<DeadlineJob>, rooms: readonly DueRoom[]): Promise<void> {
  for (let i = 0; i < rooms.length; i += BULK) {
    // Due at timestamp + delay, so with one's own timestamp to the millisecond at the deadline.
    const timestamp = Date.now();
    await queue.addBulk(
      rooms.slice(i, i + BULK).map(({ roomId, endsAt }) => ({
        name: 'deadline',
        data: { roomId },
        opts: { timestamp, delay: endsAt - timestamp, removeOnComplete: true, removeOnFail: false },
      })),
    );
  }
}

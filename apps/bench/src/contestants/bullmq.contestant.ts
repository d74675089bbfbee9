import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import type { DueRoom } from '../closing.observer.js';
import { GuardedChild } from '../process/guarded.child.js';
import { CannotRun } from '../suite.types.js';
import { type DeadlineJob, QUEUE_NAME, queuePrefix } from './bullmq.queue.js';
import type { Contestant } from './contestant.types.js';

const WORKER = fileURLToPath(new URL('./bullmq.worker.main.js', import.meta.url));
const START_TIMEOUT_MS = 15_000;
/** Jobs in one addBulk. */
const BULK = 250;

/** A BullMQ worker with one delayed job a room, whose handler commits and publishes as Quizbell does. */
export function bullmqContestant(concurrency: number): Contestant {
  return {
    name: `bullmq, concurrency ${concurrency}`,
    async start(arena) {
      const child = new GuardedChild({
        name: 'BullMQ worker',
        command: process.execPath,
        args: [...arena.nodeArgs, WORKER, arena.url, arena.prefix, `${arena.shards}`, `${concurrency}`],
        env: arena.env,
      });
      const ready = child.line(/^ready$/).then(() => undefined);
      const late = sleep(START_TIMEOUT_MS, 'The BullMQ worker did not start in time.', { ref: false });
      const problem = await Promise.race([ready, child.ended, late]);
      if (problem !== undefined) {
        await child.stop();
        throw new CannotRun(problem);
      }
      const queue = new Queue<DeadlineJob>(QUEUE_NAME, {
        connection: { url: arena.url },
        prefix: queuePrefix(arena.prefix),
      });
      return {
        ended: child.ended,
        schedule: (rooms) => addJobs(queue, rooms),
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

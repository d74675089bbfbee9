import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { RedisBackend } from '#libs/redis-store';
import { DECISION_HOLDS_MS, type RoomStore } from '#libs/room';
import { decideDue, epochMs, notAfterAt } from '#libs/timer-core';
import { type DeadlineJob, QUEUE_NAME, queuePrefix } from './bullmq.queue.js';

// usage: node bullmq.worker.main.js <redis url> <key prefix> <shards> <concurrency>
// Prints "ready" when it takes jobs; ends at SIGTERM.

const [url = '', prefix = '', shards, concurrency] = process.argv.slice(2);

/** Commits the closing of a room that is due, in the same script as Quizbell's owner: it publishes the event too. */
async function closeDue(store: RoomStore, roomId: string): Promise<void> {
  let loaded = await store.load(roomId);
  while (loaded !== null) {
    const { state, now } = loaded;
    if (state.question?.phase !== 'open') return;
    const change = decideDue(state, now, epochMs(0));
    if (change === null) {
      // A job that came early by a fraction of a millisecond; Redis' clock alone says what is due.
      await sleep(1);
      loaded = await store.load(roomId);
      continue;
    }
    const result = await store.commit({
      change,
      expected: state.version,
      notAfterAt: notAfterAt(state, change.state, now, DECISION_HOLDS_MS),
    });
    if (result.committed) return;
    loaded = result.current;
  }
}

const backend = await RedisBackend.connect({
  url,
  prefix,
  shards: Number(shards),
  retentionMs: 3_600_000,
  timeoutMs: 5_000,
  processName: 'bench-bullmq',
});
const worker = new Worker<DeadlineJob>(QUEUE_NAME, (job) => closeDue(backend.store, job.data.roomId), {
  connection: { url },
  prefix: queuePrefix(prefix),
  concurrency: Number(concurrency),
});
worker.on('error', (error) => console.error(error));
worker.on('failed', (_, error) => console.error(error));
await worker.waitUntilReady();
process.once('SIGTERM', () => {
  void Promise.all([worker.close(true), backend.close()]).then(() => process.exit(0));
});
console.log('ready');

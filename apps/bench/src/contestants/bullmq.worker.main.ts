import { Worker } from 'bullmq';
import { RedisBackend } from '#libs/redis-store';
import { type DeadlineJob, QUEUE_NAME, queuePrefix } from './bullmq.queue.js';
import { closeDue } from './close.due.js';

// usage: node bullmq.worker.main.js <redis url> <key prefix> <shards> <concurrency>
// Prints "ready" when it takes jobs; ends at SIGTERM.

const [url = '', prefix = '', shards, concurrency] = process.argv.slice(2);

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

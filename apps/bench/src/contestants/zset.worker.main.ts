import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { dueKey, PUBLISH_DUE } from './zset.members.js';

// usage: node zset.worker.main.js <redis url> <key prefix>
// Prints "ready" when it looks for what is due; ends at SIGTERM.

/** As many as Quizbell takes at a time. */
const BATCH = '128';
/** It looks as often even when nothing is known to be due: rooms are added by somebody else. */
const LOOK_MS = 10;

const [url = '', prefix = ''] = process.argv.slice(2);
const redis = new Redis(url);
const sha = String(await redis.script('LOAD', PUBLISH_DUE));
process.once('SIGTERM', () => process.exit(0));
console.log('ready');
for (;;) {
  const reply = await redis.evalsha(sha, 1, dueKey(prefix), BATCH);
  const [count, nextInMs] = reply as [number, number];
  if (count === 0) await sleep(nextInMs === -1 ? LOOK_MS : Math.min(LOOK_MS, nextInMs));
}

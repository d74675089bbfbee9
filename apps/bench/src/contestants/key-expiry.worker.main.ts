import { Redis } from 'ioredis';
import { RedisBackend } from '#libs/redis-store';
import { closeDue } from './close.due.js';
import { roomOfKey } from './key-expiry.keys.js';

// usage: node key-expiry.worker.main.js <redis url> <key prefix> <shards>
// Prints "ready" when it hears of expired keys; ends at SIGTERM.

const [url = '', prefix = '', shards] = process.argv.slice(2);

const backend = await RedisBackend.connect({
  url,
  prefix,
  shards: Number(shards),
  retentionMs: 3_600_000,
  timeoutMs: 60_000, // thousands may expire at once, and all of them are under way then
  processName: 'bench-key-expiry',
});
const subscriber = new Redis(url);
subscriber.on('message', (_channel, key) => {
  const roomId = roomOfKey(prefix, key);
  if (roomId !== null) closeDue(backend.store, roomId).catch((error) => console.error(error));
});
await subscriber.subscribe(`__keyevent@${subscriber.options.db ?? 0}__:expired`);
process.once('SIGTERM', () => {
  void Promise.all([subscriber.quit(), backend.close()]).then(() => process.exit(0));
});
console.log('ready');

import { createAdapter, createShardedAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import type { AdapterKind } from './relay.options.js';

/** Socket.IO's adapter over a Redis of its own connections. */
export function roomAdapter(kind: AdapterKind, redisUrl: string, prefix: string) {
  const [pub, sub] = [new Redis(redisUrl), new Redis(redisUrl)];
  return kind === 'sharded'
    ? createShardedAdapter(pub, sub, { channelPrefix: prefix })
    : createAdapter(pub, sub, { key: prefix });
}

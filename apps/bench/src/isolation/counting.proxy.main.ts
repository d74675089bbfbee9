import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { serve } from '../process/bench.worker.js';
import type { CountingOrders } from './counting.orders.js';
import { PushReader } from './redis.pushes.js';

const DEFAULT_PORT = 6_379;

let counts = new Map<string, number>();

function count(redis: Socket): void {
  const reader = new PushReader();
  redis.on('data', (piece: Buffer) => {
    for (const channel of reader.read(piece)) counts.set(channel, (counts.get(channel) ?? 0) + 1);
  });
}

serve<CountingOrders>({
  async start({ redisUrl }) {
    const { hostname, port } = new URL(redisUrl);
    const server = createServer({ noDelay: true }, (client) => {
      const redis = connect({ host: hostname, port: Number(port || DEFAULT_PORT), noDelay: true });
      count(redis);
      for (const [from, to] of [
        [client, redis],
        [redis, client],
      ] as const) {
        from.on('error', () => {}); // its end follows
        from.on('close', () => to.destroy());
        from.pipe(to);
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(redisUrl);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    return { url: url.toString() };
  },

  async take() {
    const messages = Object.fromEntries(counts);
    counts = new Map();
    return { messages };
  },
});

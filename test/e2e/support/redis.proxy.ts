import { createServer, type Socket, connect as tcpConnect } from 'node:net';

export interface RedisProxyOptions {
  /** Holds back all that a subscribing connection sends (ms): as if its network were slower than the others'. */
  subscribingLagMs?: number;
  /** Redis seems to be of this major version, by what INFO says. */
  majorVersion?: number;
}

/** A TCP proxy before Redis that reads along what Redis sends: so deliveries are counted, not believed. */
export interface RedisProxy {
  readonly url: string;
  /** How often Redis has sent something that names the room through here so far, over all connections. */
  mentions(roomId: string): number;
  /** How many broadcasts of that event of the room. */
  deliveries(roomId: string, event: string): number;
  /**
   * From now on all but subscribing connections are so much slower (ms) on their way to Redis, as if that way were long;
   * what was sent before is not overtaken. 0 is as fast as before.
   */
  slowDown(lagMs: number): void;
  /** From now on one direction of the subscribing connections of now is swallowed; both ends keep them open. */
  halfOpen(direction: HalfOpenDirection): void;
  /** How many subscribing connections there have been. */
  subscribingConnections(): number;
  stop(): Promise<void>;
}

/** What is lost on its way: what Redis sends, or what it is sent. */
export type HalfOpenDirection = 'from Redis' | 'to Redis';

/** Chunks may be cut anywhere: this many bytes of what came before are looked at together with the next one. */
const LOOK_BACK_BYTES = 64;

/** As many bytes as before: the length of a reply is told ahead of it. */
function disguised(before: string, chunk: Buffer, majorVersion: number): Buffer {
  const text = (before + chunk.toString('latin1')).replace(/(redis_version:)\d/g, `$1${majorVersion}`);
  return Buffer.from(text.slice(before.length), 'latin1');
}

export async function startRedisProxy(
  redisUrl: string,
  options: RedisProxyOptions = {},
): Promise<RedisProxy> {
  const { hostname, port } = new URL(redisUrl);
  const sockets = new Set<Socket>();
  // Kept whole, one text per connection: a name that is split over two chunks must be found too.
  const sent: string[] = [];
  const subscribing = new Set<{ swallows: HalfOpenDirection | undefined }>();
  let commandLagMs = 0;
  const server = createServer((client) => {
    const redis = tcpConnect(Number(port || 6379), hostname);
    const connection = sent.push('') - 1;
    for (const [from, to] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    let subscribingLagMs: number | undefined;
    // One timer for the head of a queue: timers of their own may fire in another order, and mix up the commands.
    const waiting: { chunk: Buffer; dueAt: number }[] = [];
    const pass = () => {
      for (let [head] = waiting; head !== undefined; [head] = waiting) {
        const lagMs = head.dueAt - performance.now();
        if (lagMs > 0) return void setTimeout(pass, lagMs);
        redis.write(head.chunk);
        waiting.shift();
      }
    };
    const state = { swallows: undefined as HalfOpenDirection | undefined };
    let [lastAsked, lastSaid] = ['', ''];
    client.on('data', (chunk: Buffer) => {
      // The connection tells its name before it does anything.
      const asked = lastAsked + chunk.toString('latin1');
      lastAsked = asked.slice(-LOOK_BACK_BYTES);
      if (!subscribing.has(state) && /-subscriptions\r\n/.test(asked)) {
        subscribingLagMs = options.subscribingLagMs ?? 0;
        subscribing.add(state);
      }
      if (state.swallows === 'to Redis') return;
      waiting.push({ chunk, dueAt: performance.now() + (subscribingLagMs ?? commandLagMs) });
      if (waiting.length === 1) pass();
    });
    redis.on('data', (chunk: Buffer) => {
      if (state.swallows === 'from Redis') return;
      const { majorVersion } = options;
      client.write(majorVersion === undefined ? chunk : disguised(lastSaid, chunk, majorVersion));
      const said = chunk.toString('latin1');
      sent[connection] += said;
      lastSaid = (lastSaid + said).slice(-LOOK_BACK_BYTES);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const count = (pattern: RegExp) =>
    sent.reduce((sum, stream) => sum + [...stream.matchAll(pattern)].length, 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `redis://127.0.0.1:${address.port}`,
    mentions: (roomId) => count(new RegExp(roomId, 'g')),
    // A push of Redis: its kind, then the channel, then the adapter's message.
    deliveries: (roomId, event) =>
      count(
        new RegExp(`smessage\\r\\n\\$\\d+\\r\\n[^\\r]*${roomId}#\\r\\n\\$\\d+\\r\\n[^\\r]*"${event}"`, 'g'),
      ),
    slowDown: (lagMs) => {
      commandLagMs = lagMs;
    },
    halfOpen: (direction) => {
      for (const connection of subscribing) connection.swallows = direction;
    },
    subscribingConnections: () => subscribing.size,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import { createServer, type Socket, connect as tcpConnect } from 'node:net';

/** A TCP proxy before Redis that, at one point, lets nothing more through to it. */
export interface HoldingProxy {
  readonly url: string;
  /** Whether that point was reached. */
  isHolding(): boolean;
  stop(): void;
}

/**
 * Passes everything on until something is sent for which `isLast` holds; that still goes to Redis, and nothing after it, on
 * any connection. So a process behind it can be killed between two of its commands.
 */
export async function holdAfter(redisUrl: string, isLast: (sent: string) => boolean): Promise<HoldingProxy> {
  const { hostname, port } = new URL(redisUrl);
  const sockets = new Set<Socket>();
  let isHolding = false;
  const server = createServer((client) => {
    const redis = tcpConnect(Number(port || 6379), hostname);
    for (const [from, to] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    client.on('data', (chunk: Buffer) => {
      if (isHolding) return;
      redis.write(chunk);
      isHolding = isLast(chunk.toString('latin1'));
    });
    redis.on('data', (chunk: Buffer) => client.write(chunk));
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `redis://127.0.0.1:${address.port}`,
    isHolding: () => isHolding,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

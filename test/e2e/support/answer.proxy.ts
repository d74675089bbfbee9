import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy before a gateway that can keep the gateway's answers back. */
export interface AnswerProxy {
  readonly url: string;
  /** From now on nothing of the gateway reaches its clients; what they send still reaches it. */
  keepAnswers(): void;
  /** Cuts all connections and takes no more. */
  stop(): void;
}

export async function proxyTo(gatewayUrl: string): Promise<AnswerProxy> {
  const { hostname, port } = new URL(gatewayUrl);
  const sockets = new Set<Socket>();
  let isKeeping = false;
  const server = createServer((client) => {
    const gateway = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, gateway],
      [gateway, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    client.on('data', (chunk: Buffer) => gateway.write(chunk));
    gateway.on('data', (chunk: Buffer) => isKeeping || client.write(chunk));
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    keepAnswers: () => {
      isKeeping = true;
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

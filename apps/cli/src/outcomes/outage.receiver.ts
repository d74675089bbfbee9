import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A receiver of webhooks that goes away and comes back, and keeps books of what it got. */
export class OutageReceiver {
  /** By message id, the instants (`performance.now()`) at which it was received. */
  readonly received = new Map<string, number[]>();
  /** Ids under which two different bodies came. */
  readonly conflicting = new Set<string>();
  forged = 0;
  private readonly bodies = new Map<string, string>();
  private readonly webhook: Webhook;
  private server: Server | undefined;
  private port = 0;

  constructor(secret: string) {
    this.webhook = new Webhook(secret);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/outcomes`;
  }

  /** Listens, from the second time on at the same address. */
  async comeUp(): Promise<void> {
    const server = createServer((request, response) => void this.take(request, response).catch(() => {}));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async goDown(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const id = String(request.headers['webhook-id']);
    try {
      this.webhook.verify(body, request.headers as Record<string, string>);
    } catch {
      this.forged += 1;
      response.writeHead(401).end();
      return;
    }
    if ((this.bodies.get(id) ?? body) !== body) this.conflicting.add(id);
    this.bodies.set(id, body);
    this.received.set(id, [...(this.received.get(id) ?? []), performance.now()]);
    response.writeHead(204).end();
  }
}

import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DefaultEventsMap, Server } from 'socket.io';
import { StoreUnavailableError } from '#libs/room';
import { TestClient } from '#libs/testing';
import { EVENT_NAMESPACE, RedisBackend, type RedisBackendOptions } from '../src/index.js';

/** A broadcast that a gateway received. */
export interface Observed {
  readonly event: string;
  readonly socketRoom: string;
  readonly payload: unknown;
}

/** A real Socket.IO server with the adapter under test: it joins sockets where they ask and does nothing else. */
export class Gateway {
  /** Messages of rooms that its subscribing connection received; not its own canaries. */
  messages = 0;

  private constructor(
    readonly backend: RedisBackend,
    readonly url: string,
    readonly observed: Observed[],
    private readonly http: HttpServer,
    private readonly io: Server<DefaultEventsMap, DefaultEventsMap>,
  ) {}

  static async start(options: Omit<RedisBackendOptions, 'retentionMs' | 'timeoutMs'>): Promise<Gateway> {
    const backend = await RedisBackend.connect({ ...options, retentionMs: 60_000, timeoutMs: 10_000 });
    const http = createServer();
    const observed: Observed[] = [];
    const { adapter, subscribed } = await backend.socketAdapter({
      observe: (event, socketRoom, payload) => observed.push({ event, socketRoom, payload }),
    });
    const io = new Server(http, { adapter, transports: ['websocket'], serveClient: false });
    io.of(EVENT_NAMESPACE).on('connection', (socket) => {
      socket.on('join', async ({ rooms }: { rooms: string[] }, ack: (answer: object) => void) => {
        try {
          for (const room of rooms) void socket.join(room);
          await Promise.all(rooms.map((room) => subscribed(room)));
          ack({ ok: true });
        } catch (error) {
          for (const room of rooms) void socket.leave(room);
          ack({ ok: false, isUnavailable: error instanceof StoreUnavailableError });
        }
      });
      socket.on('leave', ({ rooms }: { rooms: string[] }, ack: (answer: object) => void) => {
        for (const room of rooms) void socket.leave(room);
        ack({ ok: true });
      });
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const gateway = new Gateway(backend, url, observed, http, io);
    // biome-ignore lint/complexity/useLiteralKeys: the brackets reach a private field
    for (const client of backend['connections']) {
      client.on('smessageBuffer', (channel: Buffer) => {
        if (channel.includes(`#${EVENT_NAMESPACE}#`)) gateway.messages++;
      });
    }
    return gateway;
  }

  /** Makes each subscription reach Redis up to so much later, as on a network that holds packets back. */
  delaySubscriptions(upToMs: number): void {
    // biome-ignore lint/complexity/useLiteralKeys: the brackets reach a private field
    for (const client of this.backend['connections']) {
      const ssubscribe = client.ssubscribe.bind(client) as (channel: string) => Promise<unknown>;
      const late = async (channel: string): Promise<unknown> => {
        await sleep(Math.random() * upToMs);
        return ssubscribe(channel);
      };
      Object.assign(client, { ssubscribe: late });
    }
  }

  connect(): Promise<TestClient> {
    return TestClient.connect(this.url);
  }

  async close(): Promise<void> {
    await this.io.close();
    this.http.closeAllConnections();
    await this.backend.close();
  }
}

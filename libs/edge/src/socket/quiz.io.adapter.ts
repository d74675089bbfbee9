import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { Server, type ServerOptions } from 'socket.io';
import { QUIZ_NAMESPACE, wireError } from '#libs/protocol';
import { ConnectionLimits, type CountedConnection } from '../access/connection.limits.js';
import { isOriginAllowed } from '../access/origin.policy.js';
import type { BroadcastPort } from '../broadcast.port.js';
import type { EdgeOptions } from '../edge.options.js';
import { TutorialGateway } from '../tutorial/tutorial.gateway.js';
import { type BroadcastConnection, writeBroadcasts } from './broadcast.frames.js';
import { guardFlood } from './flood.guard.js';
import { type EngineConnection, guardFrames } from './frame.guard.js';
import { type BufferedConnection, SlowReaders } from './slow.readers.js';
import type { Namespace, Socket } from './socket.types.js';

/** A lost client is noticed within the sum of both, so that presence and a second connection's wait stay short. */
const PING_INTERVAL_MS = 5_000;
const PING_TIMEOUT_MS = 5_000;
/** From the websocket to the namespace. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A larger frame ends the connection; from 16 KiB on it is refused by an ack. */
const MAX_FRAME_BYTES = 65_536;

/** A websocket, as Engine.IO tells of it. */
type OpenedConnection = EngineConnection & CountedConnection & BufferedConnection & BroadcastConnection;

/** Makes the Socket.IO server as the protocol wants it: websocket only, small frames, no recovery of its own. */
export class QuizIoAdapter extends IoAdapter {
  private made: Server | undefined;
  private readonly slowReaders: SlowReaders;

  constructor(
    app: INestApplicationContext,
    private readonly options: EdgeOptions,
    private readonly connections: ConnectionLimits,
    private readonly tutorial: TutorialGateway,
  ) {
    super(app);
    const { config, logger, metrics } = options;
    this.slowReaders = new SlowReaders(config.limits.maxBufferBytes, (bufferedBytes) => {
      metrics.limitRefusals.inc({ limit: 'slow_reader' });
      logger.warn({ bufferedBytes }, 'a connection was ended: its client does not read');
    });
  }

  override createIOServer(_port: number, nestOptions?: Partial<ServerOptions>): Server {
    const { broadcast, config, metrics } = this.options;
    const server = new Server(this.httpServer, {
      ...nestOptions,
      transports: ['websocket'],
      allowUpgrades: false,
      serveClient: false,
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: PING_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxHttpBufferSize: MAX_FRAME_BYTES,
      // Costs each connection 100 KiB and more for frames of a few hundred bytes.
      perMessageDeflate: false,
      // Browsers send an origin with websockets, but nobody checks it for us: `cors` is about plain requests.
      allowRequest: ({ headers }, decide) => {
        const isAllowed = isOriginAllowed(config.http.origins, headers.origin, headers.host);
        if (!isAllowed) {
          metrics.limitRefusals.inc({ limit: 'origin' });
          decide('This origin is not allowed.', false);
        } else if (this.connections.mayOpen()) decide(null, true);
        else decide('This gateway is full.', false);
      },
      ...(broadcast.adapter === undefined ? {} : { adapter: constructible(broadcast.adapter) }),
    });
    server.engine.on('connection', (connection: OpenedConnection) => this.guard(connection));
    const native = server.of(QUIZ_NAMESPACE);
    native.use((socket, next) => void this.admit(socket, next));
    broadcast.attach?.(native);
    if (this.tutorial.isOn) {
      server.of('/').use((socket, next) => void this.admit(socket, next));
      this.tutorial.mount(server.of('/'), native);
    } else server.of('/').use(sendToNative);
    this.made = server;
    return server;
  }

  private guard(connection: OpenedConnection): void {
    this.connections.add(connection);
    this.slowReaders.watch(connection);
    guardFlood(connection, this.options.config.limits.events, () =>
      this.options.metrics.limitRefusals.inc({ limit: 'flood' }),
    );
    guardFrames(connection);
    writeBroadcasts(connection);
  }

  /** The refusal is the `data` of the client's `connect_error`; then the connection is closed. */
  private async admit(socket: Socket, next: (error?: Error) => void): Promise<void> {
    const refusal = await this.connections.refusalOf(socket.conn as unknown as CountedConnection);
    if (refusal === null) {
      next();
      return;
    }
    next(Object.assign(new Error(refusal.message), { data: refusal }));
    // Socket.IO sends the refusal in a later turn; closing lets what is to be sent go first.
    setImmediate(() => socket.conn.close());
  }

  /** Closes the server and its adapter, whatever Nest thinks of the HTTP server's connections. */
  async closeServer(): Promise<void> {
    this.slowReaders.stop();
    await this.made?.close();
  }
}

/** Socket.IO lets everybody into the default namespace, where nothing is without tutorial mode. */
function sendToNative(_socket: Socket, next: (error: Error) => void): void {
  const message = `Connect to the namespace ${QUIZ_NAMESPACE}.`;
  const data = wireError('invalid_payload', message, { field: 'namespace' });
  next(Object.assign(new Error(message), { data }));
}

/** Socket.IO calls `new` on what makes its adapters, which an arrow function does not suffer. */
function constructible(make: NonNullable<BroadcastPort['adapter']>): NonNullable<ServerOptions['adapter']> {
  function MadeAdapter(namespace: Namespace) {
    return make(namespace);
  }
  return MadeAdapter as unknown as NonNullable<ServerOptions['adapter']>;
}

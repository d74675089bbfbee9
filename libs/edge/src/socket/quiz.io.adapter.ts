import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { Server, type ServerOptions } from 'socket.io';
import { QUIZ_NAMESPACE } from '#libs/protocol';
import { isOriginAllowed } from '../access/origin.policy.js';
import type { BroadcastPort } from '../broadcast.port.js';
import type { EdgeOptions } from '../edge.options.js';
import { type EngineConnection, guardFrames } from './frame.guard.js';
import type { Namespace } from './socket.types.js';

/** A lost client is noticed within the sum of both, so that presence and a second connection's wait stay short. */
const PING_INTERVAL_MS = 5_000;
const PING_TIMEOUT_MS = 5_000;
/** From the websocket to the namespace. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A larger frame ends the connection; from 16 KiB on it is refused by an ack. */
const MAX_FRAME_BYTES = 65_536;

/** Makes the Socket.IO server as the protocol wants it: websocket only, small frames, no recovery of its own. */
export class QuizIoAdapter extends IoAdapter {
  private made: Server | undefined;

  constructor(
    app: INestApplicationContext,
    private readonly options: EdgeOptions,
  ) {
    super(app);
  }

  override createIOServer(_port: number, nestOptions?: Partial<ServerOptions>): Server {
    const { broadcast, config } = this.options;
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
        decide(isAllowed ? null : 'This origin is not allowed.', isAllowed);
      },
      ...(broadcast.adapter === undefined ? {} : { adapter: constructible(broadcast.adapter) }),
    });
    server.engine.on('connection', (connection: EngineConnection) => guardFrames(connection));
    // Socket.IO lets everybody into the default namespace, where nothing is.
    server.of('/').use((_socket, next) => next(new Error(`Connect to the namespace ${QUIZ_NAMESPACE}.`)));
    broadcast.attach?.(server.of(QUIZ_NAMESPACE));
    this.made = server;
    return server;
  }

  /** Closes the server and its adapter, whatever Nest thinks of the HTTP server's connections. */
  async closeServer(): Promise<void> {
    await this.made?.close();
  }
}

/** Socket.IO calls `new` on what makes its adapters, which an arrow function does not suffer. */
function constructible(make: NonNullable<BroadcastPort['adapter']>): NonNullable<ServerOptions['adapter']> {
  function MadeAdapter(namespace: Namespace) {
    return make(namespace);
  }
  return MadeAdapter as unknown as NonNullable<ServerOptions['adapter']>;
}

import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { listenOn, NestLogger, type ReadinessCheck } from '#libs/ops';
import { LIMITS } from '#libs/protocol';
import { isOriginAllowed } from './access/origin.policy.js';
import { EdgeModule } from './edge.module.js';
import type { EdgeOptions } from './edge.options.js';
import { ProblemFilter } from './rest/problem.filter.js';
import { CommandDispatcher } from './socket/command.dispatcher.js';
import { MemberDepartures } from './socket/member.departures.js';
import { QuizIoAdapter } from './socket/quiz.io.adapter.js';

/** Clients of a closing gateway come back at random instants up to this, so that they do not all come at once. */
const RECONNECT_WITHIN_MS = 1_000;
/** What is under way at the end may take so long, in all well below the 10 s in which the process must stop. */
const DRAIN_LIMIT_MS = 2_000;

const LOCAL_HOSTS = ['0.0.0.0', '::', '127.0.0.1', '::1'];

/** The listening gateway. */
export class EdgeServer {
  private constructor(
    /** The real port. */
    readonly port: number,
    /** Where people find it. */
    readonly url: string,
    /** Whether to send clients here: the checks of the options, and not closing. */
    readonly ready: ReadinessCheck,
    private readonly app: NestExpressApplication,
    private readonly sockets: QuizIoAdapter,
    private readonly draining: { isDraining: boolean },
  ) {}

  /**
   * Makes the application and listens, last of all: everything that `options` names must work by then.
   *
   * @throws ConfigurationError when the port cannot be had
   */
  static async start(given: EdgeOptions): Promise<EdgeServer> {
    const draining = { isDraining: false };
    const ready = async () => ({ ...(await given.ready()), accepting: !draining.isDraining });
    const options: EdgeOptions = { ...given, ready };
    const { http } = options.config;
    const app = await NestFactory.create<NestExpressApplication>(EdgeModule.register(options), {
      bodyParser: false,
      abortOnError: false,
      logger: new NestLogger(options.logger),
    });
    const sockets = new QuizIoAdapter(app, options);
    app.useWebSocketAdapter(sockets);
    app.useGlobalFilters(new ProblemFilter(options.logger));
    app.disable('x-powered-by');
    app.set('trust proxy', http.trustProxy);
    app.use((request: Request, response: Response, next: NextFunction) => {
      response.setHeader('Cache-Control', 'no-store');
      response.once('finish', () => {
        options.metrics.restRequests.inc({ method: request.method, status: response.statusCode });
      });
      next();
    });
    app.enableCors((request: Request, decide: (error: null, cors: { origin: boolean }) => void) => {
      decide(null, { origin: isOriginAllowed(http.origins, request.headers.origin, request.headers.host) });
    });
    // Whatever the content type says: `curl -d` would otherwise send a body that is silently not read.
    app.useBodyParser('json', { limit: LIMITS.frameBytes, strict: false, type: () => true });
    await app.init();
    try {
      const port = await listenOn(app.getHttpServer(), http.host, http.port, 'PORT');
      const host = LOCAL_HOSTS.includes(http.host) ? 'localhost' : http.host;
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
      return new EdgeServer(port, url, ready, app, sockets, draining);
    } catch (error) {
      await sockets.closeServer();
      throw error;
    }
  }

  /** Tells clients to go elsewhere, finishes what is under way, closes all connections. */
  async close(): Promise<void> {
    this.draining.isDraining = true;
    const dispatcher = this.app.get(CommandDispatcher);
    for (const socket of dispatcher.connected()) {
      socket.emit('server:draining', { reconnectAfterMs: randomInt(RECONNECT_WITHIN_MS) });
    }
    await withinLimit(dispatcher.idle());
    for (const socket of [...dispatcher.connected()]) socket.disconnect(true);
    // The queues tell of departures in a later turn of the event loop.
    await delay(0);
    await withinLimit(this.app.get(MemberDepartures).told());
    await this.sockets.closeServer();
    this.app.getHttpServer().closeAllConnections();
    await this.app.close();
  }
}

async function withinLimit(work: Promise<void>): Promise<void> {
  await Promise.race([work, delay(DRAIN_LIMIT_MS, undefined, { ref: false })]);
}

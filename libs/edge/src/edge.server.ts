import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import { listenOn, NestLogger, type ReadinessCheck } from '#libs/ops';
import { LIMITS } from '#libs/protocol';
import { ClientAddresses } from './access/client.address.js';
import { ConnectionLimits } from './access/connection.limits.js';
import { isOriginAllowed } from './access/origin.policy.js';
import { DrainState } from './drain.state.js';
import { EdgeModule } from './edge.module.js';
import type { EdgeOptions } from './edge.options.js';
import { PageServer } from './pages/page.server.js';
import { ProblemFilter } from './rest/problem.filter.js';
import { limitRestRate } from './rest/rest.rate.js';
import { RestTraffic } from './rest/rest.traffic.js';
import { CommandDispatcher } from './socket/command.dispatcher.js';
import { GatewayDrain } from './socket/gateway.drain.js';
import { MemberDepartures } from './socket/member.departures.js';
import { QuizIoAdapter } from './socket/quiz.io.adapter.js';
import { ReceiveClock } from './socket/receive.clock.js';
import { RoomRefresher } from './socket/room.refresher.js';
import { TutorialGateway } from './tutorial/tutorial.gateway.js';

/** Behind the drain, requests may take so long to be answered, and departures to be told. */
const FINISH_WITHIN_MS = 2_000;

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
    private readonly drain: DrainState,
    private readonly traffic: RestTraffic,
    private readonly drainMs: number,
  ) {}

  /**
   * Makes the application and listens, last of all: everything that `options` names must work by then.
   *
   * @throws ConfigurationError when the port cannot be had
   */
  static async start(given: EdgeOptions): Promise<EdgeServer> {
    const drain = new DrainState();
    // Not behind the other checks, which may take their time when Redis is the reason for the stop.
    const ready = async () =>
      drain.isDraining ? { accepting: false } : { ...(await given.ready()), accepting: true };
    const options: EdgeOptions = { ...given, ready };
    const { http } = options.config;
    const addresses = new ClientAddresses(http.trustProxy);
    const app = await NestFactory.create<NestExpressApplication>(
      EdgeModule.register(options, drain, addresses),
      {
        bodyParser: false,
        abortOnError: false,
        logger: new NestLogger(options.logger),
      },
    );
    const { limits, metrics } = options;
    const connections = new ConnectionLimits(options.config.limits, limits, addresses, metrics);
    const sockets = new QuizIoAdapter(app, options, connections, app.get(TutorialGateway));
    app.useWebSocketAdapter(sockets);
    app.useGlobalFilters(new ProblemFilter(options.logger));
    app.disable('x-powered-by');
    app.set('trust proxy', http.trustProxy);
    const traffic = new RestTraffic(options.metrics, drain);
    // Before those who count and limit: what it answers is no REST.
    if (options.pages !== undefined) app.use(new PageServer(options.pages, options.logger).handle);
    app.use(traffic.observe);
    app.enableCors((request: Request, decide: (error: null, cors: { origin: boolean }) => void) => {
      decide(null, { origin: isOriginAllowed(http.origins, request.headers.origin, request.headers.host) });
    });
    app.use('/v1', limitRestRate(limits, addresses, metrics));
    // Whatever the content type says: `curl -d` would otherwise send a body that is silently not read.
    app.useBodyParser('json', { limit: LIMITS.frameBytes, strict: false, type: () => true });
    await app.init();
    try {
      const port = await listenOn(app.getHttpServer(), http.host, http.port, 'PORT');
      const host = LOCAL_HOSTS.includes(http.host) ? 'localhost' : http.host;
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
      return new EdgeServer(port, url, ready, app, sockets, drain, traffic, http.drainMs);
    } catch (error) {
      await sockets.closeServer();
      throw error;
    }
  }

  /**
   * Is not ready any more, tells clients to go elsewhere and gives them the time, finishes what is under way, closes all
   * connections.
   */
  async close(): Promise<void> {
    this.drain.begin();
    const tutorial = this.app.get(TutorialGateway);
    await new GatewayDrain([this.app.get(CommandDispatcher), tutorial], this.drainMs).run();
    tutorial.stop();
    this.app.get(RoomRefresher).stop();
    this.app.get(ReceiveClock).stop();
    // The queues tell of departures in a later turn of the event loop.
    await delay(0);
    await withinLimit(Promise.all([this.app.get(MemberDepartures).told(), this.traffic.idle()]));
    await this.sockets.closeServer();
    this.app.getHttpServer().closeAllConnections();
    await this.app.close();
  }
}

async function withinLimit(work: Promise<unknown>): Promise<void> {
  await Promise.race([work, delay(FINISH_WITHIN_MS, undefined, { ref: false })]);
}

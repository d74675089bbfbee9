import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type HealthReport, liveness, type ReadinessCheck, readiness } from './health.check.js';
import { listenOn } from './http.listen.js';
import type { Metrics } from './metrics.registry.js';

export interface OpsServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly ready: ReadinessCheck;
  readonly metrics: Metrics;
  /** A page for operators, under its path; it decides itself who may see it. */
  readonly page?: { readonly path: string; readonly handle: RequestListener } | undefined;
}

/**
 * `GET /health/live`, `/health/ready` and `/metrics` on a port of their own, which is for operators and never published.
 */
export class OpsServer {
  private constructor(
    /** Where it listens. */
    readonly port: number,
    private readonly end: () => Promise<void>,
  ) {}

  /** @throws ConfigurationError when the port cannot be had */
  static async start(options: OpsServerOptions): Promise<OpsServer> {
    const server = createServer((request, response) => {
      answer(request, response, options).catch(() => response.destroy());
    });
    const port = await listenOn(server, options.host, options.port, 'QUIZBELL_OPS_PORT');
    return new OpsServer(port, async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
  }

  async close(): Promise<void> {
    await this.end();
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: OpsServerOptions,
): Promise<void> {
  const path = request.url?.split('?')[0];
  if (path === '/health/live') return sendHealth(response, liveness());
  if (path === '/health/ready') return sendHealth(response, await readiness(options.ready));
  if (path === '/metrics') {
    const { contentType, body } = await options.metrics.text();
    response.writeHead(200, { 'content-type': contentType }).end(body);
    return;
  }
  const { page } = options;
  if (page !== undefined && (path === page.path || path?.startsWith(`${page.path}/`))) {
    return page.handle(request, response);
  }
  response
    .writeHead(404, { 'content-type': 'text/plain' })
    .end('Here are /health/live, /health/ready and /metrics.\n');
}

function sendHealth(response: ServerResponse, { httpStatus, body }: HealthReport): void {
  response.writeHead(httpStatus, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

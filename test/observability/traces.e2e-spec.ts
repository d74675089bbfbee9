import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  eventually,
  type LooseJson,
  rest,
  startGateway,
  startScheduler,
  stopAllProcesses,
  type TestProcess,
  uniquePrefix,
} from '#libs/testing';
import { type Cluster, startCluster } from '../e2e/support/cluster.harness.js';
import { command, createRoom, join as joinRoom } from '../e2e/support/room.client.js';

jest.setTimeout(120_000);

/** A span with the name of the service that sent it. */
interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Speaks as much of OTLP over HTTP as a collector has to. */
class Collector {
  readonly spans: ReceivedSpan[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Collector> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method === 'POST' && request.url === '/v1/traces')
          collector.take(JSON.parse(Buffer.concat(chunks).toString()));
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    const collector = new Collector(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  get url(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take({ resourceSpans }: LooseJson): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = valuesOf(resource.attributes)['service.name'];
      for (const { spans } of scopeSpans)
        for (const span of spans) {
          this.spans.push({ ...span, service, attributes: valuesOf(span.attributes) });
        }
    }
  }
}

const valuesOf = (attributes: LooseJson[]): LooseJson =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const HOSTS_TRACE = '0af7651916cd43dd8448eb211c80319c';
const HOSTS_SPAN = 'b7ad6b7169203331';

/** Everything that one question must leave behind, by who tells it. */
const EXPECTED = [
  'quizbell-gateway commit',
  'quizbell-gateway deliver question:closed',
  'quizbell-gateway deliver question:opened',
  'quizbell-gateway deliver question:started',
  'quizbell-gateway deliver question:tick',
  'quizbell-gateway question:start',
  'quizbell-scheduler fire closed',
  'quizbell-scheduler fire opened',
  'quizbell-scheduler settle',
  'quizbell-scheduler tick',
];

describe('the trace of one question', () => {
  let collector: Collector;
  let cluster: Cluster;

  beforeAll(async () => {
    collector = await Collector.start();
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      LOG_LEVEL: 'debug',
    };
    cluster = await startCluster('traces', { env });
  });
  afterAll(async () => {
    await cluster?.stop();
    await collector?.stop();
  });

  it('leads from the command of the host to the last broadcast, through every process', async () => {
    const room = await createRoom(cluster.a.url);
    await joinRoom(cluster.a.url, { pin: room.pin });
    const far = await joinRoom(cluster.b.url, { pin: room.pin });
    const question = { questionId: 'q-1', durationMs: 4_000, leadInMs: 400, tickMs: 500 };
    const started = await rest(`${cluster.a.url}/v1/rooms/${room.roomId}/question`, {
      key: room.hostToken,
      body: question,
      headers: { traceparent: `00-${HOSTS_TRACE}-${HOSTS_SPAN}-01` },
    });
    expect(started.status).toBe(200);
    const { runId } = started.body.snapshot;
    await far.client.waitFor('question:closed');
    const ofRoom = () =>
      collector.spans.filter(({ attributes }) => attributes['quizbell.room_id'] === room.roomId);
    const told = () => [...new Set(ofRoom().map(({ service, name }) => `${service} ${name}`))].sort();
    await eventually(() => EXPECTED.every((one) => told().includes(one)), {
      message: 'not every step was told',
    }).catch(() => undefined);
    expect(told()).toEqual(EXPECTED);
    // Both gateways have a member of the room.
    const closings = () => ofRoom().filter(({ name }) => name === 'deliver question:closed');
    await eventually(() => closings().length === 2, { message: 'not every gateway told of the closing' });

    const spans = ofRoom();
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(new Set(spans.map(({ attributes }) => Number(attributes['quizbell.run_id'])))).toEqual(
      new Set([runId]),
    );
    const [root, ...others] = spans.filter(({ parentSpanId }) => !parentSpanId);
    expect(others).toEqual([]);
    expect(root).toMatchObject({ name: 'question:start', service: 'quizbell-gateway' });
    expect(root?.links).toMatchObject([{ traceId: HOSTS_TRACE, spanId: HOSTS_SPAN }]);
    const below = spans.filter((span) => span !== root);
    expect(below.filter(({ parentSpanId }) => parentSpanId !== root?.spanId)).toEqual([]);

    const about = ({ lines }: TestProcess) =>
      lines
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line))
        .filter((entry) => entry.roomId === room.roomId && entry.traceId === root?.traceId);
    const fields = { questionId: 'q-1', runId, version: expect.any(Number) };
    expect(about(cluster.a)).toContainEqual(expect.objectContaining({ ...fields, event: 'question:start' }));
    expect(about(cluster.scheduler)).toContainEqual(expect.objectContaining({ ...fields, kind: 'closed' }));
  });

  it('is of another run another one, also by socket', async () => {
    const room = await createRoom(cluster.a.url);
    const host = await joinRoom(cluster.b.url, { token: room.hostToken });
    await command(host.client, 'question:start', { questionId: 'q-1', durationMs: 60_000 });
    await command(host.client, 'question:stop');
    await command(host.client, 'question:start', { questionId: 'q-2', durationMs: 60_000 });
    const traces = () =>
      collector.spans
        .filter(
          ({ name, attributes }) =>
            name === 'question:start' && attributes['quizbell.room_id'] === room.roomId,
        )
        .map(({ traceId }) => traceId);
    await eventually(() => traces().length === 2);
    expect(new Set(traces()).size).toBe(2);
  });
});

describe('without traces', () => {
  afterAll(stopAllProcesses);

  it('nothing of OpenTelemetry is loaded', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quizbell-loaded-'));
    try {
      const app = { prefix: uniquePrefix('untraced'), env: { NODE_V8_COVERAGE: folder } };
      const processes = await Promise.all([startGateway(app), startScheduler(app)]);
      for (const one of processes) expect((await one.stop()).code).toBe(0);
      const files = await readdir(folder);
      expect(files.length).toBeGreaterThanOrEqual(2);
      const reports = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
      const loaded = reports.flatMap((report) => JSON.parse(report).result.map(({ url }: LooseJson) => url));
      expect(loaded.filter((url: string) => url.includes('/libs/ops/')).length).toBeGreaterThan(0);
      // Its interface alone comes with the metrics' library, which asks it for exemplars.
      const others = loaded.filter((url: string) => /@opentelemetry\/(?!api\/)/.test(url));
      expect(others).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

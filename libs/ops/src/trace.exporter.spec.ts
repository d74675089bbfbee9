import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { portOf } from './http.listen.js';
import { TraceExporter } from './trace.exporter.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  for (const close of closing.splice(0)) await close();
});

/** A collector that only remembers which runs it was told of. */
async function collector(): Promise<Set<number>> {
  const runs = new Set<number>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      for (const [, run] of body.matchAll(/"quizbell\.run_id","value":\{"intValue":"?(\d+)/g))
        runs.add(Number(run));
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${portOf(server)}`;
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return runs;
}

const exporter = (serviceName: string, ratio: number) =>
  new TraceExporter({ serviceName, version: '0.1.0', ratio, logger: { warn: () => undefined } });

const span = (runId: number) =>
  ({ name: 'tick', roomId: '001r', runId, questionId: 'q', kind: 'internal', tookMs: 1 }) as const;

describe('a part of all runs', () => {
  it('is the same part in every process', async () => {
    const runsOf = async (name: string) => {
      const runs = await collector();
      const traces = exporter(name, 0.5);
      for (let runId = 1; runId <= 100; runId++) traces.tell({ ...span(runId), isRoot: name === 'gateway' });
      await traces.close();
      return [...runs].sort((a, b) => a - b);
    };
    const ofGateway = await runsOf('gateway');
    expect(await runsOf('scheduler')).toEqual(ofGateway);
    expect(ofGateway.length).toBeGreaterThan(20);
    expect(ofGateway.length).toBeLessThan(80);
  });
});

describe('a collector that is away', () => {
  it('holds up nobody, not even a stop', async () => {
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:9';
    const traces = exporter('gateway', 1);
    traces.tell(span(1));
    await traces.close();
  });
});

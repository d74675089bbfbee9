import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration.error.js';
import type { ReadinessCheck } from './health.check.js';
import { Metrics } from './metrics.registry.js';
import { OpsServer } from './ops.server.js';

const started: OpsServer[] = [];

async function start(ready: ReadinessCheck, metrics = new Metrics(), port = 0): Promise<string> {
  const server = await OpsServer.start({ host: '127.0.0.1', port, ready, metrics });
  started.push(server);
  return `http://127.0.0.1:${server.port}`;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});

describe('the listener for operators', () => {
  it('is ready when every check is, and says which one is not', async () => {
    const checks = { redis: true };
    const url = await start(async () => checks);
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok', checks: { redis: true } }]);
    checks.redis = false;
    const unready = await fetch(`${url}/health/ready`);
    expect([unready.status, await unready.json()]).toEqual([
      503,
      { status: 'unavailable', checks: { redis: false } },
    ]);
  });

  it('lives while a check throws, and is not ready', async () => {
    const url = await start(async () => {
      throw new Error('nobody there');
    });
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);
  });

  it('tells the metrics as Prometheus reads them', async () => {
    const metrics = new Metrics();
    metrics.scheduler.ticks.inc({ result: 'sent' }, 3);
    const url = await start(async () => ({}), metrics);
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toContain('quizbell_ticks_total{result="sent"} 3');
    expect((await fetch(`${url}/`)).status).toBe(404);
  });

  it('names the variable when its port is taken', async () => {
    const url = await start(async () => ({}));
    const again = start(async () => ({}), new Metrics(), Number(new URL(url).port));
    await expect(again).rejects.toThrow(ConfigurationError);
    await expect(again).rejects.toThrow(/QUIZBELL_OPS_PORT.*is taken/);
  });
});

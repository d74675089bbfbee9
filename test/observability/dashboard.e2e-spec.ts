import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually, REPOSITORY_ROOT, rest, runProcess, type TestProcess } from '#libs/testing';
import { type Cluster, startCluster } from '../e2e/support/cluster.harness.js';
import { metricNames, opsUrl } from './support/ops.port.js';
import { hasPrometheus, type PrometheusServer, startPrometheus } from './support/prometheus.server.js';

jest.setTimeout(240_000);

// Grafana itself is not run: its queries are, by a real Prometheus that has scraped a live cluster.

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(
  readFileSync(join(REPOSITORY_ROOT, 'deploy/grafana/dashboards/quizbell.json'), 'utf8'),
);
const panels: Panel[] = dashboard.panels;

/** What Grafana fills in: four scrapes at least. */
const filledIn = (expr: string) => expr.replaceAll('$__rate_interval', '20s');

/** Nothing is refused in a demo, so this one has nothing to show. */
const MAY_BE_EMPTY = ['Refusals by limit'];

/** Nobody is there, so that outcomes wait. */
const WEBHOOKS = {
  QUIZBELL_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  QUIZBELL_WEBHOOK_URL: 'http://127.0.0.1:9/outcomes',
  QUIZBELL_WEBHOOK_ALLOW_PRIVATE: 'true',
};

describe('what operators see of a live cluster', () => {
  let cluster: Cluster;
  let schedulers: TestProcess[];
  let prometheus: PrometheusServer | undefined;

  beforeAll(async () => {
    cluster = await startCluster('dashboard', { env: WEBHOOKS });
    schedulers = [cluster.scheduler, await cluster.anotherScheduler()];
  });
  afterAll(async () => {
    await prometheus?.stop();
    await cluster?.stop();
  });

  it('is exported by those only who do it', async () => {
    const gateway = await metricNames(cluster.a);
    const scheduler = await metricNames(cluster.scheduler);
    const common = [...gateway].filter((name) => scheduler.has(name) && name.startsWith('quizbell_')).sort();
    expect(common).toEqual([
      'quizbell_build_info',
      'quizbell_clock_steps_adopted_total',
      'quizbell_redis_clock_offset_seconds',
      'quizbell_redis_clock_sample_age_seconds',
      'quizbell_redis_clock_sample_failures_total',
      'quizbell_redis_round_trip_seconds',
    ]);
    expect([...gateway]).toContain('quizbell_connections');
    expect([...scheduler]).toContain('quizbell_shards_owned');
  });

  it('is healthy by named checks, and a standby is', async () => {
    const bodies = await Promise.all(
      [cluster.a, ...schedulers].map(async (one) => (await rest(`${opsUrl(one)}/health/ready`)).body),
    );
    const [gateway, ...both] = bodies;
    expect(gateway).toEqual({
      status: 'ok',
      checks: { redis: true, clock: true, subscriptions: true, accepting: true },
    });
    for (const body of both) {
      const checks = { redis: true, clock: true, shards: true, accepting: true };
      expect(body).toEqual({ status: 'ok', checks });
    }
  });

  (hasPrometheus ? it : it.skip)('answers every query of the dashboard, and no rule fails', async () => {
    const target = (one: TestProcess) => opsUrl(one).replace('http://', '');
    prometheus = await startPrometheus({
      gateway: [target(cluster.a), target(cluster.b)],
      scheduler: schedulers.map(target),
    });
    const scraped = prometheus;
    const seen = async () => (await scraped.range('up == 1')).filter(({ values }) => values.length > 1);
    await eventually(async () => (await seen()).length === 4, { message: 'not every process is scraped' });
    const urls = [cluster.a, cluster.b].flatMap(({ url }) => ['--url', url]);
    const sizes = ['--players', '8', '--questions', '2', '--seconds', '6', '--json'];
    const demo = await runProcess({
      name: 'demo',
      script: 'dist/apps/cli/src/main.js',
      args: ['demo', ...urls, ...sizes],
      timeoutMs: 120_000,
    });
    expect(demo).toMatchObject({ code: 0 });
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const hasData = async () => {
          const series = await scraped.range(filledIn(expr));
          return series.some(({ values }) => values.some(Number.isFinite)) || MAY_BE_EMPTY.includes(title);
        };
        await eventually(hasData, { message: `"${title}" has nothing to show: ${expr}`, everyMs: 500 });
      }
    }
    const rules = await eventually(async () => {
      const found = await scraped.rules();
      return found.every(({ health }) => health !== 'unknown') && found;
    });
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    // Of a healthy cluster these hold from the first moment on.
    const raised = rules.filter(({ state }) => state === 'firing').map(({ name }) => name);
    const mustNot = ['QuizbellAuditFindings', 'QuizbellNoScheduler', 'QuizbellShardWithoutOwner'];
    expect(raised.filter((name) => mustNot.includes(name))).toEqual([]);
    const owned = await scraped.range('sum(quizbell_shards_owned) == max(quizbell_shards)');
    expect(owned).not.toEqual([]);
    const late = await scraped.range('sum(quizbell_expiry_lateness_seconds_count{kind="closed"})');
    expect(Math.max(...(late[0]?.values ?? []))).toBe(2);
  });
});

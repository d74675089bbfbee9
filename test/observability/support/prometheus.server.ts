import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findOnPath,
  freePort,
  type GuardedChild,
  type LooseJson,
  REPOSITORY_ROOT,
  rest,
  spawnGuarded,
} from '#libs/testing';

/** Debian's package has both; the tests need them on the PATH. */
export const hasPrometheus = findOnPath('prometheus') !== undefined && findOnPath('promtool') !== undefined;

/** A series of an answer: its labels, and the last value or values in order of time. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

/** A real Prometheus of the test's own. */
export interface PrometheusServer {
  /** What the expression was every second of the last two minutes. @throws Error with what Prometheus does not like */
  range(expr: string): Promise<Series[]>;
  /** Every rule with its health. */
  rules(): Promise<LooseJson[]>;
  stop(): Promise<void>;
}

export const RULES = join(REPOSITORY_ROOT, 'deploy/prometheus/rules/quizbell.rules.yml');

const WINDOW_S = 120;
/** Between the look and the start another process may take the port. */
const START_TRIES = 5;

/** @param targets `127.0.0.1:<port>` by job */
export async function startPrometheus(
  targets: Readonly<Record<string, string[]>>,
): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'quizbell-prometheus-'));
  const jobs = Object.entries(targets).map(([job, addresses]) => ({
    job_name: job,
    static_configs: [{ targets: addresses }],
  }));
  // JSON is YAML.
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [RULES],
    scrape_configs: jobs,
  };
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const { server, address } = await launch(folder);
  const asked = async (path: string) => {
    const { status, body } = await rest(`http://${address}/api/v1/${path}`);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body.data;
  };
  return {
    range: async (expr) => {
      const end = Date.now() / 1_000;
      const query = new URLSearchParams({
        query: expr,
        start: String(end - WINDOW_S),
        end: String(end),
        step: '1',
      });
      const { result } = await asked(`query_range?${query}`);
      return result.map(({ metric, values }: LooseJson) => ({
        metric,
        values: values.map(([, value]: [number, string]) => Number(value)),
      }));
    },
    rules: async () => (await asked('rules')).groups.flatMap(({ rules }: LooseJson) => rules),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(folder: string): Promise<{ server: GuardedChild; address: string }> {
  for (let tries = 1; ; tries += 1) {
    const address = `127.0.0.1:${await freePort()}`;
    const server = await spawnGuarded(
      findOnPath('prometheus') ?? 'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
      ],
      { name: 'prometheus', cwd: folder, env: { PATH: process.env.PATH } },
    );
    try {
      await server.waitForLine(/Server is ready to receive web requests/);
      return { server, address };
    } catch (failure) {
      await server.kill();
      if (tries >= START_TRIES) throw failure;
    }
  }
}

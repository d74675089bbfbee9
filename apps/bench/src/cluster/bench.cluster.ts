import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../process/free.port.js';
import { GuardedChild } from '../process/guarded.child.js';
import { removeKeys } from '../process/redis.keys.js';
import { CannotRun } from '../suite.types.js';
import { type MetricSample, samplesOf } from './prometheus.text.js';

const START_TIMEOUT_MS = 30_000;
const SECRET_BYTES = 32;

/** All clients of a bench come from one address, which no real service would see: what is counted by address is off. */
const NO_LIMITS_BY_ADDRESS: NodeJS.ProcessEnv = {
  QUIZBELL_MAX_CONNECTIONS_PER_ADDRESS: '1000000',
  QUIZBELL_RATE_CONNECTIONS: 'off',
  QUIZBELL_RATE_JOINS: 'off',
  QUIZBELL_RATE_REST: 'off',
};

export interface ClusterOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly gateways: number;
  /** False: the shards have no owner. */
  readonly hasScheduler?: boolean;
  /** For the Node of each process. */
  readonly nodeArgs?: readonly string[];
  /** More environment for the gateways, or other than that of the bench. */
  readonly gatewayEnv?: NodeJS.ProcessEnv;
  readonly schedulerEnv?: NodeJS.ProcessEnv;
}

/** A gateway or scheduler as it is deployed: a process of its own. */
export class BenchProcess {
  constructor(
    readonly child: GuardedChild,
    private readonly opsPort: number,
  ) {}

  async metrics(): Promise<MetricSample[]> {
    const response = await fetch(`http://127.0.0.1:${this.opsPort}/metrics`);
    return samplesOf(await response.text());
  }
}

/** One that clients connect to. */
export class BenchGateway extends BenchProcess {
  constructor(
    child: GuardedChild,
    /** `http://127.0.0.1:<port>` */
    readonly url: string,
    opsPort: number,
  ) {
    super(child, opsPort);
  }

  get pid(): number {
    return this.child.pid ?? Number.NaN;
  }
}

/** Gateways and a scheduler on the bench's Redis, configured as in production. */
export interface BenchCluster {
  readonly gateways: readonly BenchGateway[];
  /** Null without one. */
  readonly scheduler: BenchProcess | null;
  readonly apiKey: string;
  /** Rejects when one of the processes ends by itself. */
  readonly died: Promise<never>;
  /** Ends the processes and removes their keys. */
  stop(): Promise<void>;
}

export async function startCluster(options: ClusterOptions): Promise<BenchCluster> {
  const { redisUrl, prefix } = options;
  const apiKey = randomBytes(SECRET_BYTES).toString('base64url');
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_ENV: 'production',
    LOG_LEVEL: 'error',
    HOST: '127.0.0.1',
    REDIS_URL: redisUrl,
    QUIZBELL_KEY_PREFIX: prefix,
    QUIZBELL_SECRET: randomBytes(SECRET_BYTES).toString('base64url'),
    QUIZBELL_API_KEYS: apiKey,
    QUIZBELL_DRAIN_MS: '0',
  };
  const children: GuardedChild[] = [];
  const start = (name: string, main: string, more: NodeJS.ProcessEnv): GuardedChild => {
    const script = fileURLToPath(new URL(`../../../${main}/src/main.js`, import.meta.url));
    if (!existsSync(script)) throw new CannotRun(`The ${name} is not built: run "npm run build" first.`);
    const child = new GuardedChild({
      name,
      command: process.execPath,
      args: [...(options.nodeArgs ?? []), '--enable-source-maps', script],
      env: { ...env, ...more },
    });
    children.push(child);
    return child;
  };
  const startGateway = async (): Promise<BenchGateway> => {
    const opsPort = await freePort();
    const child = start('gateway', 'gateway', {
      ...NO_LIMITS_BY_ADDRESS,
      ...options.gatewayEnv,
      PORT: '0',
      QUIZBELL_OPS_PORT: `${opsPort}`,
    });
    const [, url = ''] = await readyLine(child, /gateway is ready on (\S+)/);
    return new BenchGateway(child, url, opsPort);
  };
  const startScheduler = async (): Promise<BenchProcess> => {
    const opsPort = await freePort();
    const child = start('scheduler', 'scheduler', {
      ...options.schedulerEnv,
      QUIZBELL_OPS_PORT: `${opsPort}`,
    });
    await readyLine(child, /scheduler is ready/);
    return new BenchProcess(child, opsPort);
  };
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
    await removeKeys(redisUrl, prefix);
  };
  const ownsNothing = options.hasScheduler === false;
  const starts = [
    ownsNothing ? null : startScheduler(),
    ...Array.from({ length: options.gateways }, startGateway),
  ] as const;
  try {
    const [scheduler, ...gateways] = await Promise.all(starts);
    const died = Promise.race(children.map((child) => child.ended)).then((how): never => {
      throw new CannotRun(how);
    });
    died.catch(() => {}); // also at their wanted end, when nobody listens any more
    return { gateways: gateways as BenchGateway[], scheduler, apiKey, died, stop };
  } catch (failure) {
    // What is still starting must not outlive the stop.
    await Promise.allSettled(starts);
    await stop();
    throw failure;
  }
}

/** @throws CannotRun when the process ends, or says no such line in time */
export async function readyLine(child: GuardedChild, pattern: RegExp): Promise<RegExpExecArray> {
  const late = sleep(START_TIMEOUT_MS, `The ${child.name} did not start in time.`, { ref: false });
  const outcome = await Promise.race([child.line(pattern), child.ended, late]);
  if (typeof outcome === 'string') throw new CannotRun(outcome);
  return outcome;
}

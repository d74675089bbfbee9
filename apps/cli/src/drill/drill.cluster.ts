import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '../cluster/free.port.js';
import { ProcessGuardian } from '../cluster/process.guardian.js';
import { CannotRun } from '../command.types.js';
import { DrillProcess } from './drill.process.js';
import { DrillRedis } from './drill.redis.js';
import type { ProcessLog } from './process.log.js';

export interface ClusterShape {
  readonly schedulers: number;
  readonly gateways: number;
  /** More environment for every process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The keys of a drill's Redis begin with it. */
export const DRILL_PREFIX = 'drill';
export const DRILL_SHARDS = 8;

/** Often, so that each fault is followed by an audit (ms). */
const AUDIT_EVERY_MS = 1_000;
/** Everybody comes from one address; counted all the same, as in production. */
const MANY = '1000000/10s';
const SECRET_BYTES = 32;
const APPS = resolve(import.meta.dirname, '../../..'); // dist/apps

/** Real processes on this machine: a Redis, schedulers and gateways, each of which can be ended and started again. */
export class DrillCluster {
  readonly schedulers: DrillProcess[] = [];
  readonly gateways: DrillProcess[] = [];
  /** Where the gateways listen, in their order; a restart does not change it. */
  readonly urls: string[] = [];
  private readonly guardian = new ProcessGuardian();
  private started: DrillRedis | undefined;

  constructor(private readonly log: ProcessLog) {}

  get redis(): DrillRedis {
    if (this.started === undefined) throw new Error('The cluster was not started');
    return this.started;
  }

  /** @throws CannotRun if something does not start; what did has to be stopped */
  async start(shape: ClusterShape): Promise<void> {
    this.started = await DrillRedis.start({ env: process.env, guardian: this.guardian, log: this.log });
    const shared = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      HOST: '127.0.0.1',
      REDIS_URL: this.redis.url,
      QUIZBELL_KEY_PREFIX: DRILL_PREFIX,
      QUIZBELL_SHARDS: String(DRILL_SHARDS),
      QUIZBELL_SECRET: randomBytes(SECRET_BYTES).toString('hex'),
      QUIZBELL_OPS_PORT: '0',
      QUIZBELL_AUDIT_MS: String(AUDIT_EVERY_MS),
      QUIZBELL_RATE_ROOMS: MANY,
      QUIZBELL_RATE_CONNECTIONS: MANY,
      QUIZBELL_RATE_JOINS: MANY,
      QUIZBELL_RATE_REST: MANY,
      ...shape.env,
    };
    for (let number = 1; number <= shape.schedulers; number += 1) {
      this.schedulers.push(this.process('scheduler', { number, env: shared }));
    }
    for (let number = 1; number <= shape.gateways; number += 1) {
      const port = await freePort();
      this.urls.push(`http://127.0.0.1:${port}`);
      this.gateways.push(this.process('gateway', { number, env: { ...shared, PORT: String(port) } }));
    }
    // All of them, also if one fails: what is half started could not be stopped.
    const starts = await Promise.allSettled(this.processes.map((one) => one.launch()));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed) throw failed.reason;
  }

  get processes(): readonly DrillProcess[] {
    return [...this.schedulers, ...this.gateways];
  }

  /** Those that ended though nobody ended them. */
  dead(): DrillProcess[] {
    return this.processes.filter((one) => one.hasDied);
  }

  /** Ends everything. Names those that did not end as they should. */
  async stop(): Promise<string[]> {
    const unclean: string[] = [];
    for (const group of [this.gateways, this.schedulers]) {
      const ends = await Promise.all(group.map((one) => one.stop()));
      unclean.push(...group.filter((_, index) => !ends[index]).map((one) => one.name));
    }
    await this.started?.remove();
    this.guardian.close();
    return unclean;
  }

  private process(
    app: 'scheduler' | 'gateway',
    how: { number: number; env: NodeJS.ProcessEnv },
  ): DrillProcess {
    const script = join(APPS, app, 'src', 'main.js');
    if (!existsSync(script)) throw new CannotRun(`${script} is missing. Build first: npm run build`);
    const { guardian, log } = this;
    const name = `${app} ${how.number}`;
    const readyLine = new RegExp(`Quizbell ${app} is ready`);
    return new DrillProcess({ name, script, env: how.env, readyLine, guardian, log });
  }
}

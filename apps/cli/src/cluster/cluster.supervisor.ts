import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotRun, EXIT } from '../command.types.js';
import { aborted } from '../signal.watch.js';
import { type ChildExit, ClusterChild, describeExit, isCleanStop } from './child.process.js';
import type { ClusterOptions } from './cluster.options.js';
import { logPrefixes, type PrefixedWriter } from './log.prefix.js';
import { type PrivateRedis, startPrivateRedis } from './private.redis.js';
import { ProcessGuardian } from './process.guardian.js';

const READY_TIMEOUT_MS = 60_000; // a cold start of three processes on a busy laptop takes 10 to 15 s
const SECRET_BYTES = 32;

const APPS = resolve(import.meta.dirname, '../../..'); // dist/apps

/** A child that ended by itself, and how. */
interface Death {
  readonly child: ClusterChild;
  readonly exit: ChildExit;
}

/** Starts the processes of a cluster, waits, and ends them in the order in which they need each other. */
export class Cluster {
  private readonly options: ClusterOptions;
  private readonly env: NodeJS.ProcessEnv;
  private readonly guardian = new ProcessGuardian();
  private readonly gateways: ClusterChild[] = [];
  private readonly schedulers: ClusterChild[] = [];
  private redis: PrivateRedis | undefined;

  constructor(options: ClusterOptions, env: NodeJS.ProcessEnv) {
    this.options = options;
    this.env = env;
  }

  /**
   * Runs until `stop` is aborted (exit 0) or a process ends (1; 2 if it refused to start). All processes have ended when
   * this settles.
   *
   * @throws CannotRun if there is no Redis, or a process is not built or not ready in a minute
   */
  async run(stop: AbortSignal): Promise<number> {
    try {
      const death = await this.startAndWait(stop);
      if (!death) {
        console.error('Stopping...');
        if (await this.stop()) return EXIT.good;
        for (const child of this.children()) await reportStop(child);
        return EXIT.broken;
      }
      reportDeath(death, death.child !== this.redis?.child);
      // Code 2 is every process' own "could not run": a bad configuration, a port taken since the look.
      return death.exit.code === EXIT.couldNotRun ? EXIT.couldNotRun : EXIT.broken;
    } finally {
      await this.stop();
      this.guardian.close();
    }
  }

  /** The process that ended by itself, or `undefined` when asked to stop. */
  private async startAndWait(stop: AbortSignal): Promise<Death | undefined> {
    const stopped = aborted(stop).then(() => undefined);
    const redisUrl = this.env.REDIS_URL || (await this.startRedis());
    if (stop.aborted) return undefined;
    this.startProcesses(redisUrl);
    const ended = Promise.race([stopped, ...this.children().map(deathOf)]);
    const outcome = await Promise.race([ended, this.allReady()]);
    if (!Array.isArray(outcome)) return outcome;
    console.log(`Quizbell is ready on ${outcome.join(' and ')}`);
    return await ended;
  }

  private async startRedis(): Promise<string> {
    this.redis = await startPrivateRedis(this.env, this.guardian);
    return this.redis.url;
  }

  private startProcesses(redisUrl: string): void {
    const gatewayNames = this.options.ports.map((port, index) => `gateway ${port === 0 ? index + 1 : port}`);
    const schedulerNames = Array.from(
      { length: this.options.schedulers },
      (_, index) => `scheduler ${index + 1}`,
    );
    const writers = logPrefixes([...gatewayNames, ...schedulerNames]);
    const shared = {
      ...this.env,
      REDIS_URL: redisUrl,
      QUIZBELL_SECRET: this.env.QUIZBELL_SECRET || randomBytes(SECRET_BYTES).toString('hex'),
      QUIZBELL_OPS_PORT: '0', // one number for all would be taken by the first
    };
    const start = (app: string, name: string, env: NodeJS.ProcessEnv, readyLine: RegExp) =>
      this.launch(app, { name, env, readyLine, onLine: writers.get(name) ?? (() => {}) });
    for (const [index, name] of gatewayNames.entries()) {
      const env = { ...shared, PORT: String(this.options.ports[index]) };
      this.gateways.push(start('gateway', name, env, /Quizbell gateway is ready on (https?:[^\s"]+)/));
    }
    for (const name of schedulerNames) {
      this.schedulers.push(start('scheduler', name, shared, /Quizbell scheduler is ready/));
    }
  }

  private launch(
    app: string,
    how: { name: string; env: NodeJS.ProcessEnv; readyLine: RegExp; onLine: PrefixedWriter },
  ): ClusterChild {
    const script = join(APPS, app, 'src', 'main.js');
    if (!existsSync(script)) throw new CannotRun(`${script} is missing. Build first: npm run build`);
    const args = ['--enable-source-maps', script];
    return new ClusterChild({ ...how, command: process.execPath, args }, this.guardian);
  }

  /** Where the gateways listen, once every process is ready. */
  private async allReady(): Promise<string[]> {
    const timer = new AbortController();
    const late = sleep(READY_TIMEOUT_MS, undefined, { signal: timer.signal, ref: false }).then(
      () => {
        throw new CannotRun(`The processes did not get ready in ${READY_TIMEOUT_MS / 1_000} s.`);
      },
      () => [],
    );
    const ready = Promise.all([
      Promise.all(this.gateways.map((child) => child.ready)),
      Promise.all(this.schedulers.map((child) => child.ready)),
    ]);
    const urls = await Promise.race([
      ready.then(([gateways]) => gateways.map((match) => match[1] ?? '')),
      late,
    ]);
    timer.abort();
    return urls;
  }

  private children(): ClusterChild[] {
    return [...this.gateways, ...this.schedulers, ...(this.redis ? [this.redis.child] : [])];
  }

  /**
   * Gateways first, so that nobody is told of a deadline that no scheduler guards; Redis last. May be called again.
   * `false` if one of them did not stop as it should.
   */
  private async stop(): Promise<boolean> {
    const groups = [this.gateways, this.schedulers].map((group) =>
      group.map((child) => ({ child, stop: () => child.stop() })),
    );
    const { redis } = this;
    if (redis) groups.push([{ child: redis.child, stop: () => redis.stop() }]);
    let isClean = true;
    for (const group of groups) {
      const exits = await Promise.all(group.map(({ stop }) => stop()));
      isClean &&= exits.every(isCleanStop);
    }
    return isClean;
  }
}

function deathOf(child: ClusterChild): Promise<Death> {
  return child.exited.then((exit) => ({ child, exit }));
}

/** What a process of Quizbell said is on the screen already; Redis is not heard until it fails. */
function reportDeath({ child, exit }: Death, isShown: boolean): void {
  const how = `${child.name} ended unexpectedly ${describeExit(exit)}`;
  const words = child.lastLines.map((line) => `\n  ${line}`).join('');
  console.error(isShown || words === '' ? `${how}.` : `${how}. Its last lines:${words}`);
}

async function reportStop(child: ClusterChild): Promise<void> {
  const exit = await child.exited;
  if (!isCleanStop(exit))
    console.error(`${child.name} did not stop cleanly: it ended ${describeExit(exit)}.`);
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterChild } from '../cluster/child.process.js';
import { freePort } from '../cluster/free.port.js';
import { findOnPath } from '../cluster/private.redis.js';
import type { ProcessGuardian } from '../cluster/process.guardian.js';
import { CannotRun } from '../command.types.js';
import type { Durability } from './fault.rules.js';
import type { ProcessLog } from './process.log.js';

const READY_WITHIN_MS = 10_000;

/** A Redis that keeps its data in a folder of its own, so that it can be ended and come back on its port. */
export class DrillRedis {
  private child: ClusterChild | undefined;
  private durability: Durability = 'everysec';
  private isMeantToLive = false;

  private constructor(
    private readonly binary: string,
    private readonly dir: string,
    readonly port: number,
    private readonly how: { env: NodeJS.ProcessEnv; guardian: ProcessGuardian; log: ProcessLog },
  ) {}

  /** @throws CannotRun if there is no redis-server, or it does not start */
  static async start(how: {
    env: NodeJS.ProcessEnv;
    guardian: ProcessGuardian;
    log: ProcessLog;
  }): Promise<DrillRedis> {
    const binary = findOnPath('redis-server', how.env);
    if (binary === undefined) {
      throw new CannotRun(
        'A drill ends and restarts a Redis of its own, and no redis-server is on the PATH.\n' +
          'Debian, Ubuntu: sudo apt-get install redis-server      macOS: brew install redis',
      );
    }
    const dir = await mkdtemp(join(tmpdir(), 'quizbell-drill-'));
    const redis = new DrillRedis(binary, dir, await freePort(), how);
    try {
      await redis.launch();
    } catch (failure) {
      await redis.remove();
      throw failure;
    }
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Whether it ended though nobody ended it. */
  get hasDied(): boolean {
    return this.isMeantToLive && this.child?.hasExited === true;
  }

  /** How it starts from now on; the running one is told by CONFIG SET. */
  setDurability(durability: Durability): void {
    this.durability = durability;
  }

  /** Starts it on its port and folder. @throws CannotRun if it does not get ready */
  async launch(): Promise<void> {
    const { env, guardian, log } = this.how;
    const listen = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.dir];
    const child = new ClusterChild(
      {
        name: 'redis',
        command: this.binary,
        args: [...listen, '--save', '', '--appendonly', 'yes', '--appendfsync', this.durability],
        env: { PATH: env.PATH, HOME: env.HOME },
        cwd: this.dir,
        readyLine: /Ready to accept connections/i,
        onLine: log.writer('redis'),
      },
      guardian,
    );
    this.child = child;
    const timer = new AbortController();
    const isReady = await Promise.race([
      child.ready.then(() => true),
      child.exited.then(() => false),
      sleep(READY_WITHIN_MS, false, { signal: timer.signal }).catch(() => false),
    ]);
    timer.abort();
    if (!isReady) throw new CannotRun(`redis-server did not start:\n${child.lastLines.join('\n')}`);
    this.isMeantToLive = true;
  }

  /** It is about to be ended by a fault. */
  expectEnd(): void {
    this.isMeantToLive = false;
  }

  signal(name: NodeJS.Signals): void {
    this.child?.signal(name);
  }

  /** Waits until it has ended. */
  async ended(): Promise<void> {
    await this.child?.exited;
  }

  /** Ends it, also a frozen one, and removes its folder. */
  async remove(): Promise<void> {
    this.expectEnd();
    this.signal('SIGCONT');
    await this.child?.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}

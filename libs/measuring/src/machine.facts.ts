import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { Redis } from 'ioredis';

/** What a result depends on besides the code. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly platform: string;
  readonly node: string;
  readonly redis: string;
  /** Load average of the last minute when the run began: well above 0, others were at work too. */
  readonly load: number;
}

/** The version of the Redis at that address, as it says itself. */
export async function redisVersion(url: string): Promise<string> {
  const redis = new Redis(url);
  const info = await redis.info('server');
  await redis.quit();
  return /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
}

/** The version in what `redis-server --version` says. */
export const redisVersionIn = (said: string): string => /\bv=(\S+)/.exec(said)?.[1] ?? 'unknown';

/** The load average of the last minute, as `MachineFacts` has it: to be taken before anything is started. */
export const loadNow = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;

/** @param redis the version of Redis */
export function machineFacts(redis: string, load: number = loadNow()): MachineFacts {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    redis,
    load,
  };
}

/**
 * The commit that is measured, with `+` when files differ from it, but documents: what was measured just before is one.
 * `unknown` outside a checkout.
 */
export function commitName(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changes = git('status', '--porcelain', '--', ':/', ':(exclude,top)docs');
    return git('rev-parse', '--short=12', 'HEAD') + (changes === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}

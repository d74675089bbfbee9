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
  /** Load average of the last minute when the bench began: well above 0, others were at work too. */
  readonly load: number;
}

export async function machineFacts(redisUrl: string): Promise<MachineFacts> {
  const redis = new Redis(redisUrl);
  const info = await redis.info('server');
  await redis.quit();
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    redis: /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown',
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** The commit that is measured, with `+` when files differ from it; `unknown` outside a checkout. */
export function commitName(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}

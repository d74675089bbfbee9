import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotRun } from '../suite.types.js';
import { freePort } from './free.port.js';
import { GuardedChild } from './guarded.child.js';

/** A Redis to measure on. */
export interface BenchRedis {
  readonly url: string;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;
const START_TRIES = 5; // somebody else may take the port between the look and the start

/** The Redis of REDIS_URL, or a private one on a free port of 127.0.0.1 that writes nothing to the disk. */
export async function benchRedis(env: NodeJS.ProcessEnv): Promise<BenchRedis> {
  const { REDIS_URL: url } = env;
  if (url !== undefined && url !== '') {
    if (!/^rediss?:/.test(url)) {
      throw new CannotRun(
        'The bench measures on one server: REDIS_URL must begin with redis:// or rediss://.',
      );
    }
    return { url, ended: new Promise(() => {}), stop: async () => {} };
  }
  const dir = await mkdtemp(join(tmpdir(), 'quizbell-bench-'));
  let why = '';
  for (let tries = 0; tries < START_TRIES; tries++) {
    const port = await freePort();
    const child = new GuardedChild({
      name: 'redis-server',
      command: 'redis-server',
      args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--save', '', '--appendonly', 'no'],
      env: { PATH: env.PATH, HOME: env.HOME },
    });
    const stop = async () => {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    };
    // Its log, not a PING: on a taken port the PING would be answered by somebody else's Redis.
    const ready = child.line(/Ready to accept connections/i).then(() => 'ready');
    const outcome = await Promise.race([
      ready,
      child.ended,
      sleep(START_TIMEOUT_MS, 'no answer', { ref: false }),
    ]);
    if (outcome === 'ready') return { url: `redis://127.0.0.1:${port}`, ended: child.ended, stop };
    await child.stop();
    why = outcome;
    if (!/already in use/i.test(outcome)) break;
  }
  await rm(dir, { recursive: true, force: true });
  throw new CannotRun(
    `No redis-server could be started. Install one (Debian: apt-get install redis-server; macOS: brew install redis)\nor set REDIS_URL.\n${why}`,
  );
}

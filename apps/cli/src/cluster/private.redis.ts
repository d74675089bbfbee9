import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotRun } from '../command.types.js';
import { type ChildExit, ClusterChild } from './child.process.js';
import { freePort } from './free.port.js';
import type { ProcessGuardian } from './process.guardian.js';

/** A `redis-server` of the cluster's own. Nothing of it is kept. */
export interface PrivateRedis {
  readonly url: string;
  readonly child: ClusterChild;
  /** Ends it and removes its folder. */
  stop(): Promise<ChildExit>;
}

const START_TIMEOUT_MS = 10_000;
const START_TRIES = 5; // somebody else may take the port between the look and the start

const HOW_TO_GET_ONE = `There is no REDIS_URL and no redis-server on the PATH. Either

  install one           Debian, Ubuntu: sudo apt-get install redis-server      macOS: brew install redis
  or run a container    docker run --rm -p 6379:6379 redis:7
                        REDIS_URL=redis://localhost:6379 npm run cluster
  or do without Redis   npm start`;

/** The absolute path of a program on the PATH, or `undefined`. */
export function findOnPath(program: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Starts a Redis on a free port of 127.0.0.1, in a folder of its own, that writes nothing to the disk.
 *
 * @throws CannotRun that says how to get a Redis if there is none, or with its last lines if it does not get ready
 */
export async function startPrivateRedis(
  env: NodeJS.ProcessEnv,
  guardian: ProcessGuardian,
): Promise<PrivateRedis> {
  const binary = findOnPath('redis-server', env);
  if (binary === undefined) throw new CannotRun(HOW_TO_GET_ONE);
  const dir = await mkdtemp(join(tmpdir(), 'quizbell-cluster-'));
  guardian.addFolder(dir);
  const removeDir = () => rm(dir, { recursive: true, force: true });
  let child: ClusterChild | undefined;
  for (let tries = 0; tries < START_TRIES; tries += 1) {
    const port = await freePort();
    child = launch(binary, { port, dir, env, guardian });
    const running = child;
    if (await isReady(running)) {
      const stop = async () => {
        const exit = await running.stop();
        await removeDir();
        return exit;
      };
      return { url: `redis://127.0.0.1:${port}`, child: running, stop };
    }
    await running.stop();
    if (!running.lastLines.some((line) => /already in use/i.test(line))) break;
  }
  await removeDir();
  throw new CannotRun(`redis-server did not start:\n${child?.lastLines.join('\n') ?? ''}`);
}

function launch(
  binary: string,
  how: { port: number; dir: string; env: NodeJS.ProcessEnv; guardian: ProcessGuardian },
): ClusterChild {
  const listen = ['--bind', '127.0.0.1', '--port', String(how.port), '--dir', how.dir];
  const spec = {
    name: 'redis',
    command: binary,
    args: [...listen, '--save', '', '--appendonly', 'no'],
    env: { PATH: how.env.PATH, HOME: how.env.HOME },
    cwd: how.dir,
    // Its log, not a PING: on a taken port the PING would be answered by somebody else's Redis.
    readyLine: /Ready to accept connections/i,
    onLine: () => {}, // its banner tells nobody anything; the last lines are kept for when it fails
  };
  return new ClusterChild(spec, how.guardian);
}

function isReady(child: ClusterChild): Promise<boolean> {
  return Promise.race([
    child.ready.then(() => true),
    child.exited.then(() => false),
    sleep(START_TIMEOUT_MS, false, { ref: false }),
  ]);
}

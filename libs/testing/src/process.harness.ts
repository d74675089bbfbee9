import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type GuardedChild, type ProcessExit, spawnGuarded } from './guarded.child.js';
import { testRedisUrl } from './redis.harness.js';

export interface ProcessOptions {
  /** For error messages. */
  name: string;
  /** From the repository's root: `dist/apps/gateway/src/main.js`. */
  script: string;
  args?: readonly string[];
  /** The whole environment but PATH and HOME: nothing of the test's own leaks in. */
  env?: Record<string, string | undefined>;
}

/** A process of Quizbell's (or a test's script) that has said that it is ready. */
export interface TestProcess extends GuardedChild {
  readonly name: string;
  /** What `readyLine` matched. */
  readonly match: RegExpMatchArray;
  /** The first group of `readyLine`, if it has one: where the process listens. */
  readonly url: string | undefined;
}

/** A process that listens. */
export interface TestServerProcess extends TestProcess {
  readonly url: string;
}

export interface AppOptions {
  /** The Redis of the jest run, if absent. */
  redisUrl?: string;
  /** From `uniquePrefix`: processes with one prefix are one installation. */
  prefix: string;
  /** The same for all processes of an installation; the harness has one. */
  secret?: string;
  /** More, or stronger, environment: `{ QUIZBELL_API_KEYS: 'k1' }`. */
  env?: Record<string, string | undefined>;
}

/** The repository's root folder, found from the sources as well as from `dist`. */
export const REPOSITORY_ROOT = findRoot(import.meta.dirname);

const TEST_SECRET = 'a-secret-for-tests-only-0123456789abcdef';
const RUN_TIMEOUT_MS = 60_000;

const started = new Set<GuardedChild>();

/**
 * Starts `node --enable-source-maps <script>` from the repository's root and waits for a line that matches `readyLine`.
 *
 * @throws ProcessFailure with the last output (and the exit, if it ended) if it is not ready in `timeoutMs` (60,000).
 */
export async function startProcess(
  options: ProcessOptions & { readyLine: RegExp; timeoutMs?: number },
): Promise<TestProcess> {
  const child = await spawnScript(options);
  try {
    const match = await child.waitForLine(options.readyLine, options.timeoutMs);
    // The child itself, not a copy: `hasExited` must stay alive.
    return Object.assign(child, { name: options.name, match, url: match[1] });
  } catch (failure) {
    await child.kill();
    throw failure;
  }
}

/**
 * Runs a script to its end, such as a command of the CLI or a start that is refused.
 *
 * @throws Error, after killing it, if it has not ended in `timeoutMs` (60,000).
 */
export async function runProcess(
  options: ProcessOptions & { timeoutMs?: number },
): Promise<ProcessExit & { stdout: string; stderr: string }> {
  const timeoutMs = options.timeoutMs ?? RUN_TIMEOUT_MS;
  const child = await spawnScript(options);
  let timer: NodeJS.Timeout | undefined;
  const exit = await Promise.race([
    child.exited,
    new Promise<undefined>((done) => {
      timer = setTimeout(done, timeoutMs, undefined);
    }),
  ]);
  clearTimeout(timer);
  if (!exit) {
    await child.kill();
    throw new Error(`${options.name} did not end in ${timeoutMs} ms\n${child.lines.slice(-40).join('\n')}`);
  }
  return { ...exit, stdout: child.stdout.join('\n'), stderr: child.stderr.join('\n') };
}

/** Ends, by their ids, all processes that this test file started and that still run. For `afterAll`. */
export async function stopAllProcesses(): Promise<void> {
  await Promise.all([...started].map((child) => child.stop()));
}

/** A gateway on a free port of 127.0.0.1; `url` is where. */
export function startGateway(options: AppOptions): Promise<TestServerProcess> {
  return startServer({
    name: 'gateway',
    script: 'dist/apps/gateway/src/main.js',
    env: {
      ...appEnvironment(options, options.redisUrl ?? testRedisUrl()),
      HOST: '127.0.0.1',
      PORT: '0',
      ...options.env,
    },
    readyLine: /Quizbell gateway is ready on (https?:[^\s"]+)/,
  });
}

/** A scheduler; it serves nobody but Redis, so it has no `url`. */
export function startScheduler(options: AppOptions): Promise<TestProcess> {
  return startProcess({
    name: 'scheduler',
    script: 'dist/apps/scheduler/src/main.js',
    env: { ...appEnvironment(options, options.redisUrl ?? testRedisUrl()), ...options.env },
    readyLine: /Quizbell scheduler is ready/,
  });
}

/** The single process on a free port; embedded, without any Redis, unless `redisUrl` names one. */
export function startStandalone(options: AppOptions): Promise<TestServerProcess> {
  return startServer({
    name: 'standalone',
    script: 'dist/apps/standalone/src/main.js',
    env: { ...appEnvironment(options, options.redisUrl), HOST: '127.0.0.1', PORT: '0', ...options.env },
    readyLine: /Quizbell is ready on (https?:[^\s"]+)/,
  });
}

async function startServer(options: Parameters<typeof startProcess>[0]): Promise<TestServerProcess> {
  return (await startProcess(options)) as TestServerProcess; // its readyLine has the group that makes the url
}

/** Of processes whose Redis no test harms: when it does not answer for a second, the machine is busy. */
export const PATIENT = { QUIZBELL_REDIS_TIMEOUT_MS: '10000' };

function appEnvironment(
  options: AppOptions,
  redisUrl: string | undefined,
): Record<string, string | undefined> {
  return {
    ...(redisUrl !== undefined && redisUrl === testRedisUrl() ? PATIENT : {}),
    NODE_ENV: 'test',
    LOG_LEVEL: 'info',
    REDIS_URL: redisUrl,
    QUIZBELL_KEY_PREFIX: options.prefix,
    QUIZBELL_SECRET: options.secret ?? TEST_SECRET,
    QUIZBELL_OPS_PORT: '0',
    // Tests send as fast as they can; those of the limits say so.
    QUIZBELL_RATE_EVENTS: 'off',
  };
}

async function spawnScript(options: ProcessOptions): Promise<GuardedChild> {
  const script = resolve(REPOSITORY_ROOT, options.script);
  if (!existsSync(script))
    throw new Error(`${options.name}: there is no ${options.script}; run npm run build first`);
  const child = await spawnGuarded(
    process.execPath,
    ['--enable-source-maps', script, ...(options.args ?? [])],
    {
      name: options.name,
      cwd: REPOSITORY_ROOT,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
    },
  );
  started.add(child);
  void child.exited.then(() => started.delete(child));
  return child;
}

function findRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`No package.json above ${from}`);
  }
}

import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type GuardedChild, type ProcessExit, ProcessFailure, spawnGuarded } from './guarded.child.js';

export interface RedisServerOptions {
  /** Port on 127.0.0.1; a free one if absent. */
  port?: number;
  /** Data directory, kept on `stop`; a temporary one, removed on `stop`, if absent. */
  dir?: string;
  /** More arguments, after the defaults and so stronger: `['--appendonly', 'yes']`. They must leave the log on stdout. */
  args?: readonly string[];
  /** More environment for the server, such as a library to preload. */
  serverEnv?: Readonly<Record<string, string>>;
}

/** A `redis-server` of the test's own, which it may kill, freeze and restart. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Changes with `restart`. */
  readonly pid: number;
  readonly lines: readonly string[];
  /** Sends the signal (SIGKILL) and waits for the end. Without `--appendonly yes` all data is gone. */
  kill(signal?: NodeJS.Signals): Promise<ProcessExit>;
  /** SIGSTOP: connections stay open and nobody answers. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Ends it, if it still runs, with the signal (SIGTERM), and starts it on the same port and directory. */
  restart(signal?: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

// Below Linux' range of ephemeral ports (32768-60999): a client that reconnects to a closed port inside that range can
// be given the same port as its own, connect to itself, and so keep a restarted server from its port.
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
// Each worker of jest has a part of its own: a server that is restarted finds its port as it left it.
const WORKERS = 8;
const WORKER_PORTS = (HIGHEST_PORT - LOWEST_PORT) / WORKERS;
const PORT_TRIES = 20;
const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 2_000;
const NO_SAVE = ['--save', '', '--appendonly', 'no'];

const running = new Set<RedisServer>();

/** The absolute path of a program on the PATH, or `undefined`. */
export function findOnPath(program: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
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
 * Starts a private `redis-server` from the PATH, without persistence unless `args` ask for it. It ends with `stop`,
 * `stopAllRedisServers`, or this process.
 *
 * @throws Error if there is no `redis-server` binary, or it does not get ready in 60 s.
 */
export async function startRedisServer(
  options: RedisServerOptions & { env?: NodeJS.ProcessEnv } = {},
): Promise<RedisServer> {
  const env = options.env ?? process.env;
  const binary = findOnPath('redis-server', env);
  if (!binary) {
    throw new Error(
      'No redis-server on the PATH. A test that kills or freezes Redis needs its own: install one ' +
        '(Debian: apt-get install redis-server; macOS: brew install redis). A REDIS_URL or a container is no substitute.',
    );
  }
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'quizbell-redis-')));
  const launch = (port: number) =>
    spawnGuarded(
      binary,
      ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, ...NO_SAVE, ...(options.args ?? [])],
      {
        name: `redis-server on port ${port}`,
        cwd: dir,
        env: { PATH: env.PATH, HOME: env.HOME, ...options.serverEnv },
      },
    );
  try {
    const { child, port } = await launchOnFreePort(launch, options.port);
    const server = new PrivateRedisServer(child, port, dir, options.dir === undefined, launch);
    running.add(server);
    return server;
  } catch (failure) {
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
    throw failure;
  }
}

/** Ends every server that `startRedisServer` started in this test file and that still runs. For `afterAll`. */
export async function stopAllRedisServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.stop()));
}

class PrivateRedisServer implements RedisServer {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  private child: GuardedChild;
  private readonly ownsDir: boolean;
  private readonly launch: (port: number) => Promise<GuardedChild>;

  constructor(
    child: GuardedChild,
    port: number,
    dir: string,
    ownsDir: boolean,
    launch: (port: number) => Promise<GuardedChild>,
  ) {
    this.child = child;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.dir = dir;
    this.ownsDir = ownsDir;
    this.launch = launch;
  }

  get pid(): number {
    return this.child.pid;
  }

  get lines(): readonly string[] {
    return this.child.lines;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ProcessExit> {
    return this.child.kill(signal);
  }

  freeze(): Promise<void> {
    return this.child.freeze();
  }

  thaw(): void {
    this.child.thaw();
  }

  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.child.hasExited) {
      this.child.thaw(); // a frozen server never sees a SIGTERM
      await this.child.kill(signal);
    }
    this.child = await readyOn(this.port, this.launch);
  }

  async stop(): Promise<void> {
    running.delete(this);
    await this.child.stop(STOP_GRACE_MS);
    if (this.ownsDir) await rm(this.dir, { recursive: true, force: true });
  }
}

async function readyOn(port: number, launch: (port: number) => Promise<GuardedChild>): Promise<GuardedChild> {
  const child = await launch(port);
  try {
    // The log, not a PING: on a taken port the PING would be answered by somebody else's Redis.
    await child.waitForLine(/Ready to accept connections/i, START_TIMEOUT_MS);
    return child;
  } catch (failure) {
    await child.kill();
    throw failure;
  }
}

async function launchOnFreePort(
  launch: (port: number) => Promise<GuardedChild>,
  wanted: number | undefined,
): Promise<{ child: GuardedChild; port: number }> {
  if (wanted !== undefined) return { child: await readyOn(wanted, launch), port: wanted };
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    try {
      return { child: await readyOn(port, launch), port };
    } catch (failure) {
      // Another process may take the port between the look and the start.
      const taken = failure instanceof ProcessFailure && /already in use/i.test(failure.message);
      if (!taken || tries >= PORT_TRIES) throw failure;
    }
  }
}

/** A port of 127.0.0.1 on which nobody listens now, outside the range that the kernel gives to outgoing connections. */
export async function freePort(): Promise<number> {
  const lowest = LOWEST_PORT + (Number(process.env.JEST_WORKER_ID ?? 0) % WORKERS) * WORKER_PORTS;
  for (let tries = 0; tries < PORT_TRIES; tries += 1) {
    const port = lowest + Math.floor(Math.random() * WORKER_PORTS);
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new Error(`No free port found between ${lowest} and ${lowest + WORKER_PORTS} in ${PORT_TRIES} tries`);
}

import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

// A Quizbell of docker-compose.yml, of a project name, an image and a port of its own, as others may run beside it.

const run = promisify(execFile);

export const ROOT = path.resolve(import.meta.dirname, '../..');
/** With the number of the process that uses it, so that what a killed run left can be told from what is in use. */
const PROJECT = /^quizbell-(?:test|drill)-(\d+)$/;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const POLL_MS = 200;
/** What no demo of these tests takes, nor a command, the first build on a slow network included. */
const DEMO_LIMIT_MS = 180_000;
const COMMAND_LIMIT_MS = 240_000;
const OPS_PORT = 9464;
/** What `docker exec` ends with where its process was killed. */
const KILLED = 137;

/** Why there can be no stack on this machine; undefined when there can. */
export function dockerProblem() {
  try {
    execFileSync('docker', ['info'], { stdio: 'ignore' });
  } catch {
    return 'no Docker engine answers';
  }
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'Docker has no Compose';
  }
}

/**
 * Waits until the condition gives something true, and answers it.
 *
 * @throws Error that names what was waited for, after the limit
 */
export async function eventually(what, condition, limitMs = 60_000) {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > giveUpAt) throw new Error(`Not within ${limitMs} ms: ${what}.`);
    await delay(POLL_MS);
  }
}

/** Below those that the kernel gives to whoever asks for any: between two looks at it a port is nobody's by chance. */
const PORTS = { from: 20_000, to: 32_000 };
const UP_TRIES = 5;
const PORT_IN_USE = /address already in use|port is already allocated/i;

/** A port that nobody listens on, at any address. */
async function freePort() {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** What runs this process without what was set for a Quizbell of somebody else. */
function cleanEnvironment() {
  const isOurs = /^(QUIZBELL_|REDIS_|COMPOSE_|NODE_ENV$|PORT$|HOST$|LOG_LEVEL$|CI$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs.test(name)));
}

export class Stack {
  /** @param kind `test` or `drill` */
  static make(kind) {
    removeAbandoned();
    return new Stack(kind);
  }

  constructor(kind) {
    this.project = `quizbell-${kind}-${process.pid}`;
    this.image = `${this.project}:local`;
    this.files = ['docker-compose.yml'];
    this.env = {
      ...cleanEnvironment(),
      QUIZBELL_IMAGE: this.image,
      // As in a fresh clone, also where somebody has an .env.
      QUIZBELL_ENV_FILE: '/dev/null',
    };
    // A signal must not leave containers behind.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        this.removeAtOnce();
        process.exit(1);
      });
    }
  }

  /** Where the stack is to be reached from here on. */
  async choosePorts() {
    const [http, https] = [await freePort(), await freePort()];
    this.url = `http://127.0.0.1:${http}`;
    this.tlsUrl = `https://127.0.0.1:${https}`;
    this.env.QUIZBELL_HTTP_PORT = `127.0.0.1:${http}`;
    this.env.QUIZBELL_HTTPS_PORT = String(https);
  }

  /**
   * `docker compose up`, the first one, on ports that are chosen now: during a build of minutes others on this machine would
   * have taken them. Should somebody take one in between all the same, others are chosen.
   */
  async up(...args) {
    for (let tries = 1; ; tries += 1) {
      await this.choosePorts();
      try {
        return await this.compose('up', '-d', '--wait', ...args);
      } catch (failure) {
        if (tries === UP_TRIES || !PORT_IN_USE.test(`${failure.stdout}${failure.stderr}`)) throw failure;
      }
    }
  }

  get options() {
    return ['--env-file', '/dev/null', '-p', this.project, ...this.files.flatMap((file) => ['-f', file])];
  }

  /** `docker compose ...`; answers both outputs. @throws Error with the output when it fails */
  async compose(...args) {
    const { stdout, stderr } = await run('docker', ['compose', ...this.options, ...args], this.settings());
    return stdout + stderr;
  }

  /** As `compose`, for what is expected to fail; answers `{ code, output }`, the code null after the limit. */
  async tryCompose(...args) {
    try {
      return { code: 0, output: await this.compose(...args) };
    } catch (failure) {
      return { code: failure.code, output: `${failure.stdout}${failure.stderr}` };
    }
  }

  /** Ids of the containers of a service that run. */
  async containersOf(service) {
    const { stdout } = await run(
      'docker',
      ['compose', ...this.options, 'ps', '--quiet', '--no-trunc', service],
      this.settings(),
    );
    return stdout.split('\n').filter(Boolean);
  }

  /** What Docker knows of all containers of the project. */
  async inspectAll() {
    const ids = (await docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${this.project}`))
      .split('\n')
      .filter(Boolean);
    return JSON.parse(await docker('inspect', ...ids));
  }

  /** How many sockets each gateway holds, in the order of the ids. From inside, for its ops port is not published. */
  async connections(ids) {
    const script = `fetch('http://127.0.0.1:${OPS_PORT}/metrics').then((r) => r.text()).then((text) =>
      console.log(/^quizbell_connections (\\d+)/m.exec(text)[1]))`;
    return Promise.all(ids.map(async (id) => Number(await docker('exec', id, 'node', '-e', script))));
  }

  /**
   * Kills the Node process of a container as a crash would: `docker kill` counts as a stop by somebody, after which Docker
   * does not start it again. The init of the container ends with it, and so does everything else in there: the process that
   * killed is often killed itself before it has ended.
   */
  async crash(id) {
    const script = `const [child] = require('fs').readFileSync('/proc/1/task/1/children', 'utf8').split(' ');
      process.kill(Number(child), 'SIGKILL');`;
    await docker('exec', id, 'node', '-e', script).catch((failure) => {
      if (failure.code !== KILLED) throw failure;
    });
  }

  async restartsOf(id) {
    return Number(await docker('inspect', '--format', '{{.RestartCount}}', id));
  }

  async isHealthy(id) {
    const state = await docker('inspect', '--format', '{{.State.Status}} {{.State.Health.Status}}', id);
    return state.trim() === 'running healthy';
  }

  /** @returns `{ process, report }`: a promise of the document of `npm run demo`, and of what it has said until now */
  demo(...args) {
    return new Demo([...args, '--url', this.url, '--json'], this.env);
  }

  /** Everything goes: containers, networks, volumes, the image. */
  async remove() {
    await this.tryCompose('--profile', '*', 'down', '-v', '--remove-orphans', '-t', '2');
    await docker('rmi', this.image).catch(() => {});
  }

  /** For a process that was asked to end. Twice, because whoever sends the signal may send it to the first as well. */
  removeAtOnce() {
    down(this.project);
    down(this.project);
  }

  settings() {
    return { cwd: ROOT, env: this.env, maxBuffer: MAX_OUTPUT_BYTES, timeout: COMMAND_LIMIT_MS };
  }
}

/** A demo that runs. */
class Demo {
  said = '';
  #document = '';

  constructor(args, env) {
    const child = spawn('npm', ['run', '--silent', 'demo', '--', ...args], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, which is ended as a whole: npm, a shell, and the demo.
      detached: true,
    });
    const end = () => {
      try {
        process.kill(-child.pid, 'SIGTERM');
      } catch {
        // It has ended.
      }
    };
    process.once('exit', end);
    child.once('close', () => process.off('exit', end));
    child.stdout.on('data', (chunk) => {
      this.#document += chunk;
    });
    child.stderr.on('data', (chunk) => {
      this.said += chunk;
    });
    /** The document, whatever it says. @throws Error when there is none */
    this.report = new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        reject(new Error(`The demo did not end:\n${this.said.slice(-2_000)}`));
        process.kill(-child.pid, 'SIGKILL');
      }, DEMO_LIMIT_MS);
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(limit);
        try {
          resolve(JSON.parse(this.#document));
        } catch {
          reject(new Error(`The demo ended with ${code} and no document:\n${this.said.slice(-2_000)}`));
        }
      });
    });
    this.report.catch(() => {}); // awaited later
  }

  /** Waits until question so-and-so is open. @throws Error when the demo ends before */
  async untilOpen(number) {
    const open = new RegExp(`question ${number}/\\d+ +open`);
    const ended = this.report.then(() => {
      if (!open.test(this.said)) throw new Error(`The demo ended before question ${number} was open.`);
    });
    await Promise.race([ended, eventually(`question ${number} is open`, () => open.test(this.said))]);
  }
}

export async function docker(...args) {
  const { stdout } = await run('docker', args, { maxBuffer: MAX_OUTPUT_BYTES });
  return stdout;
}

function down(project) {
  const stop = ['compose', '-p', project, '--profile', '*', 'down', '-v', '--remove-orphans', '-t', '0'];
  for (const args of [stop, ['rmi', `${project}:local`]]) {
    try {
      execFileSync('docker', args, { stdio: 'ignore' });
    } catch {
      // Nothing was made yet, or the engine has gone.
    }
  }
}

/** Removes the stacks of runs that were killed. */
function removeAbandoned() {
  const listed = execFileSync('docker', ['compose', 'ls', '-a', '--format', 'json'], { encoding: 'utf8' });
  for (const { Name: name } of JSON.parse(listed)) {
    const pid = PROJECT.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) down(name);
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

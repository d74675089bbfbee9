import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessGuardian } from './process.guardian.js';

export interface ChildSpec {
  /** For prefixes and messages: `gateway 3000`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A line of either stream that says that it is ready; its first group, if any, is where it listens. */
  readonly readyLine: RegExp;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** How a process ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const KEPT_LINES = 5; // as many as help to see why it died
const STOP_GRACE_MS = 12_000; // the processes of Quizbell give up by themselves after 10 s
const DRAIN_MS = 500; // a grandchild may hold the pipes open for longer than the child lives

/** `with code 1`, `by SIGKILL`. */
export function describeExit({ code, signal }: ChildExit): string {
  return signal === null ? `with code ${code}` : `by ${signal}`;
}

/** Whether a process that was asked to stop did so as it should; one that was still starting has no handler yet. */
export function isCleanStop({ code, signal }: ChildExit): boolean {
  return code === 0 || signal === 'SIGTERM';
}

/** One process of the cluster, ended by its own id and by nothing else. */
export class ClusterChild {
  readonly name: string;
  /** Settles (never rejects) when the process has ended and its output was read; also when it could not start. */
  readonly exited: Promise<ChildExit>;
  /** Settles with the match of `readyLine`; stays open if the line never comes. */
  readonly ready: Promise<RegExpMatchArray>;
  readonly lastLines: string[] = [];
  private readonly child: ChildProcess;
  private isOver = false;
  private isStopping = false;

  constructor(spec: ChildSpec, guardian: ProcessGuardian) {
    this.name = spec.name;
    // A session of its own: Ctrl-C would else reach all processes at once, Redis before the gateways that need it.
    this.child = spawn(spec.command, [...spec.args], {
      env: spec.env,
      cwd: spec.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { pid } = this.child;
    if (pid !== undefined) guardian.add(pid);
    this.ready = new Promise((resolve) => {
      this.read('stdout', spec, resolve);
      this.read('stderr', spec, resolve);
    });
    this.exited = this.watchExit(pid, guardian);
  }

  get hasExited(): boolean {
    return this.isOver;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Sends a signal; nothing happens if it has ended. For those that mean it harm: `stop` is the way to end one. */
  signal(name: NodeJS.Signals): void {
    if (!this.isOver) this.child.kill(name);
  }

  /** SIGTERM, once, and SIGKILL after 12 s. How it ended; at once if it already has. */
  async stop(): Promise<ChildExit> {
    if (this.isOver) return this.exited;
    // One only: a second one tells the processes of Quizbell not to wait for anything.
    if (!this.isStopping) this.child.kill('SIGTERM');
    this.isStopping = true;
    const timer = new AbortController();
    const late = sleep(STOP_GRACE_MS, true, { signal: timer.signal }).catch(() => false);
    const isLate = await Promise.race([this.exited.then(() => false), late]);
    timer.abort();
    if (isLate) this.child.kill('SIGKILL');
    return this.exited;
  }

  private async watchExit(pid: number | undefined, guardian: ProcessGuardian): Promise<ChildExit> {
    const closed = new Promise<void>((resolve) => this.child.once('close', () => resolve()));
    const exit = await new Promise<ChildExit>((resolve) => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
      this.child.once('error', (error) => {
        if (pid !== undefined) return; // a signal could not be sent: it has ended
        this.keep(error.message);
        resolve({ code: null, signal: null });
      });
    });
    if (pid !== undefined) {
      guardian.remove(pid);
      await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
    }
    this.isOver = true;
    return exit;
  }

  private read(name: 'stdout' | 'stderr', spec: ChildSpec, resolve: (match: RegExpMatchArray) => void): void {
    const stream = this.child[name];
    if (!stream) return;
    createInterface({ input: stream }).on('line', (line) => {
      this.keep(line);
      spec.onLine(name, line);
      const match = line.match(spec.readyLine);
      if (match) resolve(match);
    });
  }

  private keep(line: string): void {
    if (line.trim() === '') return;
    this.lastLines.push(line);
    if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
  }
}

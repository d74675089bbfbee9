import { type ChildProcess, type Serializable, type StdioOptions, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ChildSpec {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** A channel for messages to and from another process of the bench. */
  readonly hasChannel?: boolean;
}

/** As many as help to see why it died. */
const KEPT_LINES = 8;
const STOP_GRACE_MS = 10_000;

/**
 * Ends the process `$1` when the bench dies without having done so: the kernel closes the pipe however it ends. A
 * session of its own, so that Ctrl-C does not end it before its work.
 */
const GUARD = 'read -r _; kill -TERM "$1" 2>/dev/null; sleep 3; kill -KILL "$1" 2>/dev/null';

/** A process of the bench, ended by its own id and by nothing else. */
export class GuardedChild {
  readonly name: string;
  /** Settles (never rejects) when the process has ended, with what is known of it; also when it could not start. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly lastLines: string[] = [];
  private readonly waiting = new Map<RegExp, (match: RegExpExecArray) => void>();
  private isOver = false;

  constructor({ name, command, args, env, hasChannel = false }: ChildSpec) {
    this.name = name;
    // Ctrl-C would else reach all processes at once, Redis before those that need it.
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ...(hasChannel ? (['ipc'] as const) : [])];
    this.child = spawn(command, [...args], { env, stdio, detached: true });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.keep(line));
    }
    const dismiss = this.guard(this.child.pid);
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.isOver = true;
        dismiss();
        resolve([`${name} ended: ${how}`, ...this.lastLines].join('\n  '));
      };
      this.child.once('error', (error) => end(error.message));
      this.child.once('close', (code, signal) => end(signal === null ? `code ${code}` : signal));
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get hasEnded(): boolean {
    return this.isOver;
  }

  /** Resolves with the first line, of those to come, that matches. */
  line(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve) => this.waiting.set(pattern, resolve));
  }

  /** Over the channel; lost when the process has ended, which `ended` tells. */
  send(message: Serializable): void {
    if (this.child.connected) this.child.send(message, () => {});
  }

  onMessage(listener: (message: unknown) => void): void {
    this.child.on('message', listener);
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.isOver) this.child.kill(signal);
  }

  /** SIGTERM, and SIGKILL after 10 s. */
  async stop(): Promise<void> {
    if (this.isOver) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_GRACE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  private keep(line: string): void {
    if (line.trim() === '') return;
    this.lastLines.push(line);
    if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
    for (const [pattern, resolve] of this.waiting) {
      const match = pattern.exec(line);
      if (match === null) continue;
      this.waiting.delete(pattern);
      resolve(match);
    }
  }

  private guard(pid: number | undefined): () => void {
    if (pid === undefined) return () => {};
    const shell = spawn('/bin/sh', ['-c', GUARD, 'guard', String(pid)], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    shell.on('error', () => {}); // no /bin/sh: the child then ends with `stop` alone
    shell.stdin?.on('error', () => {});
    shell.unref();
    return () => shell.kill('SIGKILL');
  }
}

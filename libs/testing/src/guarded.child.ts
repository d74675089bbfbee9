import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.wait.js';

/** How a process ended: by itself with a code, or by a signal. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A child process that a test may kill, freeze and read, and that never outlives the process that started it. */
export interface GuardedChild {
  readonly pid: number;
  /** Lines of stdout and stderr in order of arrival; the newest 10,000. */
  readonly lines: readonly string[];
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Settles (never rejects) once the process has ended and its output was read. */
  readonly exited: Promise<ProcessExit>;
  readonly hasExited: boolean;
  /** The first line, past or future, that matches; rejects with the last output if the process ends before it. */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
  /** Sends the signal (SIGKILL), waits for the end. For a signal that does not end a process see `signal`. */
  kill(signal?: NodeJS.Signals): Promise<ProcessExit>;
  /** Sends a signal and waits for nothing. */
  signal(signal: NodeJS.Signals): void;
  /** SIGSTOP, as a machine that hangs: connections stay open and nobody answers. Settles once it stands still. */
  freeze(): Promise<void>;
  /** SIGCONT after `freeze`. */
  thaw(): void;
  /** Thaws, sends SIGTERM and, if that does not end it in `graceMs` (30,000), SIGKILL. May be called again. */
  stop(graceMs?: number): Promise<ProcessExit>;
}

/** The process ended, or said nothing, when it should have got ready. */
export class ProcessFailure extends Error {
  /** How it ended, or `undefined` if it was still running. */
  readonly exit: ProcessExit | undefined;
  readonly lines: readonly string[];

  constructor(message: string, exit: ProcessExit | undefined, lines: readonly string[]) {
    super(`${message}\n--- last output ---\n${lines.slice(-SHOWN_LINES).join('\n')}`);
    this.name = 'ProcessFailure';
    this.exit = exit;
    this.lines = lines;
  }
}

const KEPT_LINES = 10_000; // bounds the memory of a soak test with chatty processes
const SHOWN_LINES = 40;
const READY_TIMEOUT_MS = 60_000; // a cold Nest start on two busy cores takes 3 to 5 s
const STOP_GRACE_MS = 30_000; // a process that drains takes seconds, on a busy machine more
const DRAIN_MS = 5_000; // a grandchild may hold the pipes open for longer than the child lives

/**
 * Starts a process, remembered by its id until it ends. If this process dies, in whatever way (SIGKILL and a
 * crashed jest worker included), the child is ended too.
 */
export async function spawnGuarded(
  command: string,
  args: readonly string[],
  options: { name?: string; cwd?: string; env: NodeJS.ProcessEnv },
): Promise<GuardedChild> {
  const name = options.name ?? command;
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(new Error(`${name} did not start: ${error.message}`, { cause: error })),
    );
  });
  return new RunningChild(name, child);
}

class RunningChild implements GuardedChild {
  readonly pid: number;
  readonly lines: string[] = [];
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly exited: Promise<ProcessExit>;
  private readonly name: string;
  private readonly child: ChildProcess;
  private readonly lineListeners = new Set<(line: string) => void>();
  private exit: ProcessExit | undefined;

  constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.child = child;
    this.pid = child.pid as number;
    guard(this.pid);
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    this.exited = new Promise((resolve) => {
      child.once('exit', async (code, signal) => {
        unguard(this.pid);
        await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
    this.collect(child.stdout as Socket, this.stdout);
    this.collect(child.stderr as Socket, this.stderr);
    // A child that a test forgot must not keep jest alive; the guardian ends it.
    child.unref();
  }

  get hasExited(): boolean {
    return this.exit !== undefined;
  }

  async waitForLine(pattern: RegExp, timeoutMs = READY_TIMEOUT_MS): Promise<RegExpMatchArray> {
    for (const line of this.lines) {
      const match = line.match(pattern);
      if (match) return match;
    }
    let listener: ((line: string) => void) | undefined;
    const timer = new AbortController();
    try {
      return await Promise.race([
        new Promise<RegExpMatchArray>((resolve) => {
          listener = (line) => {
            const match = line.match(pattern);
            if (match) resolve(match);
          };
          this.lineListeners.add(listener);
        }),
        this.exited.then((exit): never => {
          const how = exit.signal ? `by ${exit.signal}` : `with code ${exit.code}`;
          throw new ProcessFailure(
            `${this.name} ended ${how} before a line matched ${pattern}`,
            exit,
            this.lines,
          );
        }),
        sleep(timeoutMs, undefined, { signal: timer.signal }).then((): never => {
          throw new ProcessFailure(
            `${this.name}: no line matched ${pattern} in ${timeoutMs} ms`,
            undefined,
            this.lines,
          );
        }),
      ]);
    } finally {
      if (listener) this.lineListeners.delete(listener);
      timer.abort();
    }
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ProcessExit> {
    this.child.ref();
    this.signal(signal);
    return this.exited;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async freeze(): Promise<void> {
    this.signal('SIGSTOP');
    if (process.platform !== 'linux') return;
    // The signal is delivered asynchronously: without this look the process may serve one more request.
    await eventually(() => this.hasExited || processState(this.pid) === 'T', {
      everyMs: 1,
      message: `${this.name} did not stand still`,
    });
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  async stop(graceMs = STOP_GRACE_MS): Promise<ProcessExit> {
    if (this.exit) return this.exit;
    this.child.ref();
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const timer = new AbortController();
    const forced = sleep(graceMs, undefined, { signal: timer.signal }).then(
      () => this.kill('SIGKILL'),
      () => this.exited,
    );
    const exit = await Promise.race([this.exited, forced]);
    timer.abort();
    return exit;
  }

  private collect(stream: Socket, own: string[]): void {
    stream.unref();
    createInterface({ input: stream }).on('line', (line) => {
      for (const kept of [this.lines, own]) {
        kept.push(line);
        if (kept.length > KEPT_LINES) kept.shift();
      }
      for (const listener of [...this.lineListeners]) listener(line);
    });
  }
}

function processState(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return undefined; // it has ended
  }
}

// The guardian: one shell for all children of this process, told their ids through a pipe. The kernel closes the pipe
// however this process ends, which an 'exit' listener cannot promise (SIGKILL), and the shell then ends what is left.
// It is a session of its own, so that Ctrl-C in the terminal does not end the guardian before its work.
const GUARDIAN = `
trap '' HUP INT TERM
pids=' '
while read -r act pid; do
  case $act in
    add) pids="$pids$pid " ;;
    del) case "$pids" in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
  esac
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
`;

const guarded = new Set<number>();
let guardian: ChildProcess | undefined;

function guard(pid: number): void {
  guarded.add(pid);
  if (!guardian) {
    guardian = spawn('/bin/sh', ['-c', GUARDIAN], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    guardian.on('error', () => {}); // no /bin/sh: children are then ended by stop() alone
    guardian.stdin?.on('error', () => {}); // the guardian was killed from outside: nothing to be done here
    guardian.unref();
    (guardian.stdin as Socket).unref();
  }
  guardian.stdin?.write(`add ${pid}\n`);
}

function unguard(pid: number): void {
  guarded.delete(pid);
  guardian?.stdin?.write(`del ${pid}\n`);
  if (guarded.size === 0) {
    guardian?.stdin?.end();
    guardian = undefined;
  }
}

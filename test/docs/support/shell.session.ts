import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '#libs/testing';

const MARKER = 'end-of-block';

/** Whether these programs are on the PATH. */
export const hasPrograms = (...names: string[]): boolean =>
  names.every((name) => spawnSync('which', [name]).status === 0);

/** A program that a page tells people to run. Its output is gathered as it comes. */
export class PageProgram {
  stdout = '';
  stderr = '';
  readonly exited: Promise<number | null>;
  protected readonly child: ChildProcess;

  constructor(command: string, args: readonly string[], cwd: string) {
    this.child = spawn(command, args, {
      cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C.UTF-8' },
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = once(this.child, 'close').then(([code]) => code as number | null);
  }

  /** Waits for a text on stdout. @throws Error with what came instead */
  async heard(text: string | RegExp): Promise<string> {
    const isThere = () => (typeof text === 'string' ? this.stdout.includes(text) : text.test(this.stdout));
    try {
      await eventually(() => isThere());
    } catch {
      throw new Error(`${text} was not said, but:\n${this.stdout}${this.stderr}`);
    }
    return this.stdout;
  }

  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

/** One shell in which the blocks of a page run after one another, as a reader runs them. */
export class ShellSession extends PageProgram {
  private blocks = 0;

  constructor(cwd: string) {
    super('bash', ['--noprofile', '--norc'], cwd);
  }

  /** Runs a block to its end and gives what it printed. @throws Error when its last command failed */
  async run(block: string): Promise<string> {
    const marker = `${MARKER}-${this.blocks++}`;
    const from = this.stdout.length;
    this.child.stdin?.write(`${block}\necho "${marker} $?"\n`);
    const ending = new RegExp(`${marker} (\\d+)\n$`);
    await this.heard(ending);
    const printed = this.stdout.slice(from);
    const [, status] = ending.exec(printed) ?? [];
    if (status !== '0')
      throw new Error(`The block ended with ${status}:\n${block}\n${printed}${this.stderr}`);
    return printed.replace(ending, '');
  }
}

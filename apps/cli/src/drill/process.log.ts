import { createWriteStream, mkdirSync, rmSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** Keeps what the processes say, one file for each: the evidence when a promise was broken. */
export class ProcessLog {
  private readonly streams = new Map<string, WriteStream>();

  constructor(readonly dir: string) {
    mkdirSync(dir, { recursive: true });
  }

  /** A writer of lines to the file of that name; several lives of one process share it. */
  writer(name: string): (stream: 'stdout' | 'stderr', line: string) => void {
    const file = `${name.replaceAll(' ', '-')}.log`;
    const stream = this.streams.get(file) ?? createWriteStream(join(this.dir, file), { flags: 'a' });
    this.streams.set(file, stream);
    return (_, line) => void stream.write(`${new Date().toISOString()} ${line}\n`);
  }

  /** @param isKept whether somebody will want to read it */
  async close(isKept: boolean): Promise<void> {
    await Promise.all(
      [...this.streams.values()].map((stream) => new Promise<void>((resolve) => stream.end(() => resolve()))),
    );
    if (!isKept) rmSync(this.dir, { recursive: true, force: true });
  }
}

import { Command } from 'ioredis';

export type ScriptArg = string | number;

/** Arguments in the form in which they are sent: bulk strings of the Redis protocol. Made ahead of time, they cost nothing when sent. */
export interface WireArgs {
  readonly count: number;
  readonly bytes: Buffer;
}

export function wireArgs(args: readonly ScriptArg[]): WireArgs {
  let text = '';
  for (const arg of args) {
    const value = String(arg);
    text += `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
  }
  return { count: args.length, bytes: Buffer.from(text) };
}

/**
 * One call of a script. Sent as it is given: ioredis would look at each of the thousands of arguments of a large commit
 * three times, which took as long as Redis' own work. It only knows the keys, by which it finds the node of a cluster.
 */
export class ScriptCommand extends Command {
  private readonly wire: Buffer;

  /** @param how by the script's SHA-1 (`evalsha`) or by its text (`eval`) */
  constructor(how: 'evalsha' | 'eval', script: string, keys: readonly string[], argv: readonly WireArgs[]) {
    super(how, [script, String(keys.length), ...keys], { replyEncoding: 'utf8' });
    const start = wireArgs([how, script, keys.length, ...keys]);
    const count = argv.reduce((sum, args) => sum + args.count, start.count);
    this.wire = Buffer.concat([Buffer.from(`*${count}\r\n`), start.bytes, ...argv.map(({ bytes }) => bytes)]);
  }

  override toWritable(): Buffer {
    return this.wire;
  }
}

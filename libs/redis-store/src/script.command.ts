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

/** What one call of a script is given. */
export interface ScriptArgs {
  /** At least one; all of one call are in one slot. */
  readonly keys: readonly string[];
  /** Further keys, encoded already. */
  readonly moreKeys: readonly WireArgs[];
  readonly argv: readonly WireArgs[];
}

const sizeOf = (parts: readonly WireArgs[]): number => parts.reduce((sum, { count }) => sum + count, 0);

/**
 * One call of a script. Sent as it is given: ioredis would look at each of the thousands of arguments of a large commit
 * three times, which took as long as Redis' own work. It only knows one key, by which it finds the node of a cluster.
 */
export class ScriptCommand extends Command {
  private readonly wire: Buffer;

  /**
   * @param how by the script's SHA-1 (`evalsha`) or by its text (`eval`)
   * @param mayWait for others of the same turn of the event loop, to be sent together
   */
  constructor(
    how: 'evalsha' | 'eval',
    script: string,
    { keys, moreKeys, argv }: ScriptArgs,
    readonly mayWait = false,
  ) {
    super(how, [script, '1', keys[0] ?? ''], { replyEncoding: 'utf8' });
    const keyCount = keys.length + sizeOf(moreKeys);
    const start = wireArgs([how, script, keyCount, ...keys]);
    const count = start.count + sizeOf(moreKeys) + sizeOf(argv);
    const parts = [Buffer.from(`*${count}\r\n`), start.bytes];
    for (const { bytes } of moreKeys) parts.push(bytes);
    for (const { bytes } of argv) parts.push(bytes);
    this.wire = Buffer.concat(parts);
  }

  override toWritable(): Buffer {
    return this.wire;
  }
}

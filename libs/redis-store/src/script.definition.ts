import { createHash } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { StoreUnavailableError } from '#libs/room';
import { type ScriptArg, type ScriptArgs, ScriptCommand, type WireArgs, wireArgs } from './script.command.js';

export type RedisClient = Redis | Cluster;

/** A Lua script as a function of its arguments, by name, with its reply parsed. */
export interface Script<Args, Reply> {
  readonly name: string;
  readonly lua: string;
  /** KEYS and ARGV, in the order of the script's header; ARGV, and keys behind the first, may be encoded already. */
  readonly encode: (args: Args) => {
    readonly keys: readonly string[];
    readonly moreKeys?: readonly WireArgs[];
    readonly argv: readonly ScriptArg[] | readonly WireArgs[];
  };
  readonly parse: (reply: unknown) => Reply;
  /** It is sent together with others of the same turn of the event loop: for what comes in numbers. */
  readonly mayWait?: boolean;
}

export const defineScript = <Args, Reply>(script: Script<Args, Reply>): Script<Args, Reply> => script;

/** Messages of Redis that are faults of ours or of the data; everything else means that Redis could not be reached. */
const FAULT = /^(ERR (?!.*(LOADING|timed out))|WRONGTYPE|NOSCRIPT|user_script|NOPERM|NOAUTH|MISCONF)/;

/** An error of a Redis call as the ports promise it. */
export function asStoreError(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (FAULT.test(message)) return error as Error;
  return new StoreUnavailableError(message, { cause: error });
}

/** A call of Redis whose errors are those that the ports promise. */
export async function storeCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asStoreError(error);
  }
}

/** Runs scripts on one client; by their hash as soon as one call has shown that Redis knows the text. */
export class ScriptRunner {
  private readonly hashes = new Map<string, string>();

  constructor(readonly redis: RedisClient) {}

  /** @throws StoreUnavailableError when Redis did not answer in time: it is unknown whether the script ran */
  async run<Args, Reply>(script: Script<Args, Reply>, args: Args): Promise<Reply> {
    const { keys, moreKeys = [], argv } = script.encode(args);
    const encoded = isEncoded(argv) ? argv : [wireArgs(argv)];
    return script.parse(await this.send(script, { keys, moreKeys, argv: encoded }));
  }

  /** Apart from parsing: a reply that cannot be parsed is a fault, not an absent Redis. */
  private async send(
    { lua, mayWait }: Pick<Script<never, unknown>, 'lua' | 'mayWait'>,
    args: ScriptArgs,
  ): Promise<unknown> {
    const hash = this.hashes.get(lua);
    try {
      if (hash !== undefined)
        return await this.redis.sendCommand(new ScriptCommand('evalsha', hash, args, mayWait));
    } catch (error) {
      // Redis forgot it, or is another one by now.
      if (!isUnknownScript(error)) throw asStoreError(error);
    }
    try {
      const reply = await this.redis.sendCommand(new ScriptCommand('eval', lua, args));
      if (hash === undefined) this.hashes.set(lua, createHash('sha1').update(lua).digest('hex'));
      return reply;
    } catch (error) {
      throw asStoreError(error);
    }
  }
}

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT');

const isEncoded = (argv: readonly ScriptArg[] | readonly WireArgs[]): argv is readonly WireArgs[] =>
  typeof argv[0] === 'object';

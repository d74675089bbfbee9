import type { Cluster, Redis } from 'ioredis';
import { StoreUnavailableError } from '#libs/room';

export type RedisClient = Redis | Cluster;

export type ScriptArg = string | number;

/** A Lua script as a function of its arguments, by name, with its reply parsed. */
export interface Script<Args, Reply> {
  readonly name: string;
  readonly lua: string;
  /** KEYS and ARGV, in the order of the script's header. */
  readonly encode: (args: Args) => { readonly keys: readonly string[]; readonly argv: readonly ScriptArg[] };
  readonly parse: (reply: unknown) => Reply;
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

/** Runs scripts on one client; sends the text only when Redis does not know it yet. */
export class ScriptRunner {
  private readonly known = new Set<string>();

  constructor(readonly redis: RedisClient) {}

  /** @throws StoreUnavailableError when Redis did not answer in time: it is unknown whether the script ran */
  async run<Args, Reply>(script: Script<Args, Reply>, args: Args): Promise<Reply> {
    const { keys, argv } = script.encode(args);
    if (!this.known.has(script.name)) {
      this.redis.defineCommand(commandName(script), { lua: script.lua });
      this.known.add(script.name);
    }
    return script.parse(await this.send(script, keys, argv));
  }

  /** Apart from parsing: a reply that cannot be parsed is a fault, not an absent Redis. */
  private async send(
    script: { readonly name: string },
    keys: readonly string[],
    argv: readonly ScriptArg[],
  ): Promise<unknown> {
    try {
      // biome-ignore lint/suspicious/noExplicitAny: ioredis adds the command at run time; only here
      return await (this.redis as any)[commandName(script)](keys.length, ...keys, ...argv);
    } catch (error) {
      throw asStoreError(error);
    }
  }
}

const commandName = (script: { name: string }): string => `quizbell_${script.name}`;

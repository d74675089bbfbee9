import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GuardedChild } from '../process/guarded.child.js';
import { CannotRun } from '../suite.types.js';
import type { Arena } from './contestant.types.js';

const START_TIMEOUT_MS = 15_000;

/**
 * Starts a contestant's process. It gets Redis' URL, the key prefix, the number of shards, and `args`; it prints `ready`
 * when it can work.
 *
 * @param script beside this file, compiled
 * @throws CannotRun when it does not become ready
 */
export async function startWorker(
  arena: Arena,
  name: string,
  script: string,
  args: readonly string[] = [],
): Promise<GuardedChild> {
  const main = fileURLToPath(new URL(script, import.meta.url));
  const child = new GuardedChild({
    name,
    command: process.execPath,
    args: [...arena.nodeArgs, main, arena.url, arena.prefix, `${arena.shards}`, ...args],
    env: arena.env,
  });
  const ready = child.line(/^ready$/).then(() => undefined);
  const late = sleep(START_TIMEOUT_MS, `The ${name} did not start in time.`, { ref: false });
  const problem = await Promise.race([ready, child.ended, late]);
  if (problem === undefined) return child;
  await child.stop();
  throw new CannotRun(problem);
}

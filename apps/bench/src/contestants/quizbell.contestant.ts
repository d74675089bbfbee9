import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GuardedChild } from '../process/guarded.child.js';
import { processCpuMs } from '../stats/cpu.time.js';
import { CannotRun } from '../suite.types.js';
import type { Arena, Contestant, RunningContestant } from './contestant.types.js';

const SCHEDULER = fileURLToPath(new URL('../../../scheduler/src/main.js', import.meta.url));
const START_TIMEOUT_MS = 15_000;
const LOOK_MS = 20;

/** The scheduler as it is deployed: one process that owns all shards. */
export const quizbellContestant: Contestant = {
  kind: 'quizbell',
  name: 'quizbell',
  async start(arena) {
    const child = startScheduler(arena);
    const running: RunningContestant = {
      ended: child.ended,
      schedule: async () => {}, // the commit of each start has planned its deadline
      cpuMs: () => processCpuMs(child),
      stop: () => child.stop(),
    };
    try {
      await ownsAllShards(arena, child);
      return running;
    } catch (failure) {
      await child.stop();
      throw failure;
    }
  },
};

/** A scheduler that is starting; it shares the shards with those that are there. */
export function startScheduler(arena: Arena): GuardedChild {
  if (!existsSync(SCHEDULER)) throw new CannotRun('The scheduler is not built: run "npm run build" first.');
  return new GuardedChild({
    name: 'scheduler',
    command: process.execPath,
    args: [...arena.nodeArgs, SCHEDULER],
    env: {
      ...arena.env,
      REDIS_URL: arena.url,
      QUIZBELL_KEY_PREFIX: arena.prefix,
      QUIZBELL_SHARDS: `${arena.shards}`,
    },
  });
}

async function ownsAllShards(arena: Arena, child: GuardedChild): Promise<void> {
  let died: string | undefined;
  void child.ended.then((how) => {
    died = how;
  });
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  while (died === undefined && performance.now() < giveUpAt) {
    const leases = await arena.leases();
    if (leases.every(({ until }) => until > arena.now())) return;
    await sleep(LOOK_MS);
  }
  throw new CannotRun(died ?? `The scheduler did not own all shards within ${START_TIMEOUT_MS} ms.`);
}

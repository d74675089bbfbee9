import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { answerToSignal } from '../process/answer.to.signal.js';
import type { GuardedChild } from '../process/guarded.child.js';

const MS_PER_SECOND = 1_000;

/** Arguments for the Node of a process whose CPU time is to be read. */
export const CPU_PROBE_ARGS: readonly string[] = [
  '--import',
  fileURLToPath(new URL('./cpu.probe.js', import.meta.url)),
];

/**
 * Milliseconds of CPU time, user and kernel, that a process started with `CPU_PROBE_ARGS` has used since it began.
 *
 * @throws CannotRun when it does not tell
 */
export async function processCpuMs(child: GuardedChild): Promise<number> {
  const question = { signal: 'SIGWINCH', pattern: /^CPU TIME (\d+)$/, what: 'CPU time' } as const;
  const [, us] = await answerToSignal(child, question);
  return Number(us) / 1_000;
}

/** Milliseconds of CPU time, user and kernel, that Redis has used since it began. */
export async function redisCpuMs(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const seconds = (field: string) => Number(new RegExp(`^${field}:(\\S+)`, 'm').exec(info)?.[1]);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * MS_PER_SECOND;
}

/** CPU time (ms) that was used while something was measured. */
export interface CpuSpent {
  /** By the process that did the work. */
  readonly workerMs: number;
  readonly redisMs: number;
}

/** Both at an instant; the difference of two is what was spent in between. */
export async function cpuReading(
  worker: { cpuMs(): Promise<number> },
  redis: { redisCpuMs(): Promise<number> },
): Promise<CpuSpent> {
  const [workerMs, redisMs] = await Promise.all([worker.cpuMs(), redis.redisCpuMs()]);
  return { workerMs, redisMs };
}

export const spentBetween = (before: CpuSpent, after: CpuSpent): CpuSpent => ({
  workerMs: after.workerMs - before.workerMs,
  redisMs: after.redisMs - before.redisMs,
});

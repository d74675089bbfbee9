import { fileURLToPath } from 'node:url';
import { answerToSignal } from '../process/answer.to.signal.js';
import type { GuardedChild } from '../process/guarded.child.js';

const PROBE = fileURLToPath(new URL('./cost.probe.js', import.meta.url));

/** `NODE_OPTIONS` of a gateway whose cost is to be looked at. */
export const COST_PROBE = `--import ${PROBE}`;

/** A process that was started with `COST_PROBE`. */
export interface ProbedProcess {
  readonly child: GuardedChild;
}

/** Bytes that a process has when its garbage is collected. */
export interface MemoryLeft {
  /** Of the heap, and what it holds outside of it. */
  readonly inUse: number;
  /** Of the whole process. */
  readonly resident: number;
}

/**
 * What was thrown away until now is collected now, and not when something else is measured.
 *
 * @throws CannotRun when it does not tell
 */
export async function collectGarbage({ child }: ProbedProcess): Promise<MemoryLeft> {
  const [, heapUsed, external, rss] = await answerToSignal(child, {
    signal: 'SIGUSR2',
    pattern: /^COLLECTED (\d+) (\d+) (\d+)$/,
    what: 'memory',
  });
  return { inUse: Number(heapUsed) + Number(external), resident: Number(rss) };
}

/** CPU time in user and kernel mode since the process began, ms. */
export interface CpuTime {
  /** With the threads that compile and collect garbage. */
  readonly processMs: number;
  readonly mainMs: number;
}

/** @throws CannotRun when it does not tell */
export async function cpuTimeOf({ child }: ProbedProcess): Promise<CpuTime> {
  const [, processUs, mainUs] = await answerToSignal(child, {
    signal: 'SIGWINCH',
    pattern: /^CPU (\d+) (\d+)$/,
    what: 'CPU time',
  });
  return { processMs: Number(processUs) / 1_000, mainMs: Number(mainUs) / 1_000 };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { GuardedChild } from '../process/guarded.child.js';
import { CannotRun } from '../suite.types.js';

const TELL_WITHIN_MS = 30_000;
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

/** What was thrown away until now is collected now, and not when something else is measured. */
export async function collectGarbage(gateway: ProbedProcess): Promise<MemoryLeft> {
  const [, heapUsed, external, rss] = await told(gateway, 'SIGUSR2', /^COLLECTED (\d+) (\d+) (\d+)$/);
  return { inUse: Number(heapUsed) + Number(external), resident: Number(rss) };
}

/** CPU time in user and kernel mode since the process began, ms. */
export interface CpuTime {
  /** With the threads that compile and collect garbage. */
  readonly processMs: number;
  readonly mainMs: number;
}

export async function cpuTimeOf(gateway: ProbedProcess): Promise<CpuTime> {
  const [, processUs, mainUs] = await told(gateway, 'SIGWINCH', /^CPU (\d+) (\d+)$/);
  return { processMs: Number(processUs) / 1_000, mainMs: Number(mainUs) / 1_000 };
}

/** @throws CannotRun when the gateway does not answer */
async function told(
  { child }: ProbedProcess,
  signal: NodeJS.Signals,
  pattern: RegExp,
): Promise<RegExpExecArray> {
  const line = child.line(pattern);
  child.signal(signal);
  const match = await Promise.race([line, sleep(TELL_WITHIN_MS, null, { ref: false })]);
  if (match === null) throw new CannotRun('A gateway does not tell what it costs.');
  return match;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BenchGateway } from '../cluster/bench.cluster.js';
import { CannotRun } from '../suite.types.js';

const TELL_WITHIN_MS = 30_000;
const PROBE = fileURLToPath(new URL('./cost.probe.js', import.meta.url));

/** `NODE_OPTIONS` of a gateway whose cost is to be looked at. */
export const COST_PROBE = `--import ${PROBE}`;

/** What was thrown away until now is collected now, and not when something else is measured. */
export async function collectGarbage(gateway: BenchGateway): Promise<void> {
  await told(gateway, 'SIGUSR2', /^COLLECTED$/);
}

/** CPU time in user and kernel mode since the process began, ms. */
export interface CpuTime {
  /** With the threads that compile and collect garbage. */
  readonly processMs: number;
  readonly mainMs: number;
}

export async function cpuTimeOf(gateway: BenchGateway): Promise<CpuTime> {
  const [, processUs, mainUs] = await told(gateway, 'SIGWINCH', /^CPU (\d+) (\d+)$/);
  return { processMs: Number(processUs) / 1_000, mainMs: Number(mainUs) / 1_000 };
}

/** @throws CannotRun when the gateway does not answer */
async function told(
  { child }: BenchGateway,
  signal: NodeJS.Signals,
  pattern: RegExp,
): Promise<RegExpExecArray> {
  const line = child.line(pattern);
  child.signal(signal);
  const match = await Promise.race([line, sleep(TELL_WITHIN_MS, null, { ref: false })]);
  if (match === null) throw new CannotRun('A gateway does not tell what it costs.');
  return match;
}

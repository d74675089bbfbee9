const NS_PER_MS = 1_000_000;
const SAMPLES = 50;

export const machineMs = (): number => Number(process.hrtime.bigint()) / NS_PER_MS;

/**
 * `performance.now()` counts from the beginning of its process; the clock of the machine is the same for all of them. The one
 * is read after the other, and the first time that takes half a millisecond: so of many samples the greatest.
 */
const BEGAN_MS = Math.max(...Array.from({ length: SAMPLES }, () => machineMs() - performance.now()));

/** An instant of this process' `performance.now()` on the machine's monotonic clock, ms: to be compared with other processes'. */
export const monotonicMs = (performanceMs: number): number => BEGAN_MS + performanceMs;

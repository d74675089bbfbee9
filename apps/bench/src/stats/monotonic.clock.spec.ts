import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { machineMs, monotonicMs } from './monotonic.clock.js';

const OTHER = 'process.stdout.write(String(Number(process.hrtime.bigint()) / 1e6))';
/** Two clocks that are read as floating-point numbers. */
const ROUNDING_MS = 0.01;

describe('monotonicMs', () => {
  it('is of the same clock in another process, which began later', () => {
    const before = monotonicMs(performance.now());
    const there = Number(execFileSync(process.execPath, ['-e', OTHER], { encoding: 'utf8' }));
    const after = monotonicMs(performance.now());
    expect(there).toBeGreaterThan(before);
    expect(there).toBeLessThan(after);
  });

  it('is that clock to a hundredth of a millisecond', () => {
    const before = machineMs();
    const told = monotonicMs(performance.now());
    const after = machineMs();
    expect(told).toBeGreaterThan(before - ROUNDING_MS);
    expect(told).toBeLessThan(after + ROUNDING_MS);
  });
});

import { describe, expect, it } from '@jest/globals';
import { monotonicEpochMs } from './monotonic.clock.js';
import { plainLine } from './plain.line.js';
import { RandomIds } from './random.ids.js';

describe('random names', () => {
  it('are PINs of six digits and tokens of the asked length', () => {
    const ids = new RandomIds();
    const pins = Array.from({ length: 500 }, () => ids.pin());
    expect(pins.filter((pin) => !/^\d{6}$/.test(pin))).toEqual([]);
    expect(new Set(pins).size).toBeGreaterThan(450);
    expect(ids.token(21)).toMatch(/^[a-z0-9]{21}$/);
  });
});

describe('the clock of the embedded process', () => {
  it('tells whole milliseconds near the time of the wall, and never goes back', () => {
    const instants = Array.from({ length: 1_000 }, () => monotonicEpochMs());
    expect(instants.every(Number.isInteger)).toBe(true);
    expect([...instants].sort((a, b) => a - b)).toEqual(instants);
    expect(Math.abs((instants[0] ?? 0) - Date.now())).toBeLessThan(1_000);
  });
});

describe('a line of the log', () => {
  it('is readable on a terminal', () => {
    const json = JSON.stringify({
      level: 40,
      time: 0,
      pid: 1,
      name: 'gateway',
      msg: 'slow',
      roomId: 'r',
      ms: 7,
    });
    expect(plainLine(json)).toBe('00:00:00.000 WARN gateway: slow roomId=r ms=7\n');
  });
});

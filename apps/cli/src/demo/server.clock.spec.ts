import { describe, expect, it } from '@jest/globals';
import { ServerClock } from './server.clock.js';

/** A sample of a server whose clock is `offset` ahead, asked at `sentAt`, that read its clock `there` ms later. */
function sampleOf(offset: number, sentAt: number, there: number, back: number) {
  return { sentAt, serverNow: Math.floor(sentAt + there + offset), receivedAt: sentAt + there + back };
}

describe('the clock of the server, seen from here', () => {
  const offset = 1_700_000_000_000.4;

  it('lies within its bounds whichever way the delay was', () => {
    for (const [there, back] of [
      [0.1, 40],
      [40, 0.1],
      [3, 3],
    ] as const) {
      const clock = new ServerClock();
      clock.add(sampleOf(offset, 500, there, back));
      const { low, high } = clock.bounds();
      expect(low).toBeLessThanOrEqual(offset);
      expect(high).toBeGreaterThanOrEqual(offset);
      expect(clock.errorMs).toBeCloseTo((there + back + 1) / 2, 3);
    }
  });

  it('is known better by two lopsided samples than by either', () => {
    const clock = new ServerClock();
    clock.add(sampleOf(offset, 500, 0.1, 40));
    clock.add(sampleOf(offset, 600, 40, 0.1));
    expect(clock.errorMs).toBeLessThan(1.2);
    expect(Math.abs(clock.at(1_000) - (1_000 + offset))).toBeLessThanOrEqual(clock.errorMs);
    expect(clock.latestAt(1_000)).toBeGreaterThanOrEqual(1_000 + offset);
  });

  it('admits more error, instead of averaging, when samples contradict each other', () => {
    const clock = new ServerClock();
    clock.add(sampleOf(offset, 500, 0.5, 0.5));
    clock.add(sampleOf(offset + 30, 510, 0.5, 0.5));
    const { low, high } = clock.bounds();
    expect(low).toBeLessThanOrEqual(offset);
    expect(high).toBeGreaterThanOrEqual(offset + 30);
  });

  it('forgets what is older than ten seconds, because clocks drift', () => {
    const clock = new ServerClock();
    clock.add(sampleOf(offset, 0, 0.5, 0.5));
    for (let at = 20_000; at < 20_010; at += 1) clock.add(sampleOf(offset + 30, at, 0.5, 0.5));
    expect(clock.errorMs).toBeLessThan(2);
    expect(Math.abs(clock.at(0) - (offset + 30))).toBeLessThan(2);
  });

  it('refuses to guess before the first sample', () => {
    expect(() => new ServerClock().at(0)).toThrow('before the first sample');
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClockSample } from './clock.types.js';
import { boundsOf, DRIFT, ServerClock } from './server.clock.js';

const OFFSET = 1_700_000_000_000.4;

/** A sample of a server that is honest: it tells the middle of two readings of its clock, as its gateways do. */
function sampleOf(offset: number, sentAt: number, thereMs: number, backMs: number, busyMs = 0): ClockSample {
  const readAt = Math.floor(sentAt + thereMs + offset);
  const answeredAt = Math.floor(sentAt + thereMs + busyMs + offset);
  return {
    sentAt,
    serverNow: Math.round((readAt + answeredAt) / 2),
    receivedAt: sentAt + thereMs + busyMs + backMs,
  };
}

const delay = fc.double({ min: 0, max: 400, noNaN: true });
const honest = fc.record({ gapMs: delay, thereMs: delay, backMs: delay, busyMs: delay });
const honestSamples = fc.array(honest, { minLength: 1, maxLength: 40 });
const anyOffset = fc.double({ min: 1.6e12, max: 1.9e12, noNaN: true });

/** The samples of one connection, one sent after the other, of a server whose clock drifts. */
function samplesOf(
  delays: readonly { gapMs: number; thereMs: number; backMs: number; busyMs: number }[],
  offsetAt: (nowMs: number) => number,
): ClockSample[] {
  let nowMs = 5_000;
  return delays.map(({ gapMs, thereMs, backMs, busyMs }) => {
    nowMs += gapMs;
    const sample = sampleOf(offsetAt(nowMs + thereMs), nowMs, thereMs, backMs, busyMs);
    nowMs = sample.receivedAt;
    return sample;
  });
}

// Instants around 1.7e12 are told apart to about 0.0003 ms.
const PRECISION_MS = 0.002;

describe('the clock of the server, seen from here', () => {
  it('lies within its bounds if every sample is honest, whatever the delays were', () => {
    fc.assert(
      fc.property(honestSamples, anyOffset, delay, (delays, offset, laterMs) => {
        const clock = new ServerClock();
        for (const sample of samplesOf(delays, () => offset)) {
          expect(clock.add(sample)).toBe('fits');
          const at = sample.receivedAt + laterMs;
          const bounds = clock.boundsAt(at);
          expect(bounds?.low).toBeLessThanOrEqual(offset + PRECISION_MS);
          expect(bounds?.high).toBeGreaterThanOrEqual(offset - PRECISION_MS);
          const errorMs = Math.abs((clock.offset(at) ?? 0) - offset);
          expect(errorMs).toBeLessThanOrEqual((clock.errorMs(at) ?? 0) + PRECISION_MS);
        }
        expect(clock.samples).toBe(delays.length);
      }),
    );
  });

  it('lies within its bounds although the two clocks drift apart', () => {
    fc.assert(
      fc.property(honestSamples, fc.double({ min: -0.9, max: 0.9, noNaN: true }), (delays, drift) => {
        const clock = new ServerClock();
        const offsetAt = (nowMs: number) => OFFSET + drift * DRIFT * nowMs;
        for (const sample of samplesOf(delays, offsetAt)) {
          expect(clock.add(sample)).toBe('fits');
          const bounds = clock.boundsAt(sample.receivedAt);
          expect(bounds?.low).toBeLessThanOrEqual(offsetAt(sample.receivedAt) + PRECISION_MS);
          expect(bounds?.high).toBeGreaterThanOrEqual(offsetAt(sample.receivedAt) - PRECISION_MS);
        }
      }),
    );
  });

  it('is never known worse than by the best of the samples, apart from drift', () => {
    fc.assert(
      fc.property(honestSamples, anyOffset, (delays, offset) => {
        const clock = new ServerClock();
        const samples = samplesOf(delays, () => offset);
        for (const sample of samples) clock.add(sample);
        const at = samples.at(-1)?.receivedAt ?? 0;
        const widths = samples.map((sample) => {
          const { low, high, at: from } = boundsOf(sample);
          return high - low + 2 * DRIFT * (at - from);
        });
        expect(2 * (clock.errorMs(at) ?? 0)).toBeLessThanOrEqual(Math.min(...widths) + PRECISION_MS);
      }),
    );
  });

  it('is known better by two lopsided samples than by either', () => {
    const clock = new ServerClock();
    clock.add(sampleOf(OFFSET, 500, 0.1, 40));
    clock.add(sampleOf(OFFSET, 600, 40, 0.1));
    expect(clock.errorMs(650)).toBeLessThan(1.5);
  });

  it('is known less and less well, and never forgotten', () => {
    const clock = new ServerClock();
    clock.add(sampleOf(OFFSET, 500, 1, 1));
    const freshMs = clock.errorMs(502) ?? 0;
    expect(clock.errorMs(502 + 60_000)).toBeCloseTo(freshMs + 6, 2);
    clock.add(sampleOf(OFFSET, 60_500, 1, 1));
    expect(clock.errorMs(60_502)).toBeCloseTo(freshMs, 2);
  });

  it('follows the newest sample when it contradicts what was known, and is then bounded by it alone', () => {
    fc.assert(
      fc.property(
        honestSamples,
        fc.double({ min: 2_000, max: 1e6, noNaN: true }),
        fc.boolean(),
        (delays, jumpMs, isBack) => {
          const clock = new ServerClock();
          for (const sample of samplesOf(delays, () => OFFSET)) clock.add(sample);
          const moved = OFFSET + (isBack ? -jumpMs : jumpMs);
          const next = sampleOf(moved, 100_000, 10, 20);
          expect(clock.add(next)).toBe('moved');
          expect(Math.abs((clock.offset(100_030) ?? 0) - moved)).toBeLessThanOrEqual(
            clock.errorMs(100_030) ?? 0,
          );
          expect(clock.samples).toBe(1);
        },
      ),
    );
  });

  it('counts from messages until there is a sample, and no message that came late puts it back', () => {
    const clock = new ServerClock();
    expect(clock.offset(0)).toBeNull();
    clock.hear(OFFSET, 100);
    expect(clock.isBounded).toBe(false);
    expect(clock.errorMs(100)).toBeNull();
    clock.hear(OFFSET + 50, 100 + 3_050);
    expect(clock.offset(3_150)).toBeCloseTo(OFFSET - 100.5, 0);
    clock.hear(OFFSET + 4_000, 100 + 3_900);
    expect(clock.offset(4_000)).toBeCloseTo(OFFSET - 0.5, 0);
  });

  it('is no longer trusted after a message from later than is possible', () => {
    const clock = new ServerClock();
    clock.add(sampleOf(OFFSET, 500, 1, 1));
    expect(clock.hear(Math.floor(OFFSET + 610), 600)).toBe('refused');
    expect(clock.isDistrusted).toBe(false);
    expect(clock.hear(Math.floor(OFFSET + 600 + 30_000), 600)).toBe('moved');
    expect(clock.isDistrusted).toBe(true);
    expect(clock.offset(600)).toBeGreaterThan(OFFSET + 29_990);
  });

  it('is not drawn to one side by messages, which narrow one side only', () => {
    const clock = new ServerClock();
    clock.add(sampleOf(OFFSET, 500, 1, 1));
    const measured = clock.offset(502) ?? 0;
    // Five minutes later the bounds are 30 ms wider either way, and a message that took 1 ms narrows one of them.
    const at = 300_502;
    expect(clock.hear(Math.floor(OFFSET + at - 1), at)).toBe('fits');
    expect(clock.offset(at)).toBe(measured);
    expect(clock.errorMs(at)).toBeGreaterThan(30);
    // What is impossible it does not stay at.
    expect(clock.hear(Math.floor(OFFSET + at + 9), at)).toBe('fits');
    expect(clock.offset(at)).toBeGreaterThan(measured + 5);
  });

  it('goes on with what it knew when it is distrusted, and takes no sample that was sent before', () => {
    const clock = new ServerClock();
    clock.add(sampleOf(OFFSET, 500, 1, 1));
    const known = clock.offset(600);
    clock.distrust(600);
    expect(clock.offset(700)).toBe(known);
    expect(clock.errorMs(700)).toBeNull();
    expect(clock.add(sampleOf(OFFSET, 590, 10, 30))).toBe('refused');
    expect(clock.isDistrusted).toBe(true);
    expect(clock.add(sampleOf(OFFSET + 9_000, 601, 10, 30))).toBe('fits');
    expect(clock.isDistrusted).toBe(false);
    expect(Math.abs((clock.offset(650) ?? 0) - OFFSET - 9_000)).toBeLessThanOrEqual(clock.errorMs(650) ?? 0);
  });

  it('gets the trust back with the first sample, where only the time of day was set', () => {
    const clock = new ServerClock();
    clock.add(sampleOf(OFFSET, 500, 1, 40));
    clock.add(sampleOf(OFFSET, 560, 40, 1));
    const known = clock.errorMs(700) ?? 0;
    clock.distrust(700, 5_000);
    // A message that comes meanwhile tells too little, and changes nothing.
    expect(clock.hear(Math.floor(OFFSET + 650), 750)).toBe('fits');
    expect(clock.isDistrusted).toBe(true);
    expect(clock.add(sampleOf(OFFSET, 701, 150, 150))).toBe('fits');
    expect(clock.errorMs(1_001)).toBeLessThan(known + 1);
    expect(clock.samples).toBe(3);
  });

  it('does not get it back after a sleep, of which a message told already', () => {
    const clock = new ServerClock();
    clock.add(sampleOf(OFFSET, 500, 1, 1));
    clock.distrust(700, 5_000);
    clock.hear(Math.floor(OFFSET + 5_000 + 690), 710);
    expect(clock.add(sampleOf(OFFSET + 5_000, 720, 150, 150))).toBe('fits');
    expect(clock.samples).toBe(1);
    expect(Math.abs((clock.offset(1_020) ?? 0) - OFFSET - 5_000)).toBeLessThanOrEqual(
      clock.errorMs(1_020) ?? 0,
    );
  });

  it('does not get it back by a sample that was too slow to tell a short sleep from none', () => {
    const clock = new ServerClock();
    clock.add(sampleOf(OFFSET, 500, 1, 1));
    clock.distrust(700, 1_100);
    clock.add(sampleOf(OFFSET + 1_100, 701, 10, 1_200));
    expect(clock.samples).toBe(1);
    expect(Math.abs((clock.offset(2_000) ?? 0) - OFFSET - 1_100)).toBeLessThanOrEqual(
      clock.errorMs(2_000) ?? 0,
    );
  });

  it('refuses what cannot be a sample', () => {
    const clock = new ServerClock();
    expect(clock.add({ sentAt: 10, serverNow: OFFSET, receivedAt: 9 })).toBe('refused');
    expect(clock.add({ sentAt: 10, serverNow: Number.NaN, receivedAt: 11 })).toBe('refused');
    expect(clock.hear(Number.NaN, 11)).toBe('refused');
    expect(clock.offset(12)).toBeNull();
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Countdown } from '#libs/client';
import { ARC_LENGTH, arcOffset, countdownDigits, ringView, urgencyOf } from './countdown.geometry.js';

const open = (remainingMs: number, durationMs = 20_000): Countdown => ({
  phase: 'open',
  remainingMs,
  seconds: Math.ceil(remainingMs / 1_000),
  durationMs,
  opensInMs: null,
});

describe('the digits of a countdown', () => {
  it.each([
    [0, '0'],
    [7, '7'],
    [59, '59'],
    [60, '1:00'],
    [61, '1:01'],
    [600, '10:00'],
    [3_599, '59:59'],
    [3_600, '1:00:00'],
    [86_400, '24:00:00'],
  ])('%d seconds are %s', (seconds, digits) => expect(countdownDigits(seconds)).toBe(digits));
});

describe('the ring of an open question', () => {
  it('empties with the time', () => {
    expect([20_000, 10_000, 5_000, 0].map((ms) => ringView(open(ms)).fraction)).toEqual([1, 0.5, 0.25, 0]);
  });

  it('never leaves its circle, whatever a countdown says', () => {
    const number = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(number, number, (remainingMs, durationMs) => {
        const { fraction } = ringView(open(remainingMs, durationMs));
        expect(fraction).toBeGreaterThanOrEqual(0);
        expect(fraction).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('tells the last five seconds one by one, besides their colour', () => {
    const left = [5_001, 5_000, 4_200, 1, 0].map((ms) => ringView(open(ms)).pips);
    expect(left).toEqual([null, 5, 5, 1, 0]);
  });

  it('gets urgent towards the end, and a short question not from its beginning', () => {
    expect([20, 11, 10, 6, 5, 0].map((seconds) => urgencyOf(seconds, 20_000))).toEqual([
      'calm',
      'calm',
      'soon',
      'soon',
      'urgent',
      'urgent',
    ]);
    expect([12, 10, 7, 6].map((seconds) => urgencyOf(seconds, 12_000))).toEqual([
      'calm',
      'calm',
      'calm',
      'soon',
    ]);
  });
});

describe('the ring in other phases', () => {
  const idle: Countdown = {
    phase: 'idle',
    remainingMs: null,
    seconds: null,
    durationMs: null,
    opensInMs: null,
  };

  it('counts 3, 2, 1 in the lead-in, never 0, and goes round once a second', () => {
    const leadIn = (opensInMs: number) => ringView({ ...open(20_000), phase: 'lead-in', opensInMs });
    expect([3_000, 2_001, 2_000, 400, 0].map((ms) => leadIn(ms).digits)).toEqual(['3', '3', '2', '1', '1']);
    expect([2_750, 2_250].map((ms) => leadIn(ms).fraction)).toEqual([0.75, 0.25]);
    expect(leadIn(1_000)).toMatchObject({ urgency: 'calm', pips: null });
  });

  it('stands still while paused, without urgency', () => {
    expect(ringView({ ...open(4_000), phase: 'paused' })).toEqual({
      phase: 'paused',
      digits: '4',
      fraction: 0.2,
      urgency: 'calm',
      pips: null,
    });
  });

  it('has nothing to count while idle', () => {
    expect(ringView(idle)).toEqual({ phase: 'idle', digits: '', fraction: 0, urgency: 'calm', pips: null });
  });
});

describe('the arc', () => {
  it('is drawn in full, in part, and not at all: a round cap would leave a dot', () => {
    expect(arcOffset(1)).toBe(0);
    expect(arcOffset(0.25)).toBe(0.75 * ARC_LENGTH);
    expect(arcOffset(0)).toBeGreaterThan(ARC_LENGTH);
  });
});

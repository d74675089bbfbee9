import { beforeEach, describe, expect, it } from '@jest/globals';
import { durationMs } from '#libs/timer-core';
import { MemoryLimits } from './memory.limits.js';
import { PinLockout } from './pin.lockout.js';

const perMs = durationMs(60_000);
const OWN = 3;
const OVERALL = 10;
const off = { connections: null, joins: null, rooms: null, rest: null };

let lockout: PinLockout;
beforeEach(() => {
  const rates = { ...off, wrong_pins: { count: OWN, perMs }, wrong_pins_overall: { count: OVERALL, perMs } };
  lockout = new PinLockout(new MemoryLimits(rates));
});

/** Sends wrong PINs from many addresses until so many were counted overall. */
async function storm(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await lockout.noteWrong(`203.0.113.${i}`);
}

describe('the lock-out of whoever guesses PINs', () => {
  it('locks an address after so many wrong PINs, and no other', async () => {
    for (let i = 0; i < OWN; i++) {
      expect(await lockout.lockOf('a')).toBeNull();
      expect(await lockout.noteWrong('a')).toBeNull();
    }
    expect(await lockout.lockOf('a')).toMatchObject({ limit: 'wrong_pin_address' });
    expect(await lockout.lockOf('b')).toBeNull();
  });

  it('tells a guess too many that it must wait, and not that it was wrong', async () => {
    // All were looked up before one of them was noted.
    const answers = await Promise.all(Array.from({ length: OWN + 2 }, () => lockout.noteWrong('a')));
    expect(answers.map((lock) => lock?.limit)).toEqual([
      ...Array(OWN).fill(undefined),
      'wrong_pin_address',
      'wrong_pin_address',
    ]);
    for (const lock of answers.slice(OWN)) {
      expect(lock?.retryAfterMs).toBeGreaterThan(0);
      expect(lock?.retryAfterMs).toBeLessThanOrEqual(perMs);
    }
  });

  it('keeps those waiting who have sent a wrong PIN while too many come from everywhere', async () => {
    await lockout.noteWrong('a');
    await storm(OVERALL - 2);
    expect(await lockout.lockOf('a')).toBeNull();
    await storm(2);
    expect(await lockout.lockOf('a')).toMatchObject({ limit: 'wrong_pin_overall' });
  });

  it('lets addresses with a clean record in, whatever the others do', async () => {
    await storm(OVERALL * 3);
    expect(await lockout.lockOf('clean')).toBeNull();
  });

  it('counts nothing but wrong PINs', async () => {
    for (let i = 0; i < 50; i++) expect(await lockout.lockOf('school')).toBeNull();
  });
});

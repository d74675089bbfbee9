import type { RateLimits } from '#libs/room';
import type { DurationMs } from '#libs/timer-core';

/** The one key of what is counted over all addresses. */
const EVERYBODY = 'everybody';

/** Why somebody has to wait. */
export type PinLock = {
  readonly limit: 'wrong_pin_address' | 'wrong_pin_overall';
  readonly retryAfterMs: DurationMs;
};

/**
 * Keeps PINs from being guessed. Only wrong PINs count: however many join from one address, they are let in. An address
 * with too many of them is locked out. While too many come in from everywhere, whoever has sent one waits, and addresses
 * with a clean record still pass: a lock of everybody would be a weapon in the hands of whoever guesses.
 */
export class PinLockout {
  constructor(private readonly limits: RateLimits) {}

  /** Whether PINs from this address are not looked at now; null when they are. */
  async lockOf(address: string): Promise<PinLock | null> {
    const own = await this.limits.peek('wrong_pins', address);
    if (!own.allowed) return { limit: 'wrong_pin_address', retryAfterMs: own.retryAfterMs };
    if (own.taken === 0) return null;
    const overall = await this.limits.peek('wrong_pins_overall', EVERYBODY);
    return overall.allowed ? null : { limit: 'wrong_pin_overall', retryAfterMs: overall.retryAfterMs };
  }

  /** Notes a wrong PIN; the lock when it was one too many of its address, which must not learn that it was wrong. */
  async noteWrong(address: string): Promise<PinLock | null> {
    const [own] = await Promise.all([
      this.limits.take('wrong_pins', address),
      this.limits.take('wrong_pins_overall', EVERYBODY),
    ]);
    return own.allowed ? null : { limit: 'wrong_pin_address', retryAfterMs: own.retryAfterMs };
  }
}

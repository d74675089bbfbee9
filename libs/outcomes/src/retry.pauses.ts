export interface RetryOptions {
  /** How often a delivery is tried. */
  readonly attempts: number;
  /** The pause after the first try (ms), doubled after each further one. */
  readonly retryMs: number;
  /** The longest pause (ms). */
  readonly retryMaxMs: number;
}

/** A pause is shortened or lengthened by up to so much of itself: what failed together is not tried again together. */
const JITTER = 0.25;

/**
 * How long to wait after a failed try (ms).
 *
 * @param tries how many there were, from 1
 * @param random from 0 up to, not including, 1
 */
export function retryPauseMs({ retryMs, retryMaxMs }: RetryOptions, tries: number, random: number): number {
  const pauseMs = Math.min(retryMs * 2 ** (tries - 1), retryMaxMs);
  return Math.round(pauseMs * (1 - JITTER + 2 * JITTER * random));
}

const FIRST_LATER_MS = 50;
const LONGEST_LATER_MS = 5_000;
const DOUBLINGS = 7;

/**
 * How long a delivery waits that could not be tried: usually its run is settled milliseconds after it was queued.
 *
 * @param starts how often it was taken up
 */
export function laterMs(why: 'unsettled' | 'store' | 'stopping', starts: number): number {
  if (why === 'stopping') return 0;
  return Math.min(FIRST_LATER_MS * 2 ** Math.min(starts, DOUBLINGS), LONGEST_LATER_MS);
}

import type { DurationMs } from '#libs/timer-core';

/**
 * What is limited over all gateways together, each by a key of its own (an address, or one key for everybody).
 * `wrong_pins` and `wrong_pins_overall` are records of what went wrong: they are read before, and taken from after.
 */
export type SharedLimit = 'connections' | 'joins' | 'rooms' | 'rest' | 'wrong_pins' | 'wrong_pins_overall';

/** So many within a window, which begins with the first one. */
export interface Rate {
  readonly count: number;
  /** Whole seconds. */
  readonly perMs: DurationMs;
}

/** The rate of each limit; null for no limit. */
export type SharedRates = Readonly<Record<SharedLimit, Rate | null>>;

export type RateAnswer =
  | { readonly allowed: true }
  /** How long the window still lasts. */
  | { readonly allowed: false; readonly retryAfterMs: DurationMs };

/**
 * Counts what all gateways do together. Never throws, and is never the reason for an outage: when the shared counters
 * cannot be reached, each process counts by itself.
 */
export interface RateLimits {
  /** Takes one of what `key` may have; what is refused counts too, and does not make the window longer. */
  take(limit: SharedLimit, key: string): Promise<RateAnswer>;

  /** Whether there is one left, without taking it. */
  peek(limit: SharedLimit, key: string): Promise<RateAnswer & { readonly taken: number }>;
}

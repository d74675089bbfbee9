import { RateLimiterRedis } from 'rate-limiter-flexible';
import { libraryRate, RateCounter } from '#libs/ops';
import type { Rate, RateAnswer, RateLimits, SharedLimit, SharedRates } from '#libs/room';
import type { KeySpace } from './room.keys.js';
import type { RedisClient } from './script.definition.js';

/** Counts of one limit: together with all gateways, and in this process for when that is not possible. */
interface Counters {
  readonly shared: RateCounter;
  readonly local: RateCounter;
}

const UNLIMITED = { allowed: true, taken: 0 } as const;

/** Redis has so long to answer (ms): nobody who joins waits longer for being counted. */
const PATIENCE_MS = 250;

/**
 * Limits that all gateways share. Each call touches one key. While Redis does not answer, or not soon, this process
 * counts by itself, so that an outage neither opens the doors nor closes them.
 */
export class RedisLimits implements RateLimits {
  private readonly counters = new Map<SharedLimit, Counters>();

  constructor(
    redis: RedisClient,
    keys: KeySpace,
    rates: SharedRates,
    private readonly patienceMs: number = PATIENCE_MS,
  ) {
    for (const [limit, rate] of Object.entries(rates) as [SharedLimit, Rate | null][]) {
      if (rate === null) continue;
      const shared = sharedCounter(redis, keys.limit(limit), rate);
      this.counters.set(limit, { shared, local: RateCounter.inMemory(rate) });
    }
  }

  async take(limit: SharedLimit, key: string): Promise<RateAnswer> {
    return this.ask(limit, (counter) => counter.take(key), UNLIMITED);
  }

  async peek(limit: SharedLimit, key: string): ReturnType<RateLimits['peek']> {
    return this.ask(limit, (counter) => counter.peek(key), UNLIMITED);
  }

  private async ask<T>(
    limit: SharedLimit,
    question: (counter: RateCounter) => Promise<T>,
    unlimited: T,
  ): Promise<T> {
    const counters = this.counters.get(limit);
    if (counters === undefined) return unlimited;
    try {
      return await within(this.patienceMs, question(counters.shared));
    } catch {
      return question(counters.local);
    }
  }
}

function sharedCounter(storeClient: RedisClient, keyPrefix: string, rate: Rate): RateCounter {
  return new RateCounter(
    new RateLimiterRedis({
      ...libraryRate(rate),
      keyPrefix,
      storeClient,
      // Whoever has had everything is refused here until the window ends: a flood costs Redis nothing.
      inMemoryBlockOnConsumed: rate.count,
    }),
  );
}

async function within<T>(patienceMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error('Redis did not answer soon'));
    // After a pause of this process the answer may have come, but be read behind the timers.
    timer = setTimeout(() => setImmediate(giveUp), patienceMs);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

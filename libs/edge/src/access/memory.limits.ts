import { RateCounter } from '#libs/ops';
import type { Rate, RateAnswer, RateLimits, SharedLimit, SharedRates } from '#libs/room';

const UNLIMITED = { allowed: true, taken: 0 } as const;

/** The limits of a service that is one process. */
export class MemoryLimits implements RateLimits {
  private readonly counters = new Map<SharedLimit, RateCounter>();

  constructor(rates: SharedRates) {
    for (const [limit, rate] of Object.entries(rates) as [SharedLimit, Rate | null][]) {
      if (rate !== null) this.counters.set(limit, RateCounter.inMemory(rate));
    }
  }

  async take(limit: SharedLimit, key: string): Promise<RateAnswer> {
    return (await this.counters.get(limit)?.take(key)) ?? UNLIMITED;
  }

  async peek(limit: SharedLimit, key: string): ReturnType<RateLimits['peek']> {
    return (await this.counters.get(limit)?.peek(key)) ?? UNLIMITED;
  }
}

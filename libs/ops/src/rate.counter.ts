import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { DurationMs, Rate } from './config.schema.js';

type Answer = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterMs: DurationMs };

const MS_PER_SECOND = 1_000;
const ALLOWED: Answer = { allowed: true };

/** What the library wants to know of a rate. */
export const libraryRate = ({ count, perMs }: Rate) => ({ points: count, duration: perMs / MS_PER_SECOND });

/** A limiter of rate-limiter-flexible that answers with values: a refusal is no exception. */
export class RateCounter {
  constructor(private readonly limiter: RateLimiterAbstract) {}

  /** Counts in this process only. */
  static inMemory(rate: Rate): RateCounter {
    return new RateCounter(new RateLimiterMemory(libraryRate(rate)));
  }

  /** Takes one. @throws only what the limiter's store throws */
  async take(key: string): Promise<Answer> {
    try {
      await this.limiter.consume(key);
      return ALLOWED;
    } catch (reason) {
      if (reason instanceof RateLimiterRes) return refused(reason);
      throw reason;
    }
  }

  /** Whether there is one left. @throws as `take` */
  async peek(key: string): Promise<Answer & { readonly taken: number }> {
    const found = await this.limiter.get(key);
    const taken = found?.consumedPoints ?? 0;
    if (found === null || taken < this.limiter.points) return { ...ALLOWED, taken };
    return { ...refused(found), taken };
  }
}

const refused = ({ msBeforeNext }: RateLimiterRes): Answer => ({
  allowed: false,
  retryAfterMs: Math.max(1, Math.ceil(msBeforeNext)) as DurationMs,
});

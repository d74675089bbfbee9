import type { Redis } from 'ioredis';

const SAMPLES = 50;

/**
 * What `performance.now()` of this process lacks to Redis' clock (ms), by the quickest of many samples: to a few hundredths
 * of a millisecond on one machine, where ShardClock has whole ones.
 */
export async function redisClockOffset(redis: Redis): Promise<number> {
  let quickestMs = Number.POSITIVE_INFINITY;
  let offsetMs = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const sentMs = performance.now();
    const [seconds, micros] = await redis.time();
    const tookMs = performance.now() - sentMs;
    if (tookMs >= quickestMs) continue;
    quickestMs = tookMs;
    offsetMs = Number(seconds) * 1_000 + Number(micros) / 1_000 - (sentMs + tookMs / 2);
  }
  return offsetMs;
}

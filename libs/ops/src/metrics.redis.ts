import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { LATENCY_BUCKETS_S } from './metrics.buckets.js';

/** A shard's clock as this process estimates it. */
export interface ClockReading {
  readonly shard: number;
  /** The shard's clock minus this machine's wall clock (ms). */
  readonly offsetMs: number;
  /** Since the last sample (ms). */
  readonly ageMs: number;
}

const MS_PER_SECOND = 1_000;

/** What a process sees of Redis: the way there and the clocks. */
export const redisMetrics = (registers: Registry[]) => ({
  /** Of the clock's samples, four a second and shard: small calls on the connection that commands take. */
  roundTrip: new Histogram({
    name: 'quizbell_redis_round_trip_seconds',
    help: 'Round trip of a small script to Redis and back, asked four times a second for each shard',
    buckets: LATENCY_BUCKETS_S,
    registers,
  }),

  failedSamples: new Counter({
    name: 'quizbell_redis_clock_sample_failures_total',
    help: 'Samples of a clock of Redis that were not answered, or not in time',
    registers,
  }),

  /** A step that lasted because no owner corrected it: deadlines moved with it. */
  adoptedSteps: new Counter({
    name: 'quizbell_clock_steps_adopted_total',
    help: 'Jumps of the Redis clock that nobody corrected, so that this process follows them',
    registers,
  }),

  /** Reads the clocks whenever the metrics are asked for. */
  observeClocks: (read: () => readonly ClockReading[]): void => {
    new Gauge({
      name: 'quizbell_redis_clock_offset_seconds',
      help: 'The corrected clock of a shard minus the wall clock of this machine, by shard; nothing rests on the wall clock',
      labelNames: ['shard'] as const,
      registers,
      collect() {
        for (const { shard, offsetMs } of read()) this.set({ shard }, offsetMs / MS_PER_SECOND);
      },
    });
    new Gauge({
      name: 'quizbell_redis_clock_sample_age_seconds',
      help: 'How long ago the clock was last heard of, of the shard that was heard of longest ago',
      registers,
      collect() {
        this.set(Math.max(0, ...read().map(({ ageMs }) => ageMs)) / MS_PER_SECOND);
      },
    });
  },

  /** Tells whenever the metrics are asked for whether this gateway hears what is published. */
  observeHearing: (isHearing: () => boolean): void => {
    new Gauge({
      name: 'quizbell_subscriptions_heard',
      help: 'Whether this gateway hears what is published to its rooms: 1, or 0 while it may be missing broadcasts',
      registers,
      collect() {
        this.set(isHearing() ? 1 : 0);
      },
    });
  },
});

export type RedisMetrics = ReturnType<typeof redisMetrics>;

type EpochMs = number & { readonly __unit: 'EpochMs' };

const startedAt = Date.now() - performance.now();

/**
 * Integer epoch milliseconds of a clock that is set once, at the start of this process, and never jumps after: the clock
 * of the embedded process' only shard. It may drift from the wall's time, which matters to nobody.
 */
export const monotonicEpochMs = (): EpochMs => Math.floor(startedAt + performance.now()) as EpochMs;

/** The same as a clock of shards, of which the embedded process has one. */
export class MonotonicClock {
  now(_shard: number): EpochMs {
    return monotonicEpochMs();
  }

  at(_shard: number, instantMs: number): number {
    return startedAt + instantMs;
  }
}

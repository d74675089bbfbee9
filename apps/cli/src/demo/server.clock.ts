/**
 * One `clock:sync`: this process' monotonic clock (`performance.now()`, ms with fractions) before sending and after
 * receiving, and the server's integer milliseconds in between.
 */
export interface ClockSample {
  readonly sentAt: number;
  readonly serverNow: number;
  readonly receivedAt: number;
}

/** Between what the offset (server minus monotonic clock) certainly lies, if the server tells the truth. */
export interface OffsetBounds {
  readonly low: number;
  readonly high: number;
}

// The two clocks drift apart (up to 500 ppm while NTP slews: 5 ms in 10 s), so old samples would contradict new ones.
const WINDOW_MS = 10_000;
const HULL_SAMPLES = 5;
const SERVER_RESOLUTION_MS = 1; // the server tells whole milliseconds, rounded down

const boundsOf = ({ sentAt, serverNow, receivedAt }: ClockSample): OffsetBounds => ({
  low: serverNow - receivedAt,
  high: serverNow + SERVER_RESOLUTION_MS - sentAt,
});

const roundTrip = (sample: ClockSample): number => sample.receivedAt - sample.sentAt;

/**
 * The server's clock as seen from here, never from this machine's own time of day, which may be set to anything. The
 * server's instant lies between sending and receiving, so each sample bounds the offset from both sides, and all of them
 * together by what their ranges have in common.
 */
export class ServerClock {
  private samples: ClockSample[] = [];

  /** Adds a sample and forgets those that are older than 10 s, unless too few would be left. */
  add(sample: ClockSample): void {
    this.samples.push(sample);
    const fresh = this.samples.filter((one) => one.receivedAt >= sample.receivedAt - WINDOW_MS);
    this.samples = fresh.length >= HULL_SAMPLES ? fresh : this.samples.slice(-HULL_SAMPLES);
  }

  get isKnown(): boolean {
    return this.samples.length > 0;
  }

  /**
   * The bounds of the offset. Samples that contradict each other (gateways estimate the shard's clock, each with an error
   * of its own) are not averaged: the answer is then everything that the quickest ones allow.
   *
   * @throws Error before the first sample
   */
  bounds(): OffsetBounds {
    if (!this.isKnown) throw new Error('The clock was asked before the first sample');
    const all = this.samples.map(boundsOf);
    const low = Math.max(...all.map((one) => one.low));
    const high = Math.min(...all.map((one) => one.high));
    if (low <= high) return { low, high };
    const quickest = [...this.samples]
      .sort((a, b) => roundTrip(a) - roundTrip(b))
      .slice(0, HULL_SAMPLES)
      .map(boundsOf);
    return {
      low: Math.min(...quickest.map((one) => one.low)),
      high: Math.max(...quickest.map((one) => one.high)),
    };
  }

  /** How far from the truth `at` may be, either way. */
  get errorMs(): number {
    const { low, high } = this.bounds();
    return (high - low) / 2;
  }

  /** The server's instant (ms, with fractions) at that reading of the monotonic clock: the middle of what is possible. */
  at(monotonicMs: number): number {
    const { low, high } = this.bounds();
    return monotonicMs + (low + high) / 2;
  }

  /** The earliest instant that the server's clock can have shown at that reading. */
  earliestAt(monotonicMs: number): number {
    return monotonicMs + this.bounds().low;
  }

  /** The latest instant that the server's clock can have shown at that reading. */
  latestAt(monotonicMs: number): number {
    return monotonicMs + this.bounds().high;
  }
}

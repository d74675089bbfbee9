/** A jump beyond this is a step of a clock, not a slow answer or a slewing clock (ms). */
export const STEP_GUARD_MS = 100;

/** A step that nobody took out of the correction for this long is how time is now (ms). */
export const ADOPT_AFTER_MS = 1_000;

/** Clocks that are being slewed run apart by at most this much (ms per ms). */
const MAX_DRIFT = 0.000_5;

/** One question to a clock: asked and answered on the own monotonic clock, and what it said (ms). */
export interface ClockSample {
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly serverAt: number;
}

export type SampleVerdict =
  | { readonly kind: 'steady' }
  /** The clock jumped by so much; the estimate does not follow yet. */
  | { readonly kind: 'step'; readonly jumpMs: number }
  /** The jump has lasted, so the estimate follows now. */
  | { readonly kind: 'adopted'; readonly jumpMs: number };

/**
 * The offset of another clock from the own monotonic clock. Each sample bounds it from both sides; the bounds of all
 * samples are intersected, widened a little with time. A sample that contradicts them by more than `STEP_GUARD_MS` is a
 * step: it is followed only when it lasts, so that the owner of the clock has time to correct it.
 */
export class OffsetEstimate {
  private low: number;
  private high: number;
  private takenAt: number;
  private steppedAt: number | null = null;

  constructor(first: ClockSample) {
    ({ low: this.low, high: this.high } = boundsOf(first));
    this.takenAt = first.receivedAt;
  }

  /** The other clock minus the own one (ms). */
  get offset(): number {
    return (this.low + this.high) / 2;
  }

  take(sample: ClockSample): SampleVerdict {
    const seen = boundsOf(sample);
    const drift = (sample.receivedAt - this.takenAt) * MAX_DRIFT;
    const low = this.low - drift;
    const high = this.high + drift;
    const apart = Math.max(seen.low - high, low - seen.high);
    if (apart > STEP_GUARD_MS) return this.stepped(sample, seen);
    this.steppedAt = null;
    // Bounds that miss each other by less are a clock that was slewed faster than expected.
    if (apart > 0) this.follow(sample, seen);
    else this.follow(sample, { low: Math.max(low, seen.low), high: Math.min(high, seen.high) });
    return { kind: 'steady' };
  }

  private stepped(sample: ClockSample, seen: { low: number; high: number }): SampleVerdict {
    const jumpMs = Math.round((seen.low + seen.high) / 2 - this.offset);
    this.steppedAt ??= sample.receivedAt;
    if (sample.receivedAt - this.steppedAt < ADOPT_AFTER_MS) return { kind: 'step', jumpMs };
    this.steppedAt = null;
    this.follow(sample, seen);
    return { kind: 'adopted', jumpMs };
  }

  private follow(sample: ClockSample, bounds: { low: number; high: number }): void {
    ({ low: this.low, high: this.high } = bounds);
    this.takenAt = sample.receivedAt;
  }
}

const boundsOf = ({ sentAt, receivedAt, serverAt }: ClockSample) => ({
  low: serverAt - receivedAt,
  high: serverAt - sentAt,
});

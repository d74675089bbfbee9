import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { thousandths } from '../percentiles.js';

/** So much of what was measured is at most so long. */
export interface CurvePoint {
  /** Above 0, at most 100. */
  readonly percent: number;
  readonly ms: number;
}

const US_PER_MS = 1_000;
const LONGEST_US = 3_600_000_000;
/** Three figures: to 0.1 %. */
const FIGURES = 3;
/** Points of a curve: so many each time what is above gets ten times rarer. */
const POINTS_PER_DECADE = 10;
const LEAST_PERCENT = 10;

/**
 * Times from 1 us to one hour in bounded memory, to 0.1 % (HdrHistogram, as Node has it). Histograms of several rounds
 * can be merged, which percentiles cannot.
 */
export class TimeHistogram {
  private readonly us: RecordableHistogram = createHistogram({
    lowest: 1,
    highest: LONGEST_US,
    figures: FIGURES,
  });

  static of(timesMs: Iterable<number>): TimeHistogram {
    const histogram = new TimeHistogram();
    for (const ms of timesMs) histogram.record(ms);
    return histogram;
  }

  static merged(histograms: Iterable<TimeHistogram>): TimeHistogram {
    const all = new TimeHistogram();
    for (const histogram of histograms) all.add(histogram);
    return all;
  }

  get count(): number {
    return this.us.count;
  }

  /** Less than 1 us, also less than 0, counts as 1 us: clocks of two processes are not compared more exactly. */
  record(ms: number): void {
    this.us.record(Math.min(LONGEST_US, Math.max(1, Math.round(ms * US_PER_MS))));
  }

  add(other: TimeHistogram): void {
    this.us.add(other.us);
  }

  /** In ms; NaN when nothing was recorded. */
  percentile(percent: number): number {
    return this.count === 0 ? Number.NaN : this.us.percentile(percent) / US_PER_MS;
  }

  /** From 10 % to 100 %, ever closer, as far as there are values to tell points apart. */
  curve(): CurvePoint[] {
    if (this.count === 0) return [];
    const points = this.count > 1 ? [this.point(LEAST_PERCENT)] : [];
    const steps = POINTS_PER_DECADE * Math.log10(this.count);
    for (let step = 1; step < steps; step++) {
      points.push(this.point(100 * (1 - 10 ** (-step / POINTS_PER_DECADE))));
    }
    points.push(this.point(100));
    return points;
  }

  private point(percent: number): CurvePoint {
    return { percent: thousandths(percent), ms: thousandths(this.percentile(percent)) };
  }
}

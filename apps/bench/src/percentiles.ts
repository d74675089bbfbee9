/** What is told of many measured times (ms). */
export interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * The smallest value that at least `percent` of all are not above (nearest rank): always one that was measured. NaN if
 * there is none.
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** To a tenth of a millisecond: what is beyond is noise of the clock comparison. */
export const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Of ratios, and of times that were read from one clock. */
export const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** Of ratios that are close to one another. */
export const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000;

export function figuresOf(values: readonly number[]): Figures {
  const told = (percent: number) => rounded(percentile(values, percent));
  return { p50: told(50), p99: told(99), max: told(100) };
}

/** The middle value; of an even number of values the mean of the two in the middle. NaN if there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

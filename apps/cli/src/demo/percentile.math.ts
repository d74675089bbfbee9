/**
 * The smallest value that at least `percent` of all are not above (nearest rank): always one that was measured, never one
 * in between. `null` if there is none.
 */
export function percentile(values: readonly number[], percent: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[Math.min(rank, sorted.length) - 1] ?? null;
}

/** To a tenth of a millisecond: what is beyond is noise of the clock comparison. */
export function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10 + 0; // + 0: -0 is no number for a report
}

/**
 * How a check came out. `good` and `info` need nothing; `warning` is worth a look; `unknown`: it could not be checked;
 * `wrong`: a promise does not hold, or nothing works.
 */
export type CheckStatus = 'good' | 'info' | 'warning' | 'unknown' | 'wrong';

/** One thing that was looked at, and what to do about it. */
export interface Check {
  /** Stable, for programs: `redis-eviction`. */
  readonly id: string;
  /** False only when it is `wrong`. */
  readonly ok: boolean;
  readonly status: CheckStatus;
  readonly found: string;
  readonly wanted: string;
  /** What to do; empty where nothing is to be done. */
  readonly advice: string;
}

/** What a check is made of; without `advice` for one that needs nothing. */
interface CheckParts {
  readonly status: CheckStatus;
  readonly found: string;
  readonly wanted: string;
  readonly advice?: string;
}

export const check = (id: string, { status, found, wanted, advice = '' }: CheckParts): Check => ({
  id,
  ok: status !== 'wrong',
  status,
  found,
  wanted,
  advice,
});

/** What became of one offered rate. */
export interface LoadStep {
  /** Answers a second that were due. */
  readonly offered: number;
  /** Verdicts a second that came. */
  readonly achieved: number;
  /** From the instants at which they were due, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** p99 of how much later than due they were sent, ms: the bench's own part. */
  readonly sentLateP99: number;
}

/** At saturation fewer come than that, of those that are due. */
export const LEAST_ACHIEVED = 0.95;
/** Or they are later than this, ms. */
export const LATEST_P99_MS = 250;
const FIRST_RATE = 500;
/** More than any of these servers does on one core. */
const LAST_RATE = 32_000;
/** How often the distance between what it can do and what it cannot is halved. */
const HALVINGS = 3;

export const isSaturated = ({ offered, achieved, p99 }: LoadStep): boolean =>
  !(achieved >= LEAST_ACHIEVED * offered && p99 <= LATEST_P99_MS);

/** Doubles the rate until it is too much, then looks between the last two. */
export async function searchSaturation(
  measure: (offered: number) => Promise<LoadStep>,
): Promise<{ readonly steps: LoadStep[]; readonly saturatedAt: number | null }> {
  const steps: LoadStep[] = [];
  const isTooMuch = async (offered: number) => {
    let step = await measure(offered);
    // Once more: whatever else the machine did for a moment is not what a server cannot do.
    if (isSaturated(step)) step = await measure(offered);
    steps.push(step);
    return isSaturated(step);
  };
  let good = 0;
  let bad: number | null = null;
  for (let rate = FIRST_RATE; rate <= LAST_RATE && bad === null; rate *= 2) {
    if (await isTooMuch(rate)) bad = rate;
    else good = rate;
  }
  for (let i = 0; i < HALVINGS && bad !== null; i++) {
    const middle: number = Math.round((good + bad) / 2);
    if (await isTooMuch(middle)) bad = middle;
    else good = middle;
  }
  return { steps, saturatedAt: bad };
}

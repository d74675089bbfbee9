/** One question for the server's time. */
export interface ClockSample {
  /** `performance.now()` before it was sent. */
  readonly sentMs: number;
  /** `performance.now()` when the answer was read. */
  readonly answeredMs: number;
  /** What the server said: whole milliseconds. */
  readonly serverNow: number;
}

/** How to get from a process' `performance.now()` to the server's clock. */
export interface ClockOffset {
  readonly offsetMs: number;
  /** The offset is wrong by no more than this. */
  readonly uncertaintyMs: number;
}

/** The server rounds the middle of two instants that it rounded down. */
const ROUNDED_DOWN_MS = 1;
const ROUNDED_UP_MS = 0.5;

/**
 * The offset that fits all samples: each bounds it, because the server looked at its clock between sending and answering.
 * Samples that contradict each other (the server has just compared its own clock anew) leave the middle between them.
 *
 * @throws RangeError without a sample
 */
export function offsetOf(samples: readonly ClockSample[]): ClockOffset {
  if (samples.length === 0) throw new RangeError('no samples');
  const least = Math.max(...samples.map((one) => one.serverNow - ROUNDED_UP_MS - one.answeredMs));
  const most = Math.min(...samples.map((one) => one.serverNow + ROUNDED_DOWN_MS - one.sentMs));
  return { offsetMs: (least + most) / 2, uncertaintyMs: Math.abs(most - least) / 2 };
}

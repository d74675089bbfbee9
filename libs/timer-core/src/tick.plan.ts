import type { OpenQuestion } from './room.state.js';
import { durationMs, type EpochMs, epochMs } from './units.js';

/**
 * The first tick of an open question after the instant `afterAt`, or null when none is left. Ticks fall at
 * `endsAt - k * tickMs` for every whole `k >= 1` after the opening.
 */
export function nextTickAt(
  question: Pick<OpenQuestion, 'opensAt' | 'endsAt' | 'tickMs'>,
  afterAt: EpochMs,
): EpochMs | null {
  const { opensAt, endsAt, tickMs } = question;
  if (tickMs === 0) return null;
  const from = Math.max(opensAt, afterAt);
  const k = Math.ceil((endsAt - from) / tickMs) - 1;
  return k >= 1 ? epochMs(endsAt - k * tickMs) : null;
}

/** True when a tick that was due at `tickAt` is so late at `now` that it is skipped: more than half an interval. */
export const isTickTooLate = (tickAt: EpochMs, now: EpochMs, tickMs: number): boolean =>
  now - tickAt > durationMs(tickMs / 2);

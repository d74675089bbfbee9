import type { Snapshot } from '#libs/timer-core';

/** What a snapshot tells of a timer. */
export type TimerState = Pick<
  Snapshot,
  'version' | 'runId' | 'phase' | 'remainingMs' | 'durationMs' | 'reason' | 'closedAt' | 'serverNow'
>;

/** What one connection was told last. */
export interface ToldTimer {
  readonly version: number;
  readonly runId: number | null;
  readonly durationMs: number;
  /** The last `tick` of that run; null when there was none. */
  readonly timer: number | null;
}

export const NOTHING_TOLD: ToldTimer = { version: 0, runId: null, durationMs: 0, timer: null };

const MS_PER_SECOND = 1_000;

/**
 * Whoever connects so soon (ms) after the deadline is told the zero: their connection may have been gone when it came. Long
 * enough for a client to notice that, and to come back.
 */
export const MISSED_ZERO_MS = 30_000;

/**
 * The `tick` that a connection is to be told, in whole seconds; null when it needs none. Within a run no value comes twice
 * and none after a lower one, whatever comes late, twice, or out of order; only a longer run may go up.
 *
 * @param isTick the state was sent at a whole second before the deadline, as far as that went
 */
export function tickFor(
  told: ToldTimer,
  state: TimerState,
  isTick: boolean,
): { readonly told: ToldTimer; readonly timer: number | null } {
  if (state.version < told.version) return { told, timer: null };
  const isSameRun = state.runId === told.runId;
  const before = isSameRun ? told.timer : null;
  const timer = secondsOf(state, isTick);
  const durationMs = state.durationMs ?? 0;
  const isLonger = isSameRun && durationMs > told.durationMs;
  const isNews = timer !== null && timer !== before && (before === null || timer < before || isLonger);
  const isTooOld = before === null && isLongOver(state);
  const isTold = isNews && !isTooOld;
  const { version, runId } = state;
  return {
    told: { version, runId, durationMs, timer: isTold ? timer : before },
    timer: isTold ? timer : null,
  };
}

/** Whole seconds left; 0 for a run that has expired; null where there is nothing to count. */
function secondsOf({ phase, reason, remainingMs }: TimerState, isTick: boolean): number | null {
  if (phase === 'closed') return reason === 'expired' ? 0 : null;
  if (phase !== 'open' || remainingMs === null) return null;
  const seconds = remainingMs / MS_PER_SECOND;
  // The zero is for the closing to say. A tick is meant for the nearest second: it is sent at most half a second late.
  return Math.max(1, isTick ? Math.round(seconds) : Math.ceil(seconds));
}

const isLongOver = ({ closedAt, serverNow }: TimerState): boolean =>
  closedAt !== undefined && serverNow - closedAt > MISSED_ZERO_MS;

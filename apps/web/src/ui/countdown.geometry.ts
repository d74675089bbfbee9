import type { Countdown } from '#libs/client';

/** How near the end is, by what is left and how long the question is. */
export type Urgency = 'calm' | 'soon' | 'urgent';

/** What a countdown's ring shows at an instant. */
export interface RingView {
  readonly phase: Countdown['phase'];
  /** Empty where there is nothing to count. */
  readonly digits: string;
  /** How much of the ring is drawn, 0 to 1. */
  readonly fraction: number;
  readonly urgency: Urgency;
  /** Of the last seconds, how many are left; null before them. */
  readonly pips: number | null;
}

/** From so many seconds on the end is near; of a short question from its half on. */
const SOON_S = 10;
const URGENT_S = 5;
const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;

/** The arc's length in the units of its `pathLength`. */
export const ARC_LENGTH = 100;
/** Beyond the arc: a round line cap would draw a dot for an arc of no length. */
const ARC_HIDDEN = 110;

/** `7`, `59`, `1:00`, `1:00:00`. */
export function countdownDigits(seconds: number): string {
  if (seconds < SECONDS_PER_MINUTE) return String(seconds);
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / SECONDS_PER_MINUTE);
  const rest = twoDigits(seconds % SECONDS_PER_MINUTE);
  if (minutes < MINUTES_PER_HOUR) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / MINUTES_PER_HOUR)}:${twoDigits(minutes % MINUTES_PER_HOUR)}:${rest}`;
}

export function urgencyOf(seconds: number, durationMs: number): Urgency {
  if (seconds <= URGENT_S) return 'urgent';
  const halfS = durationMs / 2 / MS_PER_SECOND;
  return seconds <= Math.min(SOON_S, halfS) ? 'soon' : 'calm';
}

function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}

/** What to draw for a countdown. */
export function ringView({ phase, remainingMs, seconds, durationMs, opensInMs }: Countdown): RingView {
  const nothing: RingView = { phase, digits: '', fraction: 0, urgency: 'calm', pips: null };
  if (phase === 'lead-in') {
    const opensIn = opensInMs ?? 0;
    const digits = countdownDigits(Math.max(1, Math.ceil(opensIn / MS_PER_SECOND)));
    // The ring goes round once a second: how long the lead-in is altogether, nobody was told.
    return { ...nothing, digits, fraction: share(opensIn % MS_PER_SECOND, MS_PER_SECOND) };
  }
  if (remainingMs === null || seconds === null || durationMs === null) return nothing;
  const left = { ...nothing, digits: countdownDigits(seconds), fraction: share(remainingMs, durationMs) };
  if (phase !== 'open') return left;
  return {
    ...left,
    urgency: urgencyOf(seconds, durationMs),
    pips: seconds <= URGENT_S ? seconds : null,
  };
}

/** The `stroke-dashoffset` that draws `fraction` of the arc, clockwise from the top. */
export function arcOffset(fraction: number): number {
  return fraction <= 0 ? ARC_HIDDEN : ARC_LENGTH * (1 - fraction);
}

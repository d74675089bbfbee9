import type { Countdown } from '#libs/client';
import type { Messages } from '../i18n/en.js';
import type { CueName } from '../settings/cue.player.js';

/** A moment of a countdown that is worth words. Seconds are whole ones that are left. */
export type CountdownMoment =
  | { readonly kind: 'lead-in' | 'closed' | 'closed-early' }
  | {
      readonly kind: 'opened' | 'half' | 'left' | 'paused' | 'resumed' | 'changed';
      readonly seconds: number;
    };

/** Half-time is told only where it is well away from the other moments. */
const HALF_FROM_S = 40;
const THRESHOLDS_S = [10, 5];
const LAST_SECONDS = 5;
const LEAD_IN_SECONDS = 3;
const MS_PER_SECOND = 1_000;

function thresholdOf(before: number, now: Countdown & { readonly seconds: number }): CountdownMoment | null {
  const crossed = (atS: number) => before > atS && now.seconds <= atS;
  const { seconds, durationMs } = now;
  if (THRESHOLDS_S.some(crossed)) return seconds > 0 ? { kind: 'left', seconds } : null;
  const durationS = (durationMs ?? 0) / MS_PER_SECOND;
  return durationS >= HALF_FROM_S && crossed(Math.floor(durationS / 2)) ? { kind: 'half', seconds } : null;
}

function openMoment(before: Countdown | null, now: Countdown): CountdownMoment | null {
  if (now.seconds === null) return null;
  const { seconds } = now;
  if (before === null) return { kind: 'left', seconds };
  if (before.phase === 'paused') return { kind: 'resumed', seconds };
  if (before.phase !== 'open' || before.seconds === null) return { kind: 'opened', seconds };
  if (before.durationMs !== now.durationMs) return { kind: 'changed', seconds };
  return thresholdOf(before.seconds, { ...now, seconds });
}

/**
 * What to tell somebody who does not see the countdown: its beginning, half, 10 and 5 seconds, its end, and whatever the
 * host does; never each second. Null for nothing.
 *
 * @param before what the last call was given; null at first, so that a page which was just opened tells only what is open
 */
export function momentOf(before: Countdown | null, now: Countdown): CountdownMoment | null {
  switch (now.phase) {
    case 'idle':
      return null;
    case 'lead-in':
      return before?.phase === 'lead-in' ? null : { kind: 'lead-in' };
    case 'open':
      return openMoment(before, now);
    case 'paused': {
      if (now.seconds === null) return null;
      if (before?.phase !== 'paused') return { kind: 'paused', seconds: now.seconds };
      return before.durationMs === now.durationMs ? null : { kind: 'changed', seconds: now.seconds };
    }
    case 'closed':
      if (before === null || before.phase === 'closed' || before.phase === 'idle') return null;
      return { kind: (now.remainingMs ?? 0) > 0 ? 'closed-early' : 'closed' };
    default:
      return now.phase satisfies never;
  }
}

/** A moment in words. */
export function momentText(messages: Messages, moment: CountdownMoment): string {
  const { countdown } = messages;
  switch (moment.kind) {
    case 'lead-in':
      return countdown.announceLeadIn;
    case 'opened':
      return countdown.announceOpened(moment.seconds);
    case 'half':
      return countdown.announceHalf(moment.seconds);
    case 'left':
      return countdown.announceLeft(moment.seconds);
    case 'paused':
      return countdown.announcePaused(moment.seconds);
    case 'resumed':
      return countdown.announceResumed(moment.seconds);
    case 'changed':
      return countdown.announceExtended(moment.seconds);
    case 'closed':
      return countdown.announceClosed;
    case 'closed-early':
      return countdown.announceClosedEarly;
    default:
      return moment satisfies never;
  }
}

function leadInSecond({ phase, opensInMs }: Countdown): number | null {
  return phase === 'lead-in' && opensInMs !== null ? Math.ceil(opensInMs / MS_PER_SECOND) : null;
}

/** What to let somebody hear and feel; null for nothing. Nothing at first: that a page was opened is no moment. */
export function cueOf(before: Countdown | null, now: Countdown): CueName | null {
  if (before === null) return null;
  if (now.phase === 'lead-in') {
    const second = leadInSecond(now);
    return second !== null && second <= LEAD_IN_SECONDS && second !== leadInSecond(before) ? 'lead-in' : null;
  }
  if (now.phase === 'open') {
    if (before.phase !== 'open') return before.phase === 'paused' ? null : 'opened';
    const isNext = now.seconds !== null && before.seconds !== null && now.seconds < before.seconds;
    return isNext && now.seconds > 0 && now.seconds <= LAST_SECONDS ? 'last-seconds' : null;
  }
  return now.phase === 'closed' && before.phase === 'open' ? 'closed' : null;
}

import type { RefusedAck } from '#libs/protocol';
import { type DurationMs, durationMs } from '#libs/timer-core';
import { refusedAck } from '../wire.refusal.js';

/** What a client of the tutorial may send. */
const TUTORIAL_EVENTS = ['timerStart', 'timerStop'] as const;

/** What it is told. */
export const TICK_EVENT = 'tick';

/** As long as any question may last: a day. */
const MAX_SECONDS = 86_400;

const MS_PER_SECOND = 1_000;

export type TutorialCommand =
  | { readonly kind: 'start'; readonly durationMs: DurationMs }
  | { readonly kind: 'stop' };

/** By which an event is counted: what strangers send must not make labels. */
export const labelOf = (event: string): string =>
  (TUTORIAL_EVENTS as readonly string[]).includes(event) ? event : 'unknown';

/**
 * Reads an event of a client. A stop needs no payload, and whatever comes with it is ignored, so that it never fails to stop.
 *
 * @param args what came with the event, without the ack
 */
export function parseTutorialEvent(
  event: string,
  args: readonly unknown[],
): TutorialCommand | (RefusedAck & { ok: false }) {
  if (event === 'timerStop') return { kind: 'stop' };
  if (event !== 'timerStart') {
    return refusedAck('invalid_payload', 'There is timerStart and timerStop.', { field: 'event' });
  }
  const [payload, ...more] = args;
  const dur = (payload as { readonly dur?: unknown } | null | undefined)?.dur;
  if (more.length === 0 && isSeconds(dur))
    return { kind: 'start', durationMs: durationMs(dur * MS_PER_SECOND) };
  const message = `Expected { dur }, a whole number of seconds from 1 to ${MAX_SECONDS}.`;
  return refusedAck('invalid_payload', message, { field: 'dur' });
}

const isSeconds = (dur: unknown): dur is number =>
  typeof dur === 'number' && Number.isInteger(dur) && dur >= 1 && dur <= MAX_SECONDS;

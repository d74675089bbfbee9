import {
  type Change,
  type EpochMs,
  type RoomEvent,
  type RoomState,
  type SnapshotView,
  tellView,
  viewOf,
} from '#libs/timer-core';

/** An event as members hear it: one object with the state, complete in itself. */
export interface PublishedEvent {
  readonly event: string;
  readonly payload: Record<string, unknown>;
}

/** Which content an event carries: none, the one that the room had before the commit, or the one after it. */
export type ContentOfEvent = 'none' | 'before' | 'after';

/**
 * The content of an event is that of its own run: a start that finds the last deadline passed closes that run first,
 * and must not tell the next question with it.
 */
export function contentOf(event: RoomEvent, change: Change): ContentOfEvent {
  if (event.type === 'room:closed') return 'none';
  return event.view.runId === change.state.question?.runId ? 'after' : 'before';
}

const told = (view: SnapshotView, now: EpochMs): Record<string, unknown> => ({ ...tellView(view, now) });

/** An event as it is told at `now`, with its content (JSON text). */
export function publishedEvent(event: RoomEvent, now: EpochMs, content: string | null): PublishedEvent {
  if (event.type === 'room:closed') {
    const { type, ...fields } = event;
    return { event: type, payload: { ...fields, serverNow: now } };
  }
  const snapshot = told(event.view, now);
  const whole = content === null ? snapshot : { ...snapshot, content: JSON.parse(content) };
  return { event: event.type, payload: event.type === 'room:state' ? { snapshot: whole } : whole };
}

/** The tick of an open question as it is told at `now`; it carries the version that it was planned on, no content. */
export const publishedTick = (state: RoomState, now: EpochMs): PublishedEvent => ({
  event: 'question:tick',
  payload: told(viewOf(state), now),
});

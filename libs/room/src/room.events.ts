import { type EpochMs, type RoomEvent, type RoomState, type SnapshotView, tellView, viewOf } from '#libs/timer-core';

/** An event as members hear it: one object with the state, complete in itself. */
export interface PublishedEvent {
  readonly event: string;
  readonly payload: Record<string, unknown>;
}

/** True for the events that carry the question's content. */
export const carriesContent = (event: RoomEvent): boolean =>
  event.type !== 'room:closed' && event.view.questionId !== null;

/** The content that an event carries, as JSON text; null when it carries none. */
export const contentOf = (event: RoomEvent, content: string | null): string | null =>
  carriesContent(event) ? content : null;

const told = (view: SnapshotView, now: EpochMs): Record<string, unknown> => ({ ...tellView(view, now) });

/** An event as it is told at `now`, with its content (JSON text). */
export function publishedEvent(event: RoomEvent, now: EpochMs, content: string | null): PublishedEvent {
  if (event.type === 'room:closed') {
    const { type, ...fields } = event;
    return { event: type, payload: { ...fields, serverNow: now } };
  }
  const payload = told(event.view, now);
  return { event: event.type, payload: content === null ? payload : { ...payload, content: JSON.parse(content) } };
}

/** The tick of an open question as it is told at `now`; it carries the version that it was planned on, no content. */
export const publishedTick = (state: RoomState, now: EpochMs): PublishedEvent => ({
  event: 'question:tick',
  payload: told(viewOf(state), now),
});

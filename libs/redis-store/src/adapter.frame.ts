import { type ContentOfEvent, contentOf } from '#libs/room';
import { type Change, type RoomEvent, type RoomState, type SnapshotView, viewOf } from '#libs/timer-core';

/** The namespace whose members hear the events. */
export const EVENT_NAMESPACE = '/quiz';

/**
 * One event as a message of the sharded Socket.IO adapter (@socket.io/redis-adapter 8.3, socket.io-adapter 2.5), cut
 * where the publishing script puts in what depends on the instant: `head`, then `"remainingMs"` and `"serverNow"` and
 * the content, then `tail`. A contract test through a real gateway fails when the adapter's format changes.
 */
export interface FrameParts {
  readonly head: string;
  /** '' for none, 'null', a fixed length in ms, or '@' and the deadline to count to. */
  readonly remaining: string;
  readonly content: ContentOfEvent;
  readonly tail: string;
}

/** Ends a frame: the payload, its packet's data, the packet, the message's data, the message. */
const FRAME_TAIL = '}]}}}';

/** The tail of every tick, and of what members are told of one another. */
export const TICK_TAIL = FRAME_TAIL;

/** The adapter's number for a broadcast, and Socket.IO's for an event packet. */
const BROADCAST = 3;
const EVENT_PACKET = 2;

function head(
  socketRoom: string,
  event: string,
  payload: object,
  flags: object,
  except: readonly string[] = [],
): string {
  const opts = JSON.stringify({ rooms: [socketRoom], except, flags });
  const packet = `{"type":${EVENT_PACKET},"nsp":"${EVENT_NAMESPACE}","data":[${JSON.stringify(event)},`;
  const fields = JSON.stringify(payload).slice(0, -1);
  return `{"uid":"emitter","nsp":"${EVENT_NAMESPACE}","type":${BROADCAST},"data":{"opts":${opts},"packet":${packet}${fields},`;
}

function remainingOf({ remaining, endsAt }: SnapshotView): string {
  return remaining === 'counting' ? `@${endsAt}` : String(remaining);
}

/** The frame of one of a change's events, for all members of the room. */
export function eventFrame(socketRoom: string, event: RoomEvent, change: Change): FrameParts {
  if (event.type === 'room:closed') {
    const { type, ...payload } = event;
    return { head: head(socketRoom, type, payload, {}), remaining: '', content: 'none', tail: FRAME_TAIL };
  }
  const { remaining: _, ...payload } = event.view;
  const parts = { remaining: remainingOf(event.view), content: contentOf(event, change) };
  if (event.type === 'room:state') {
    // The only event whose snapshot is a field of its payload: the snapshot stays open, and is closed before the rest.
    const open = head(socketRoom, event.type, { snapshot: payload }, {}).replace(/\},$/, ',');
    return { ...parts, head: open, tail: `}${FRAME_TAIL}` };
  }
  return { ...parts, head: head(socketRoom, event.type, payload, {}), tail: FRAME_TAIL };
}

/** The start of an event whose last fields, `serverNow` among them, the publishing script writes; then `TICK_TAIL`. */
export const openFrame = (socketRoom: string, event: string, payload: object): string =>
  head(socketRoom, event, payload, {});

/** A frame that depends on no instant, for all in a Socket.IO room but the connections `except`. */
export function wholeFrame(
  socketRoom: string,
  event: string,
  payload: object,
  except: readonly string[] = [],
): string {
  return `${head(socketRoom, event, payload, {}, except).slice(0, -1)}${FRAME_TAIL}`;
}

/** The frame of an open question's tick; volatile: a member that cannot take it now does without. */
export function tickFrame(socketRoom: string, state: RoomState): FrameParts {
  const view = viewOf(state);
  const { remaining: _, ...payload } = view;
  const flags = { volatile: true };
  return {
    head: head(socketRoom, 'question:tick', payload, flags),
    remaining: remainingOf(view),
    content: 'none',
    tail: FRAME_TAIL,
  };
}

import type { End, RoomState } from '#libs/client';

/** What the page of a member of a room shows. */
export type RoomView =
  /** Not in the room yet, so nothing is known of it. */
  | 'connecting'
  /** In the room; no question has been played. */
  | 'waiting'
  | 'lead-in'
  | 'open'
  | 'paused'
  | 'closed'
  | 'ended';

/** Which view a state is shown by. What was known stays in view while a connection is away. */
export function viewOf({ connection, question }: Pick<RoomState, 'connection' | 'question'>): RoomView {
  if (connection === 'ended') return 'ended';
  if (question === null) return 'connecting';
  return question.phase === 'idle' ? 'waiting' : question.phase;
}

/** What a member can do after the end. */
export type EndAction =
  /** Take the place back from the other tab. */
  | 'use-here'
  /** The same again, after `retryAfterMs` at the earliest. */
  | 'retry'
  /** Come in as somebody else, or under another name. */
  | 'join-anew'
  /** Only the way to the start is left. */
  | 'leave';

/** Why a room has ended, in as many kinds as there are words for. */
export interface EndFacts {
  readonly kind:
    | 'left'
    | 'kicked'
    | 'banned'
    | 'replaced'
    | 'closed-by-host'
    | 'closed-idle'
    | 'closed'
    | 'unknown-room'
    | 'room-full'
    | 'slow-down'
    | 'no-entry'
    | 'bad-name'
    | 'name-refused'
    | 'put-out'
    | 'in-use'
    | 'no-answer'
    | 'failed';
  readonly action: EndAction;
  /** Milliseconds to wait before the action; 0: none. */
  readonly retryAfterMs: number;
}

/** When the server does not say how long to wait. */
const DEFAULT_RETRY_MS = 5_000;

function facts(kind: EndFacts['kind'], action: EndAction, retryAfterMs = 0): EndFacts {
  return { kind, action, retryAfterMs };
}

function refusalFacts({
  code,
  field,
  retryable,
  retryAfterMs,
}: Extract<End, { reason: 'refused' }>['error']) {
  switch (code) {
    case 'room_not_found':
      return facts('unknown-room', 'leave');
    case 'room_full':
      return facts('room-full', 'retry', retryAfterMs ?? DEFAULT_RETRY_MS);
    case 'rate_limited':
      return facts('slow-down', 'retry', retryAfterMs ?? DEFAULT_RETRY_MS);
    case 'unauthorized':
      return facts('no-entry', 'join-anew');
    // Somebody who was put out stays out; a name that was put out keeps only the name out.
    case 'forbidden':
      return field === 'name' ? facts('name-refused', 'join-anew') : facts('put-out', 'leave');
    case 'conflict':
      return facts('in-use', 'retry', retryAfterMs ?? DEFAULT_RETRY_MS);
    case 'invalid_payload':
      return field === 'name' ? facts('bad-name', 'join-anew') : facts('failed', 'retry');
    default:
      return retryable ? facts('no-answer', 'retry') : facts('failed', 'retry');
  }
}

/** What to say about an end, and what to offer. */
export function endFacts(end: End): EndFacts {
  switch (end.reason) {
    case 'left':
      return facts('left', 'join-anew');
    case 'kicked':
      return facts('kicked', 'leave');
    case 'banned':
      return facts('banned', 'leave');
    case 'replaced':
      return facts('replaced', 'use-here');
    case 'room-closed':
      if (end.by === null) return facts('closed', 'leave');
      return facts(end.by === 'host' ? 'closed-by-host' : 'closed-idle', 'leave');
    case 'refused':
      return refusalFacts(end.error);
    default:
      end satisfies never;
      return facts('failed', 'leave');
  }
}

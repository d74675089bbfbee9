/** The version of the wire contract; a server tells it in the ack of `room:join`. Raised only by a breaking change. */
export const PROTOCOL_VERSION = 1;

/** The Socket.IO namespace of native clients (websocket only). */
export const QUIZ_NAMESPACE = '/quiz';

/** What a member of a room may be. `host` and `co-host` may send host commands; a `spectator` is a screen. */
export const ROLES = ['host', 'co-host', 'player', 'spectator'] as const;
export type Role = (typeof ROLES)[number];

/** The phases of a room's question, in the order in which a run goes through them. */
export const PHASES = ['idle', 'lead-in', 'open', 'paused', 'closed'] as const;
export type Phase = (typeof PHASES)[number];

/** Why a question closed. `all-answered` is reserved: no server of protocol 1 sends it yet. */
export const QUESTION_CLOSE_REASONS = ['expired', 'stopped', 'room-closed', 'all-answered'] as const;
export type QuestionCloseReason = (typeof QUESTION_CLOSE_REASONS)[number];

/** Why a room closed: its host (or the REST API) closed it, or nobody was there for the room's `idleMs`. */
export const ROOM_CLOSE_REASONS = ['host', 'idle'] as const;
export type RoomCloseReason = (typeof ROOM_CLOSE_REASONS)[number];

/** Why one member was put out of a room. */
export const REMOVAL_REASONS = ['kicked', 'banned', 'replaced'] as const;
export type RemovalReason = (typeof REMOVAL_REASONS)[number];

/** The judgements of an answer, in the order in which the server tries them. All of them come with `ok: true`. */
export const VERDICTS = [
  'wrong_question',
  'not_eligible',
  'duplicate',
  'not_open',
  'paused',
  'late',
  'accepted',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What a second connection of the same player does: end the first one, or be refused. */
export const SECOND_CONNECTION = ['replace', 'refuse'] as const;
export type SecondConnection = (typeof SECOND_CONNECTION)[number];

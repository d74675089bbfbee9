import {
  type ClientEventName,
  clientEventDefs,
  ERROR_CODES,
  type ErrorCode,
  ROLES,
  type ServerEventName,
} from '#libs/protocol';
import {
  CLOSED_SNAPSHOT,
  EXTENDED_SNAPSHOT,
  IDLE_SNAPSHOT,
  JUDGEMENT,
  LEAD_IN_SNAPSHOT,
  OPEN_SNAPSHOT,
  OPEN_TICK,
  PAUSED_SNAPSHOT,
  PIN,
  PLAYER_ID,
  ROOM_ID,
  RUN_ID,
  SENT_AT,
  START_QUESTION,
  STOPPED_SNAPSHOT,
  TOKEN,
} from './contract.examples.js';

/** What the schemas cannot say of a client's event. */
export interface ClientEventDoc {
  readonly summary: string;
  readonly example: unknown;
  readonly ack: unknown;
  /** Codes of its own; `codesOf` adds those that it shares with others. */
  readonly codes: readonly ErrorCode[];
}

/** What the schemas cannot say of a server's event. */
export interface ServerEventDoc {
  readonly summary: string;
  readonly to: string;
  readonly example: unknown;
}

const snapshotAck = (snapshot: unknown) => ({ ok: true, snapshot });

export const CLIENT_EVENT_DOCS: Readonly<Record<ClientEventName, ClientEventDoc>> = {
  'room:join': {
    summary: 'Enters a room: with its PIN as a new player, with a token as whoever the token names.',
    example: { pin: PIN, name: 'Ada' },
    ack: {
      ok: true,
      roomId: ROOM_ID,
      pin: PIN,
      playerId: PLAYER_ID,
      role: 'player',
      name: 'Ada',
      token: TOKEN,
      protocol: 1,
      server: 'quizbell/0.1.0',
      snapshot: IDLE_SNAPSHOT,
    },
    codes: [
      'unauthorized',
      'forbidden',
      'room_not_found',
      'room_full',
      'wrong_phase',
      'conflict',
      'unavailable',
    ],
  },
  'room:leave': {
    summary: 'Leaves the room; the connection stays.',
    example: {},
    ack: { ok: true },
    codes: ['unavailable'],
  },
  'room:roster': {
    summary: 'Who is connected, and on request which players are not. Whoever was put out is not listed.',
    example: { away: true },
    ack: { ok: true, members: [{ playerId: PLAYER_ID, role: 'player', name: 'Ada', connected: true }] },
    codes: ['room_not_found', 'unavailable'],
  },
  'room:close': {
    summary: 'Ends the room; a question that is on closes with `room-closed`.',
    example: { commandId: 'end' },
    ack: { ok: true },
    codes: ['room_not_found', 'conflict', 'unavailable'],
  },
  'clock:sync': {
    summary: "Tells the server's clock: take `serverNow` for the middle of the round trip.",
    example: { sentAt: SENT_AT },
    ack: { ok: true, sentAt: SENT_AT, serverNow: SENT_AT + 12, version: RUN_ID },
    codes: [],
  },
  'question:start': {
    summary: 'Starts a question: a new run.',
    example: START_QUESTION,
    ack: snapshotAck(OPEN_SNAPSHOT),
    codes: ['room_not_found', 'question_active', 'conflict', 'unavailable'],
  },
  'question:pause': {
    summary: 'Stops the clock of an open question.',
    example: { runId: RUN_ID },
    ack: snapshotAck(PAUSED_SNAPSHOT),
    codes: ['room_not_found', 'wrong_phase', 'conflict', 'unavailable'],
  },
  'question:resume': {
    summary: 'Goes on with what was left.',
    example: {},
    ack: snapshotAck(OPEN_SNAPSHOT),
    codes: ['room_not_found', 'wrong_phase', 'conflict', 'unavailable'],
  },
  'question:extend': {
    summary: 'Moves the deadline, either way; one that has passed then closes the question at once.',
    example: { byMs: 5_000 },
    ack: snapshotAck(EXTENDED_SNAPSHOT),
    codes: ['room_not_found', 'wrong_phase', 'conflict', 'unavailable'],
  },
  'question:stop': {
    summary: 'Closes the question now.',
    example: {},
    ack: snapshotAck(STOPPED_SNAPSHOT),
    codes: ['room_not_found', 'wrong_phase', 'conflict', 'unavailable'],
  },
  'answer:submit': {
    summary: 'Answers a question. Every verdict is `ok: true`, also one against the player.',
    example: { questionId: 'capital-1', choice: 'b', answerId: 'a1' },
    ack: { ok: true, ...JUDGEMENT },
    codes: ['room_not_found', 'unavailable'],
  },
  'member:kick': {
    summary: 'Puts a member out for good.',
    example: { playerId: PLAYER_ID, ban: true },
    ack: { ok: true },
    codes: ['room_not_found', 'not_found', 'forbidden', 'unavailable'],
  },
};

const EVERYBODY = 'everybody in the room';

export const SERVER_EVENT_DOCS: Readonly<Record<ServerEventName, ServerEventDoc>> = {
  'question:started': {
    summary: 'A host started it; with a lead-in `opensAt` lies ahead.',
    to: EVERYBODY,
    example: LEAD_IN_SNAPSHOT,
  },
  'question:opened': {
    summary: 'The lead-in ended. Not sent without one: `question:started` then says `open`.',
    to: EVERYBODY,
    example: { ...LEAD_IN_SNAPSHOT, version: LEAD_IN_SNAPSHOT.opensAt, phase: 'open' },
  },
  'question:tick': {
    summary: 'Each `tickMs` before the deadline; may be dropped, repeats the state without `content`.',
    to: 'those who did not join with `ticks: false`',
    example: OPEN_TICK,
  },
  'question:paused': { summary: 'A host paused it.', to: EVERYBODY, example: PAUSED_SNAPSHOT },
  'question:resumed': { summary: 'A host resumed it.', to: EVERYBODY, example: OPEN_SNAPSHOT },
  'question:extended': { summary: 'A host moved the deadline.', to: EVERYBODY, example: EXTENDED_SNAPSHOT },
  'question:closed': {
    summary: 'Exactly once per run, never early.',
    to: EVERYBODY,
    example: CLOSED_SNAPSHOT,
  },
  'room:state': {
    summary: 'The state again, because a broadcast may have been missed: adopt it.',
    to: 'everybody in the room at one gateway',
    example: { snapshot: OPEN_SNAPSHOT },
  },
  'room:presence': {
    summary: 'Members came or went; at most one a second.',
    to: EVERYBODY,
    example: {
      roomId: ROOM_ID,
      players: 12,
      spectators: 1,
      hostConnected: true,
      serverNow: OPEN_TICK.serverNow,
    },
  },
  'room:closed': {
    summary: 'The room is over; the connection stays and is in no room.',
    to: EVERYBODY,
    example: {
      roomId: ROOM_ID,
      version: CLOSED_SNAPSHOT.version + 1,
      reason: 'host',
      serverNow: CLOSED_SNAPSHOT.serverNow,
    },
  },
  'answers:count': {
    summary: 'How many players have answered; at most one a second.',
    to: 'hosts, co-hosts and spectators',
    example: { roomId: ROOM_ID, questionId: 'capital-1', count: 7, serverNow: OPEN_TICK.serverNow },
  },
  'server:draining': {
    summary: 'This gateway is going away: connect again after `reconnectAfterMs`.',
    to: 'every connection of the gateway',
    example: { reconnectAfterMs: 180 },
  },
  'member:removed': {
    summary: 'Before the connection ends.',
    to: 'the one member',
    example: { reason: 'kicked' },
  },
};

/** Every code with which the event may be refused, in the order of the table of errors. */
export function codesOf(event: ClientEventName): ErrorCode[] {
  const { roles } = clientEventDefs[event];
  const codes = new Set<ErrorCode>(['invalid_payload', 'rate_limited', 'too_large', 'internal']);
  if (roles !== 'anyone') codes.add('unauthorized');
  if (roles !== 'anyone' && roles.length < ROLES.length) codes.add('forbidden');
  for (const code of CLIENT_EVENT_DOCS[event].codes) codes.add(code);
  return ERROR_CODES.filter((code) => codes.has(code));
}

import type { z } from 'zod';
import {
  createRoomAnswerSchema,
  createRoomBodySchema,
  createTokenAnswerSchema,
  createTokenBodySchema,
  extendQuestionBodySchema,
  kickPlayerBodySchema,
  OUTCOME_COLUMNS,
  outcomeQuerySchema,
  outcomeSchema,
  outcomesQuerySchema,
  questionAnswerSchema,
  questionCommandBodySchema,
  resultsQuerySchema,
  roomInfoSchema,
  roomOutcomesSchema,
  runResultsSchema,
  startQuestionBodySchema,
  type WireError,
  wireError,
} from '#libs/protocol';
import { durationMs } from '#libs/timer-core';
import {
  EXTENDED_SNAPSHOT,
  OPEN_SNAPSHOT,
  OUTCOME,
  PAUSED_SNAPSHOT,
  PIN,
  PLAYER_ID,
  RESULTS,
  ROOM_ID,
  START_QUESTION,
  STOPPED_SNAPSHOT,
  TOKEN,
} from './contract.examples.js';
import { documentSchema, healthSchema } from './contract.schemas.js';

/** A good answer of a route. */
export interface RouteAnswer {
  readonly status: number;
  readonly says: string;
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  /** The same as CSV. */
  readonly csv?: string;
}

/** One route: what the document says of it, and what the tests hold the running application to. */
export interface RestRoute {
  readonly method: 'get' | 'post' | 'delete';
  /** With parameters as `{roomId}`; each is an id of the contract. */
  readonly path: string;
  readonly id: string;
  readonly tag: 'Rooms' | 'Questions' | 'Outcomes' | 'Players' | 'Service';
  readonly summary: string;
  readonly description?: string;
  /**
   * `create`: an API key where the server wants one. `room`: an API key or the room's host token. `results`: also the
   * tokens of its co-hosts and screens.
   */
  readonly access: 'create' | 'room' | 'results' | 'public';
  readonly body?: { readonly schema: z.ZodType; readonly example: unknown };
  readonly query?: z.ZodObject;
  readonly answers: readonly RouteAnswer[];
  /** Refusals of its own; `refusalsOf` adds those that it shares with others. */
  readonly refusals: readonly WireError[];
}

const UNAUTHORIZED_TO_CREATE = 'Creating a room takes an API key: Authorization: Bearer <key>.';
const conflict = wireError('conflict', 'Others changed this room at the same time.');
const noOwner = wireError(
  'unavailable',
  'No scheduler has owned this room for a while. Ask again with the same id.',
);
const usedId = wireError('invalid_payload', 'This commandId was already used for another command.', {
  field: 'commandId',
});
const notWhile = (phase: string, type: string) =>
  wireError('wrong_phase', `Not possible while the question is ${phase} (${type}).`);
const unknownQuestion = wireError('not_found', 'This question was not played in this room.', {
  field: 'questionId',
});

/** Every route of a gateway but the pages and files under `/docs`. */
export const REST_ROUTES: readonly RestRoute[] = [
  {
    method: 'post',
    path: '/v1/rooms',
    id: 'createRoom',
    tag: 'Rooms',
    summary: 'Create a room',
    description:
      'Needs an API key; not in development without `QUIZBELL_API_KEYS`, nor with `QUIZBELL_PUBLIC_ROOMS`, where new rooms are limited per address.',
    access: 'create',
    body: { schema: createRoomBodySchema, example: { settings: { maxPlayers: 50 } } },
    answers: [
      {
        status: 201,
        says: 'The room, its PIN for the players, and a token that makes its bearer the host.',
        schema: createRoomAnswerSchema,
        example: { roomId: ROOM_ID, pin: PIN, hostToken: TOKEN },
      },
    ],
    refusals: [
      wireError('invalid_payload', 'settings.maxPlayers: Too small: expected number to be >=1', {
        field: 'settings.maxPlayers',
      }),
      wireError('invalid_payload', 'This service sends no webhooks: it has no secret to sign them.', {
        field: 'settings.webhook',
      }),
      wireError('unauthorized', UNAUTHORIZED_TO_CREATE),
      wireError('forbidden', 'A room with a webhook takes an API key.'),
      wireError('conflict', 'No free PIN was found.'),
      wireError('rate_limited', 'Too many new rooms from this address.', { retryAfterMs: durationMs(6_000) }),
    ],
  },
  {
    method: 'get',
    path: '/v1/rooms/{roomId}',
    id: 'readRoom',
    tag: 'Rooms',
    summary: 'Read a room',
    description: 'Who is there, and what is on. A closed room is not found.',
    access: 'room',
    answers: [
      {
        status: 200,
        says: 'The room, advanced to the instant of reading.',
        schema: roomInfoSchema,
        example: {
          roomId: ROOM_ID,
          pin: PIN,
          createdAt: 1_795_309_330_120,
          settings: { maxPlayers: 50 },
          players: 1,
          snapshot: OPEN_SNAPSHOT,
        },
      },
    ],
    refusals: [],
  },
  {
    method: 'delete',
    path: '/v1/rooms/{roomId}',
    id: 'closeRoom',
    tag: 'Rooms',
    summary: 'Close a room',
    description:
      'A question that is on closes with `room-closed`. Outcomes can be read for the retention time.',
    access: 'room',
    answers: [{ status: 204, says: 'The room is closed.' }],
    refusals: [conflict, noOwner],
  },
  {
    method: 'post',
    path: '/v1/rooms/{roomId}/tokens',
    id: 'createToken',
    tag: 'Rooms',
    summary: 'Make a token',
    description:
      'For a screen (`spectator`), a co-host, a player that the quiz app knows, or a host token that was lost.',
    access: 'room',
    body: { schema: createTokenBodySchema, example: { role: 'spectator', ttlMs: 3_600_000 } },
    answers: [
      {
        status: 201,
        says: 'The token; `room:join` takes it.',
        schema: createTokenAnswerSchema,
        example: { token: TOKEN, playerId: 's_1v8k2mz0qhcd', role: 'spectator' },
      },
    ],
    refusals: [
      wireError(
        'invalid_payload',
        'role: Invalid option: expected one of "host"|"co-host"|"player"|"spectator"',
        {
          field: 'role',
        },
      ),
    ],
  },
  {
    method: 'post',
    path: '/v1/rooms/{roomId}/question',
    id: 'startQuestion',
    tag: 'Questions',
    summary: 'Start a question',
    access: 'room',
    body: { schema: startQuestionBodySchema, example: START_QUESTION },
    answers: [questionAnswer(OPEN_SNAPSHOT)],
    refusals: [
      wireError('invalid_payload', 'durationMs: Too small: expected number to be >=100', {
        field: 'durationMs',
      }),
      wireError('question_active', 'A question is active; stop it first.'),
      conflict,
      noOwner,
    ],
  },
  questionCommand('pause', 'Pause the question', PAUSED_SNAPSHOT, notWhile('paused', 'question:pause')),
  questionCommand('resume', 'Resume the question', OPEN_SNAPSHOT, notWhile('open', 'question:resume')),
  questionCommand('stop', 'Stop the question', STOPPED_SNAPSHOT, notWhile('closed', 'question:stop')),
  {
    method: 'post',
    path: '/v1/rooms/{roomId}/question/extend',
    id: 'extendQuestion',
    tag: 'Questions',
    summary: 'Move the deadline',
    description: 'A negative `byMs` shortens; a deadline that has passed then closes the question at once.',
    access: 'room',
    body: { schema: extendQuestionBodySchema, example: { byMs: 5_000 } },
    answers: [questionAnswer(EXTENDED_SNAPSHOT)],
    refusals: [
      wireError('invalid_payload', 'byMs: Invalid input: expected an integer that is not 0', {
        field: 'byMs',
      }),
      notWhile('closed', 'question:extend'),
      conflict,
      noOwner,
    ],
  },
  {
    method: 'get',
    path: '/v1/rooms/{roomId}/questions/{questionId}/outcome',
    id: 'readOutcome',
    tag: 'Outcomes',
    summary: "Read a run's outcome",
    description:
      'Of the newest run of the question, or of `runId`. 409 `wrong_phase` until the run is settled: a second and its `graceMs` after it closed. Also for a closed room.',
    access: 'room',
    query: outcomeQuerySchema,
    answers: [
      {
        status: 200,
        says: 'The outcome: who answered what, when, with which verdict.',
        schema: outcomeSchema,
        example: OUTCOME,
        csv: csvExample(),
      },
    ],
    refusals: [
      wireError('invalid_payload', 'runId: Invalid run: expected an integer', { field: 'runId' }),
      unknownQuestion,
      wireError('wrong_phase', 'This run is not settled yet.'),
    ],
  },
  {
    method: 'get',
    path: '/v1/rooms/{roomId}/questions/{questionId}/results',
    id: 'readResults',
    tag: 'Outcomes',
    summary: "Read a run's results without names",
    description:
      "For screens: how many chose what, of the question's newest run or of `runId`. 409 `wrong_phase` until the run is settled. Not for players: the question may be played again. Also for a closed room.",
    access: 'results',
    query: resultsQuerySchema,
    answers: [
      {
        status: 200,
        says: 'Accepted answers, counted by choice.',
        schema: runResultsSchema,
        example: RESULTS,
      },
    ],
    refusals: [
      wireError('invalid_payload', 'runId: Invalid run: expected an integer', { field: 'runId' }),
      unknownQuestion,
      wireError('wrong_phase', 'This run is not settled yet.'),
    ],
  },
  {
    method: 'get',
    path: '/v1/rooms/{roomId}/outcomes',
    id: 'readOutcomes',
    tag: 'Outcomes',
    summary: 'Read all outcomes of a room',
    description: 'Of all settled runs in the order of their starts; sent run by run. Also for a closed room.',
    access: 'room',
    query: outcomesQuerySchema,
    answers: [
      {
        status: 200,
        says: 'The outcomes.',
        schema: roomOutcomesSchema,
        example: { roomId: ROOM_ID, outcomes: [OUTCOME] },
        csv: csvExample(),
      },
    ],
    refusals: [
      wireError('invalid_payload', 'format: Invalid option: expected one of "json"|"csv"', {
        field: 'format',
      }),
    ],
  },
  {
    method: 'post',
    path: '/v1/rooms/{roomId}/players/{playerId}/kick',
    id: 'kickPlayer',
    tag: 'Players',
    summary: 'Put a member out',
    access: 'room',
    body: { schema: kickPlayerBodySchema, example: { ban: true } },
    answers: [{ status: 204, says: 'The member is out, for good.' }],
    refusals: [
      wireError('invalid_payload', 'ban: Invalid input: expected boolean, received string', { field: 'ban' }),
      wireError('forbidden', 'A host cannot remove a host.'),
      wireError('not_found', 'There is no such member in this room.', { field: 'playerId' }),
    ],
  },
  {
    method: 'delete',
    path: '/v1/rooms/{roomId}/players/{playerId}',
    id: 'erasePlayer',
    tag: 'Players',
    summary: "Forget a player's data",
    description: 'Puts the player out and erases record, name and answers; outcomes change accordingly.',
    access: 'room',
    answers: [{ status: 204, says: 'Nothing is known of the player any more.' }],
    refusals: [
      wireError('forbidden', 'The host of a room cannot be deleted from it.'),
      wireError('not_found', 'Nothing is known of this player.', { field: 'playerId' }),
    ],
  },
  {
    method: 'get',
    path: '/health/live',
    id: 'isLive',
    tag: 'Service',
    summary: 'Whether the process runs',
    access: 'public',
    answers: [{ status: 200, says: 'It runs.', schema: healthSchema, example: { status: 'ok', checks: {} } }],
    refusals: [],
  },
  {
    method: 'get',
    path: '/health/ready',
    id: 'isReady',
    tag: 'Service',
    summary: 'Whether to send clients here',
    access: 'public',
    answers: [
      {
        status: 200,
        says: 'Yes.',
        schema: healthSchema,
        example: { status: 'ok', checks: { store: true, accepting: true } },
      },
      {
        status: 503,
        says: 'Not now; `checks` says what is missing.',
        schema: healthSchema,
        example: { status: 'unavailable', checks: { store: false, accepting: true } },
      },
    ],
    refusals: [],
  },
  {
    method: 'get',
    path: '/docs/openapi.json',
    id: 'readOpenApi',
    tag: 'Service',
    summary: 'This document',
    access: 'public',
    answers: [{ status: 200, says: 'OpenAPI 3.1.', schema: documentSchema, example: { openapi: '3.1.0' } }],
    refusals: [],
  },
  {
    method: 'get',
    path: '/docs/asyncapi.json',
    id: 'readAsyncApi',
    tag: 'Service',
    summary: 'The document of the socket side',
    access: 'public',
    answers: [{ status: 200, says: 'AsyncAPI 3.0.', schema: documentSchema, example: { asyncapi: '3.0.0' } }],
    refusals: [],
  },
];

const onEveryRoute = [
  wireError('rate_limited', 'Too many requests from this address.', { retryAfterMs: durationMs(2_000) }),
  wireError('unavailable', 'The room could not be reached in time. Ask again with the same id.'),
  wireError('internal', 'The server failed. It was logged.'),
];
const onRooms = [
  wireError('unauthorized', 'This is no API key and no valid token of this room.'),
  wireError('forbidden', 'This is not for a player.'),
  wireError('room_not_found', 'There is no such room, or it is closed.'),
];
const onBodies = [wireError('too_large', 'A body may have at most 16 KiB.')];

/** Every refusal that the route may answer with, its own first: of several with one code each is an example. */
export function refusalsOf(route: RestRoute): WireError[] {
  if (route.access === 'public') return [...route.refusals];
  return [
    ...route.refusals,
    ...(route.access === 'create' ? [] : onRooms),
    ...(route.body === undefined ? [] : onBodies),
    ...onEveryRoute,
  ];
}

function questionAnswer(snapshot: unknown): RouteAnswer {
  return {
    status: 200,
    says: 'The state that the command made; `repeated` if this `commandId` had been done before.',
    schema: questionAnswerSchema,
    example: { snapshot },
  };
}

function questionCommand(
  name: 'pause' | 'resume' | 'stop',
  summary: string,
  snapshot: unknown,
  wrongPhase: WireError,
): RestRoute {
  return {
    method: 'post',
    path: `/v1/rooms/{roomId}/question/${name}`,
    id: `${name}Question`,
    tag: 'Questions',
    summary,
    access: 'room',
    body: { schema: questionCommandBodySchema, example: { commandId: `${name}-1` } },
    answers: [questionAnswer(snapshot)],
    refusals: [usedId, wrongPhase, conflict, noOwner],
  };
}

function csvExample(): string {
  const row = OUTCOME_COLUMNS.map((column) => {
    const value = { ...OUTCOME, ...OUTCOME.answers[0], choice: '"""b"""' }[column as 'roomId'];
    return value === undefined ? '' : String(value);
  });
  return `${OUTCOME_COLUMNS.join(',')}\r\n${row.join(',')}\r\n`;
}

/** What stands in the examples of paths. */
export const PATH_EXAMPLES: Readonly<Record<string, string>> = {
  roomId: ROOM_ID,
  questionId: OUTCOME.questionId,
  playerId: PLAYER_ID,
};

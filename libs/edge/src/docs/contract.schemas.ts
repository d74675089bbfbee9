import { z } from 'zod';
import type { HealthReport } from '#libs/ops';
import {
  answerSubmitAckSchema,
  answerSubmitPayloadSchema,
  answersCountSchema,
  clockSyncAckSchema,
  clockSyncPayloadSchema,
  createRoomAnswerSchema,
  createRoomBodySchema,
  createTokenAnswerSchema,
  createTokenBodySchema,
  emptyAckSchema,
  emptyPayloadSchema,
  errorSchema,
  extendQuestionBodySchema,
  kickPlayerBodySchema,
  memberKickPayloadSchema,
  memberRemovedSchema,
  memberSchema,
  outcomeAnswerSchema,
  outcomeSchema,
  ownAnswerSchema,
  problemSchema,
  questionAckSchema,
  questionAnswerSchema,
  questionClosedSchema,
  questionCommandPayloadSchema,
  questionExtendPayloadSchema,
  questionStartPayloadSchema,
  questionTickSchema,
  refusedAckSchema,
  roomCloseAckSchema,
  roomClosedSchema,
  roomClosePayloadSchema,
  roomInfoSchema,
  roomJoinAckSchema,
  roomJoinPayloadSchema,
  roomOutcomesSchema,
  roomPresenceSchema,
  roomRosterAckSchema,
  roomRosterPayloadSchema,
  roomSettingsSchema,
  roomStateSchema,
  runResultsSchema,
  serverDrainingSchema,
  snapshotSchema,
  startQuestionBodySchema,
} from '#libs/protocol';
import type { NamedSchemas } from './json.schemas.js';

/** Of `/health`: what the ops library answers. */
export const healthSchema = z.object({
  status: z.enum(['ok', 'unavailable']),
  checks: z.record(z.string(), z.boolean()),
}) satisfies z.ZodType<HealthReport['body']>;

/** Of `/docs/*.json`. */
export const documentSchema = z.looseObject({});

/** The schemas that the OpenAPI document names. */
export const REST_SCHEMAS = {
  sent: {
    CreateRoom: createRoomBodySchema,
    CreateToken: createTokenBodySchema,
    StartQuestion: startQuestionBodySchema,
    QuestionCommand: questionCommandPayloadSchema,
    ExtendQuestion: extendQuestionBodySchema,
    KickPlayer: kickPlayerBodySchema,
    RoomSettings: roomSettingsSchema,
  },
  answered: {
    CreatedRoom: createRoomAnswerSchema,
    Room: roomInfoSchema,
    RoomSettings: roomSettingsSchema,
    CreatedToken: createTokenAnswerSchema,
    QuestionAnswer: questionAnswerSchema,
    Snapshot: snapshotSchema,
    Outcome: outcomeSchema,
    OutcomeAnswer: outcomeAnswerSchema,
    RoomOutcomes: roomOutcomesSchema,
    RunResults: runResultsSchema,
    Problem: problemSchema,
    Health: healthSchema,
    Document: documentSchema,
  },
} as const satisfies NamedSchemas;

/** The schemas that the AsyncAPI document names. */
export const SOCKET_SCHEMAS = {
  sent: {
    JoinRoom: roomJoinPayloadSchema,
    Nothing: emptyPayloadSchema,
    ListMembers: roomRosterPayloadSchema,
    CloseRoom: roomClosePayloadSchema,
    SyncClock: clockSyncPayloadSchema,
    StartQuestion: questionStartPayloadSchema,
    QuestionCommand: questionCommandPayloadSchema,
    ExtendQuestion: questionExtendPayloadSchema,
    SubmitAnswer: answerSubmitPayloadSchema,
    KickMember: memberKickPayloadSchema,
  },
  answered: {
    JoinRoomAck: roomJoinAckSchema,
    Done: emptyAckSchema,
    CloseRoomAck: roomCloseAckSchema,
    SyncClockAck: clockSyncAckSchema,
    QuestionAck: questionAckSchema,
    SubmitAnswerAck: answerSubmitAckSchema,
    RosterAck: roomRosterAckSchema,
    Refused: refusedAckSchema,
    Error: errorSchema,
    Snapshot: snapshotSchema,
    OwnAnswer: ownAnswerSchema,
    Member: memberSchema,
    QuestionTick: questionTickSchema,
    QuestionClosed: questionClosedSchema,
    RoomState: roomStateSchema,
    RoomPresence: roomPresenceSchema,
    RoomClosed: roomClosedSchema,
    AnswersCount: answersCountSchema,
    ServerDraining: serverDrainingSchema,
    MemberRemoved: memberRemovedSchema,
  },
} as const satisfies NamedSchemas;

/**
 * The name of a schema in a document.
 *
 * @throws Error when the document has no such schema: it would not describe what is sent
 */
export function nameOfSchema({ sent, answered }: NamedSchemas, schema: z.ZodType): string {
  const found = [...Object.entries(sent), ...Object.entries(answered)].find(([, one]) => one === schema);
  if (found === undefined) throw new Error('A schema of the contract has no name in the document.');
  return found[0];
}

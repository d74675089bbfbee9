import { z } from 'zod';
import {
  memberKickPayloadSchema,
  questionCommandPayloadSchema,
  questionExtendPayloadSchema,
  questionStartPayloadSchema,
} from './client-event.schema.js';
import {
  countSchema,
  durationWithin,
  epochMsSchema,
  idSchema,
  maxPlayersSchema,
  nameSchema,
  pinSchema,
  tokenSchema,
} from './field.schema.js';
import { snapshotSchema } from './snapshot.schema.js';
import { LIMITS } from './wire/limit.constants.js';
import { ROLES, SECOND_CONNECTION } from './wire/protocol.constants.js';

/** What a room's maker may choose; the server's configuration fills in what is absent. `webhook` gets the outcomes. */
export const roomSettingsSchema = z.object({
  idleMs: durationWithin(LIMITS.idleMs)
    .optional()
    .describe('How long the room may stand empty, milliseconds.'),
  maxPlayers: maxPlayersSchema.optional().describe('Players that may be connected at once.'),
  secondConnection: z
    .enum(SECOND_CONNECTION)
    .optional()
    .describe('What a second connection of the same player does: end the first one, or be refused.'),
  webhook: z
    .url({ protocol: /^https?$/, error: 'Invalid URL: expected http:// or https://' })
    .max(LIMITS.urlLength.max)
    .optional()
    .describe('Gets the outcomes.'),
});
export type RoomSettings = z.output<typeof roomSettingsSchema>;

/** `POST /v1/rooms` */
export const createRoomBodySchema = z.object({ settings: roomSettingsSchema.optional() });
export type CreateRoomBody = z.output<typeof createRoomBodySchema>;

/** 201 of `POST /v1/rooms` */
export const createRoomAnswerSchema = z.object({ roomId: idSchema, pin: pinSchema, hostToken: tokenSchema });
export type CreateRoomAnswer = z.output<typeof createRoomAnswerSchema>;

/** 200 of `GET /v1/rooms/{roomId}`; `players` counts the connected ones. */
export const roomInfoSchema = z.object({
  roomId: idSchema,
  pin: pinSchema,
  createdAt: epochMsSchema,
  settings: roomSettingsSchema,
  players: countSchema.describe('Players that are connected.'),
  snapshot: snapshotSchema,
});
export type RoomInfo = z.output<typeof roomInfoSchema>;

/** `POST /v1/rooms/{roomId}/tokens` */
export const createTokenBodySchema = z.object({
  role: z.enum(ROLES),
  name: nameSchema.optional(),
  ttlMs: durationWithin(LIMITS.ttlMs)
    .optional()
    .describe('Life of the token, milliseconds; 24 hours if absent.'),
});
export type CreateTokenBody = z.output<typeof createTokenBodySchema>;

/** 201 of `POST /v1/rooms/{roomId}/tokens` */
export const createTokenAnswerSchema = z.object({
  token: tokenSchema,
  playerId: idSchema,
  role: z.enum(ROLES),
});
export type CreateTokenAnswer = z.output<typeof createTokenAnswerSchema>;

/** `POST /v1/rooms/{roomId}/question`: the payload of `question:start`. */
export const startQuestionBodySchema = questionStartPayloadSchema;

/** `POST /v1/rooms/{roomId}/question/pause`, `/resume` and `/stop` */
export const questionCommandBodySchema = questionCommandPayloadSchema;

/** `POST /v1/rooms/{roomId}/question/extend` */
export const extendQuestionBodySchema = questionExtendPayloadSchema;

/** `POST /v1/rooms/{roomId}/players/{playerId}/kick`: the payload of `member:kick`, whose member the path names. */
export const kickPlayerBodySchema = memberKickPayloadSchema.omit({ playerId: true });

/** 200 of every question command; `repeated` if this `commandId` had been done before. */
export const questionAnswerSchema = z.object({
  snapshot: snapshotSchema,
  repeated: z.literal(true).optional(),
});
export type QuestionAnswer = z.output<typeof questionAnswerSchema>;

import { z } from 'zod';
import { errorSchema } from './error.schema.js';
import {
  clientInstantSchema,
  countSchema,
  epochMsSchema,
  idSchema,
  nameSchema,
  pinSchema,
  tokenSchema,
  versionSchema,
} from './field.schema.js';
import { judgementSchema, ownAnswerSchema, snapshotSchema } from './snapshot.schema.js';
import { PROTOCOL_VERSION, ROLES } from './wire/protocol.constants.js';

/** The ack of anything that was refused; nothing of it was done unless the code is `unavailable` (then: unknown). */
export const refusedAckSchema = z.object({ ok: z.literal(false), error: errorSchema });
export type RefusedAck = z.output<typeof refusedAckSchema>;

// Present (and true) if this `commandId` had been done before: nothing was done again, `snapshot` is the current one.
const repeated = z.literal(true).optional();

function ackOf<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.discriminatedUnion('ok', [z.object({ ok: z.literal(true) }).extend(shape), refusedAckSchema]);
}

/** Nothing to tell but `ok`. */
export const emptyAckSchema = ackOf({});

/** Of `room:close`. */
export const roomCloseAckSchema = ackOf({ repeated });

/** Of every question command: the state that the command made. */
export const questionAckSchema = ackOf({ snapshot: snapshotSchema, repeated });

/**
 * Of `room:join`. `token` lets the same player come back, on any gateway. `name` is the member's from now on: a player whose
 * name somebody else has is told apart by a number. `server` names the software and its release.
 */
export const roomJoinAckSchema = ackOf({
  roomId: idSchema,
  pin: pinSchema,
  playerId: idSchema,
  role: z.enum(ROLES),
  name: nameSchema,
  token: tokenSchema,
  protocol: z.literal(PROTOCOL_VERSION),
  server: z.string(),
  snapshot: snapshotSchema,
  answer: ownAnswerSchema.optional(),
});

/** One member of a room. */
export const memberSchema = z.object({
  playerId: idSchema,
  role: z.enum(ROLES),
  name: nameSchema.optional(),
  connected: z
    .boolean()
    .describe('Whether somebody is connected as this member; false only for players, and only with `away`.'),
});
export type Member = z.output<typeof memberSchema>;

/** Of `room:roster`: everybody who is connected, and with `away` at most 1,000 players who are not. In no order. */
export const roomRosterAckSchema = ackOf({
  members: z.array(memberSchema),
  more: countSchema.optional().describe('How many more players are away and not listed; absent for none.'),
});

/**
 * Of `clock:sync`. `sentAt` is the client's own, unchanged; `version` is the room's, as it was within the last 30 s, for a
 * socket that is in one.
 */
export const clockSyncAckSchema = ackOf({
  sentAt: clientInstantSchema,
  serverNow: epochMsSchema,
  version: versionSchema.optional(),
});

/** Of `answer:submit`. Every verdict, also one against the player, is `ok: true`. */
export const answerSubmitAckSchema = ackOf(judgementSchema.shape);

export type EmptyAck = z.output<typeof emptyAckSchema>;
export type RoomCloseAck = z.output<typeof roomCloseAckSchema>;
export type QuestionAck = z.output<typeof questionAckSchema>;
export type RoomJoinAck = z.output<typeof roomJoinAckSchema>;
export type RoomRosterAck = z.output<typeof roomRosterAckSchema>;
export type ClockSyncAck = z.output<typeof clockSyncAckSchema>;
export type AnswerSubmitAck = z.output<typeof answerSubmitAckSchema>;

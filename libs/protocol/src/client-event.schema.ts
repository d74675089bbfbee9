import { z } from 'zod';
import {
  byMsSchema,
  clientInstantSchema,
  durationWithin,
  epochMsSchema,
  idSchema,
  nameSchema,
  pinSchema,
  runIdSchema,
  tickMsSchema,
  tokenSchema,
} from './field.schema.js';
import { choiceSchema, contentSchema, correctSchema } from './snapshot.schema.js';
import { LIMITS } from './wire/limit.constants.js';
import type { DurationMs, EpochMs } from './wire/time.types.js';

// The same again has no second effect; see "Repeats" in the design of the wire.
const commandId = idSchema
  .optional()
  .describe('Chosen by the sender: the same again has no second effect and answers `repeated: true`.');

const expectedRunId = runIdSchema
  .optional()
  .describe('Refused with `wrong_phase` unless it is the current run.');

/** Of `room:leave`: nothing. */
export const emptyPayloadSchema = z.object({});

/**
 * Of `room:join`: a `pin` (a new player), a `token` (a known member; a `pin` or `roomId` beside it must agree), or both.
 * Neither: `invalid_payload`, field `pin`. `ticks: false` opts out of `question:tick`.
 */
export const roomJoinPayloadSchema = z
  .object({
    pin: pinSchema.optional().describe('Six digits: makes a new player; beside a token it must agree.'),
    roomId: idSchema.optional().describe('Beside a token or PIN it must agree.'),
    token: tokenSchema.optional().describe('Of an earlier join or of REST: who this is, and in which room.'),
    name: nameSchema.optional(),
    ticks: z.boolean().default(true).describe('Whether to be sent `question:tick`.'),
  })
  .superRefine((join, context) => {
    if (join.pin !== undefined || join.token !== undefined) return;
    context.addIssue({ code: 'custom', path: ['pin'], message: 'Invalid input: expected a pin or a token' });
  });

/** Of `room:close`. The same `commandId` again closes nothing again. */
export const roomClosePayloadSchema = z.object({ commandId: idSchema.optional() });

/** Of `room:roster`. */
export const roomRosterPayloadSchema = z.object({
  away: z
    .boolean()
    .default(false)
    .describe('Also the players who joined and are not connected now: dropped, or left.'),
});

/** Of `clock:sync`: the client's own clock, which the ack gives back. */
export const clockSyncPayloadSchema = z.object({ sentAt: clientInstantSchema });

const questionStartFieldsSchema = z.object({
  questionId: idSchema,
  durationMs: durationWithin(LIMITS.durationMs).describe('How long the question is open, milliseconds.'),
  leadInMs: durationWithin(LIMITS.leadInMs)
    .optional()
    .meta({ default: LIMITS.leadInMs.default, description: 'From the start to the opening, milliseconds.' }),
  startAt: epochMsSchema
    .optional()
    .describe("Instant of the server's clock at which it opens, at most a day ahead; excludes `leadInMs`."),
  graceMs: durationWithin(LIMITS.graceMs)
    .default(LIMITS.graceMs.default as DurationMs)
    .describe('Answers count for so long after the deadline, milliseconds.'),
  tickMs: tickMsSchema.default(LIMITS.tickMs.default as DurationMs),
  mayChangeAnswer: z
    .boolean()
    .default(false)
    .describe('The last answer in time counts instead of the first.'),
  content: contentSchema.optional(),
  correct: correctSchema.optional(),
  commandId,
});

type QuestionStartFields = z.output<typeof questionStartFieldsSchema>;

/**
 * A parsed `question:start`. It opens either at `startAt` or `leadInMs` after the start is committed: exactly one of
 * them is there, so that nobody can mistake a default for a wish.
 */
export type QuestionStartPayload = Omit<QuestionStartFields, 'leadInMs' | 'startAt'> &
  ({ leadInMs: DurationMs; startAt?: undefined } | { startAt: EpochMs; leadInMs?: undefined });

/**
 * Of `question:start`. `startAt` is the instant (server's clock) at which the question opens and excludes `leadInMs`
 * (`invalid_payload`, field `startAt`); how far ahead it lies is for the server to judge, which has a clock.
 */
export const questionStartPayloadSchema = questionStartFieldsSchema
  .superRefine((start, context) => {
    if (start.startAt === undefined || start.leadInMs === undefined) return;
    const message = 'Invalid input: startAt and leadInMs exclude each other';
    context.addIssue({ code: 'custom', path: ['startAt'], message });
  })
  .transform(({ leadInMs, startAt, ...start }): QuestionStartPayload => {
    if (startAt !== undefined) return { ...start, startAt };
    return { ...start, leadInMs: leadInMs ?? (LIMITS.leadInMs.default as DurationMs) };
  });

/** Of `question:pause`, `question:resume` and `question:stop`. A `runId` that is not the current one: `wrong_phase`. */
export const questionCommandPayloadSchema = z.object({
  runId: expectedRunId,
  commandId,
});

/** Of `question:extend`: moves the deadline by `byMs`, either way. */
export const questionExtendPayloadSchema = z.object({
  byMs: byMsSchema,
  runId: expectedRunId,
  commandId,
});

/** Of `answer:submit`. The same `answerId` again gets the first ack again. */
export const answerSubmitPayloadSchema = z.object({
  questionId: idSchema,
  choice: choiceSchema,
  runId: runIdSchema.optional(),
  answerId: idSchema.optional().describe('Chosen by the sender: the same again gets the first ack again.'),
});

/** Of `member:kick`: puts a member out for good; a `ban` also keeps the name from coming back. */
export const memberKickPayloadSchema = z.object({
  playerId: idSchema,
  ban: z.boolean().default(false).describe('Also keeps the name from coming back.'),
});

export type EmptyPayload = z.output<typeof emptyPayloadSchema>;
export type RoomJoinPayload = z.output<typeof roomJoinPayloadSchema>;
export type RoomRosterPayload = z.output<typeof roomRosterPayloadSchema>;
export type RoomClosePayload = z.output<typeof roomClosePayloadSchema>;
export type ClockSyncPayload = z.output<typeof clockSyncPayloadSchema>;
export type QuestionCommandPayload = z.output<typeof questionCommandPayloadSchema>;
export type QuestionExtendPayload = z.output<typeof questionExtendPayloadSchema>;
export type AnswerSubmitPayload = z.output<typeof answerSubmitPayloadSchema>;
export type MemberKickPayload = z.output<typeof memberKickPayloadSchema>;

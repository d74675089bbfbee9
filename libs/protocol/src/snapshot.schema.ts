import { z } from 'zod';
import {
  durationMsSchema,
  epochMsSchema,
  idSchema,
  jsonWithin,
  runIdSchema,
  versionSchema,
} from './field.schema.js';
import { LIMITS } from './wire/limit.constants.js';
import { PHASES, QUESTION_CLOSE_REASONS, VERDICTS } from './wire/protocol.constants.js';

/** What a host shows with a question; opaque to the server. */
export const contentSchema = jsonWithin(LIMITS.contentBytes);

/** The right answer as the host gave it; never sent before the run is settled. */
export const correctSchema = jsonWithin(LIMITS.correctBytes);

/** What a player chose; opaque to the server until it scores. */
export const choiceSchema = jsonWithin(LIMITS.choiceBytes);

/**
 * A room's question, advanced to `serverNow`. Instants are of the server's clock. What is null in which phase:
 *
 * | phase   | opensAt      | endsAt                 | remainingMs                             |
 * |---------|--------------|------------------------|-----------------------------------------|
 * | idle    | null         | null                   | null (so are questionId, runId, durationMs, graceMs, tickMs) |
 * | lead-in | future       | opensAt + durationMs   | durationMs                              |
 * | open    | past         | the deadline           | max(0, endsAt - serverNow)              |
 * | paused  | past         | null                   | what is left                            |
 * | closed  | past or null | the deadline that held | 0 if expired, else what was left; and `reason`, `closedAt` |
 *
 * `durationMs` includes extensions. A client adopts a snapshot whose `version` is not lower than the one it has.
 * `mayChangeAnswer`: a player may answer again until it closes, and the last answer in time counts.
 * `content` is whatever the host gave to `question:start`, absent if it gave nothing and in ticks.
 */
export const snapshotSchema = z.object({
  roomId: idSchema,
  questionId: idSchema.nullable(),
  runId: runIdSchema.nullable(),
  version: versionSchema,
  phase: z.enum(PHASES),
  opensAt: epochMsSchema.nullable().describe('When it opens or opened, epoch milliseconds.'),
  endsAt: epochMsSchema.nullable().describe('The deadline, epoch milliseconds; null while idle or paused.'),
  remainingMs: durationMsSchema.nullable().describe('What is left, milliseconds; null while idle.'),
  durationMs: durationMsSchema.nullable().describe('With extensions, milliseconds.'),
  graceMs: durationMsSchema.nullable().describe('Answers count for so long after the deadline.'),
  tickMs: durationMsSchema.nullable().describe('Distance of two ticks, milliseconds; 0 for none.'),
  mayChangeAnswer: z.literal(true).optional(),
  content: contentSchema.optional(),
  serverNow: epochMsSchema,
  reason: z.enum(QUESTION_CLOSE_REASONS).optional(),
  closedAt: epochMsSchema.optional(),
});
export type Snapshot = z.output<typeof snapshotSchema>;

/**
 * A judged answer. `receivedAt` is the instant at which the server received it, `elapsedMs` the open time until then
 * without pauses, `lateByMs` (with `late`) how long after `endsAt` it came, `compensatedMs` what the server allowed for
 * a slow connection.
 */
export const judgementSchema = z.object({
  verdict: z.enum(VERDICTS),
  receivedAt: epochMsSchema.describe('When the server received the answer, epoch milliseconds.'),
  elapsedMs: durationMsSchema.describe('Open time until then without pauses, milliseconds.'),
  lateByMs: durationMsSchema.optional().describe('With `late`: how long after `endsAt`, milliseconds.'),
  compensatedMs: durationMsSchema.optional(),
});
export type Judgement = z.output<typeof judgementSchema>;

/** A member's own earlier answer to the current question, as a join tells it. */
export const ownAnswerSchema = judgementSchema.extend({
  questionId: idSchema,
  runId: runIdSchema,
  choice: choiceSchema,
});
export type OwnAnswer = z.output<typeof ownAnswerSchema>;

import { z } from 'zod';
import {
  countSchema,
  durationMsSchema,
  epochMsSchema,
  idSchema,
  runIdSchema,
  versionSchema,
} from './field.schema.js';
import { choiceSchema, correctSchema } from './snapshot.schema.js';
import { QUESTION_CLOSE_REASONS, VERDICTS } from './wire/protocol.constants.js';

/**
 * What one player answered to a run: the accepted answer, else the last refused one. `name` is what the player was called
 * then. `isCorrect` says whether `choice` is the run's `correct`, where that was given: equal as JSON, the order of an
 * object's keys does not matter. It is told for refused answers too.
 */
export const outcomeAnswerSchema = z.object({
  playerId: idSchema,
  name: z.string(),
  choice: choiceSchema,
  verdict: z.enum(VERDICTS),
  receivedAt: epochMsSchema,
  elapsedMs: durationMsSchema,
  lateByMs: durationMsSchema.optional(),
  isCorrect: z.boolean().optional(),
});
export type OutcomeAnswer = z.output<typeof outcomeAnswerSchema>;

/** What happened to a run. `at` is when it took effect, `endsAt` the deadline from then on, null while paused. */
const runEntrySchema = z.object({
  event: z.enum(['started', 'opened', 'paused', 'resumed', 'extended', 'closed']),
  at: epochMsSchema,
  version: versionSchema,
  endsAt: epochMsSchema.nullable(),
  durationMs: durationMsSchema,
  reason: z.enum(QUESTION_CLOSE_REASONS).optional(),
});

/** An answer that was judged: accepted (also if it was replaced later) or refused. `at` is when it was received. */
const verdictEntrySchema = z.object({
  event: z.literal('verdict'),
  at: epochMsSchema,
  playerId: idSchema,
  verdict: z.enum(VERDICTS),
});

/**
 * 200 of `GET /v1/rooms/{roomId}/questions/{questionId}/outcome`: what a settled run produced. There is exactly one per run.
 * `answers` has one row per player, ordered by `receivedAt`, then `playerId`; `counts` counts its rows by verdict.
 * `timeline` is ordered by instant; at the same one, what happened to the run comes before the verdicts. Of a player who
 * answered often it has the newest answers only. `opensAt` is null for a run that was stopped before it opened.
 * `afterDataLoss` (only ever `true`): the store lost writes, or may have, before the run was settled.
 */
export const outcomeSchema = z.object({
  roomId: idSchema,
  questionId: idSchema,
  runId: runIdSchema,
  opensAt: epochMsSchema.nullable(),
  endsAt: epochMsSchema,
  closedAt: epochMsSchema,
  reason: z.enum(QUESTION_CLOSE_REASONS),
  durationMs: durationMsSchema,
  graceMs: durationMsSchema,
  pausedMs: durationMsSchema,
  settledAt: epochMsSchema,
  correct: correctSchema.optional(),
  afterDataLoss: z.literal(true).optional(),
  counts: z.object({ accepted: countSchema, late: countSchema, paused: countSchema, not_open: countSchema }),
  answers: z.array(outcomeAnswerSchema),
  timeline: z.array(z.discriminatedUnion('event', [runEntrySchema, verdictEntrySchema])),
});
export type Outcome = z.output<typeof outcomeSchema>;

/** 200 of `GET /v1/rooms/{roomId}/outcomes`: all settled runs of the room, in the order of their starts. */
export const roomOutcomesSchema = z.object({ roomId: idSchema, outcomes: z.array(outcomeSchema) });
export type RoomOutcomes = z.output<typeof roomOutcomesSchema>;

/** The columns of outcomes as CSV: one row per player and run, in the order of `answers`. */
export const OUTCOME_COLUMNS = [
  'roomId',
  'questionId',
  'runId',
  'opensAt',
  'closedAt',
  'reason',
  'playerId',
  'name',
  'choice',
  'verdict',
  'receivedAt',
  'elapsedMs',
  'lateByMs',
  'isCorrect',
  'afterDataLoss',
] as const;
export type OutcomeColumn = (typeof OUTCOME_COLUMNS)[number];

/** Query of `GET /v1/rooms/{roomId}/outcomes`; without `format` the `Accept` header says which. */
export const outcomesQuerySchema = z.object({
  format: z.enum(['json', 'csv']).optional().describe('Wins over the `Accept` header; JSON without either.'),
});

/**
 * 200 of `GET /v1/rooms/{roomId}/questions/{questionId}/results`: what a settled run produced, without anybody's name.
 * `answered` counts the accepted answers, `choices` counts them by choice: what is the same as JSON is one choice. The most
 * frequent comes first, then by text; 100 at most. `otherChoices` counts the answers that chose something else, absent for none.
 */
export const runResultsSchema = z.object({
  roomId: idSchema,
  questionId: idSchema,
  runId: runIdSchema,
  reason: z.enum(QUESTION_CLOSE_REASONS),
  closedAt: epochMsSchema,
  answered: countSchema,
  correct: correctSchema.optional(),
  choices: z.array(z.object({ choice: choiceSchema, count: countSchema })).max(100),
  otherChoices: countSchema
    .optional()
    .describe('How many accepted answers chose something that is not listed; absent for none.'),
});
export type RunResults = z.output<typeof runResultsSchema>;

/** Query of `GET /v1/rooms/{roomId}/questions/{questionId}/results`; without `runId` the question's newest run. */
export const resultsQuerySchema = z.object({
  runId: z
    .string()
    .regex(/^\d{1,16}$/, { error: 'Invalid run: expected an integer' })
    .transform(Number)
    .pipe(runIdSchema)
    .optional()
    .describe("The question's newest run if absent."),
});

/** Query of `GET /v1/rooms/{roomId}/questions/{questionId}/outcome`. */
export const outcomeQuerySchema = outcomesQuerySchema.extend(resultsQuerySchema.shape);

import { z } from 'zod';
import { jsonProblem } from './json.measure.js';
import { ID_PATTERN, LIMITS, PIN_PATTERN } from './wire/limit.constants.js';
import { cleanName, isNameLength } from './wire/name.text.js';
import type { DurationMs, EpochMs, Version } from './wire/time.types.js';

// The building blocks of every payload. The casts in `branded` are the only place where a plain number of the wire
// becomes a time of the code: after its schema has judged it.

interface Range {
  readonly min: number;
  readonly max: number;
}

const SAFE_RANGE: Range = { min: 0, max: Number.MAX_SAFE_INTEGER };

function branded<T extends number>(schema: z.ZodType<number, number>): z.ZodType<T, number> {
  return schema as unknown as z.ZodType<T, number>;
}

/** A safe integer within `range` (both ends allowed). -0 comes out as 0: it would be another JSON text and another key. */
function integer(range: Range) {
  return z
    .int()
    .min(range.min)
    .max(range.max)
    .overwrite((value) => value + 0);
}

/** A duration of `range`, integer milliseconds. */
export function durationWithin(range: Range): z.ZodType<DurationMs, number> {
  return branded<DurationMs>(integer(range));
}

/** A plain integer >= 0: a count of something. */
export const countSchema = integer(SAFE_RANGE);

/** How many players a room takes. */
export const maxPlayersSchema = integer(LIMITS.maxPlayers);

/** An instant of the server's clock, integer epoch milliseconds. */
export const epochMsSchema = branded<EpochMs>(
  integer(SAFE_RANGE).describe("Instant of the server's clock, epoch milliseconds."),
);

/** An instant of a client's own clock, which may be set to anything: any safe integer. */
export const clientInstantSchema = branded<EpochMs>(
  integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }).describe(
    "Instant of the client's own clock, milliseconds.",
  ),
);

/** A duration >= 0 without another limit: what remains, what has elapsed. */
export const durationMsSchema = durationWithin(SAFE_RANGE);

/** A room's version. */
export const versionSchema = branded<Version>(integer(SAFE_RANGE).describe('Only grows; gaps mean nothing.'));

/** A run: the version that its start was given. */
export const runIdSchema = versionSchema.describe(
  'One playing of a question: the version that its start was given.',
);

/** The distance of two ticks, or 0 for none. */
export const tickMsSchema = branded<DurationMs>(
  z
    .union([z.literal(LIMITS.tickMs.none), integer(LIMITS.tickMs)], {
      error: `Invalid input: expected ${LIMITS.tickMs.none} or an integer from ${LIMITS.tickMs.min} to ${LIMITS.tickMs.max}`,
    })
    .overwrite((value) => value + 0)
    .describe('Distance of two ticks, milliseconds; 0 for none.'),
);

/** By how much a deadline moves: either way, but not 0. */
export const byMsSchema = branded<DurationMs>(
  integer(LIMITS.byMs)
    .refine((value) => value !== 0, {
      error: 'Invalid input: expected an integer that is not 0',
    })
    .describe('Moves the deadline by so many milliseconds, either way; not 0.'),
);

/** Any id: `questionId`, `roomId`, `playerId`, `commandId`, `answerId`. */
export const idSchema = z
  .string()
  .regex(ID_PATTERN, { error: 'Invalid id: expected 1-64 of A-Z a-z 0-9 _ . -' });

/** Six digits. */
export const pinSchema = z
  .string()
  .regex(PIN_PATTERN, { error: 'Invalid PIN: expected a string of six digits' })
  .describe('Six digits.');

/** A signed token; whether it is a good one is for the server to say (`unauthorized`). */
export const tokenSchema = z.string().min(LIMITS.tokenLength.min).max(LIMITS.tokenLength.max);

/** What a member is called: cleaned, then 1-32 characters (code points). */
export const nameSchema = z
  .string()
  .overwrite(cleanName)
  .refine(isNameLength, {
    error: `Invalid name: expected ${LIMITS.nameLength.min}-${LIMITS.nameLength.max} characters that can be seen`,
  })
  .describe(`${LIMITS.nameLength.min}-${LIMITS.nameLength.max} characters, counted after cleaning.`);

/** Any JSON value (also `null`) of at most `maxBytes` of UTF-8 JSON; opaque to the server, passed on as it is. */
export function jsonWithin(maxBytes: number) {
  return z
    .unknown()
    .superRefine((value, context) => {
      const problem = jsonProblem(value, maxBytes, LIMITS.jsonDepth);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: `Invalid input: ${problem}` });
    })
    .describe(`Any JSON of at most ${maxBytes} bytes, nested at most ${LIMITS.jsonDepth} deep.`);
}

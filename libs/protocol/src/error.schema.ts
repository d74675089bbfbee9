import { z } from 'zod';
import { durationMsSchema } from './field.schema.js';
import { ERROR_CODES, ERRORS, type WireError } from './wire/error.codes.js';

/** A refusal: in `error` of an ack, and (spread) in problem+json. See `WireError` for its fields. */
export const errorSchema = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  retryable: z.boolean(),
  field: z.string().optional(),
  retryAfterMs: durationMsSchema.optional(),
}) satisfies z.ZodType<WireError>;

/** The body of every REST error, `application/problem+json` (RFC 9457) with the fields of a refusal beside its own. */
export const problemSchema = errorSchema.extend({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
});
export type Problem = z.output<typeof problemSchema>;

/** The REST form of a refusal; the status comes from the table of errors. */
export function problemOf(error: WireError): Problem {
  const { httpStatus, title } = ERRORS[error.code];
  return { type: `urn:quizbell:error:${error.code}`, title, status: httpStatus, ...error };
}

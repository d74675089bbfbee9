import type { DurationMs } from './time.types.js';

/** What a code means for everybody who handles it. */
export interface ErrorKind {
  /** Whether the same request, sent again unchanged after a while, may succeed. */
  readonly retryable: boolean;
  /** The status of the REST answer. */
  readonly httpStatus: number;
  /** The `title` of the REST answer: says the kind of the failure, never its details. */
  readonly title: string;
}

/** Every error code of the contract. `unavailable` means "unknown, ask again with the same id", never "not done". */
export const ERRORS = {
  invalid_payload: { retryable: false, httpStatus: 400, title: 'The payload is not valid' },
  unauthorized: { retryable: false, httpStatus: 401, title: 'Not joined, or the credentials are not valid' },
  forbidden: { retryable: false, httpStatus: 403, title: 'Not allowed for this role' },
  room_not_found: { retryable: false, httpStatus: 404, title: 'There is no such room' },
  not_found: { retryable: false, httpStatus: 404, title: 'There is no such thing in this room' },
  room_full: { retryable: false, httpStatus: 409, title: 'The room is full' },
  question_active: { retryable: false, httpStatus: 409, title: 'A question is already active' },
  wrong_phase: { retryable: false, httpStatus: 409, title: 'Not possible in this phase' },
  rate_limited: { retryable: true, httpStatus: 429, title: 'Too many requests' },
  conflict: { retryable: true, httpStatus: 409, title: 'Others changed the room at the same time' },
  too_large: { retryable: false, httpStatus: 413, title: 'The payload is too large' },
  unavailable: { retryable: true, httpStatus: 503, title: 'The room cannot be served at the moment' },
  internal: { retryable: false, httpStatus: 500, title: 'The server failed' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** All codes, in the order of the table. */
export const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/**
 * A refusal as it travels. `field` is the dotted path of the first offending field, `""` if the payload is not one object,
 * `"event"` for an unknown event. `retryAfterMs` comes with `rate_limited`.
 */
export interface WireError {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  field?: string | undefined;
  retryAfterMs?: DurationMs | undefined;
}

/** Whether sending the same request again may succeed. A code of a newer server, unknown here, is not retryable. */
export function isRetryable(code: string): boolean {
  return Object.hasOwn(ERRORS, code) && ERRORS[code as ErrorCode].retryable;
}

/** Makes a refusal whose `retryable` agrees with the table; the only place where one is made. */
export function wireError(
  code: ErrorCode,
  message: string,
  details: { readonly field?: string; readonly retryAfterMs?: DurationMs } = {},
): WireError {
  return { code, message, retryable: ERRORS[code].retryable, ...details };
}

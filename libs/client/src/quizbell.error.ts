import type { ErrorCode, WireError } from './wire.types.js';

/**
 * A refusal. `code` is one of the wire's error codes; `unavailable` also means that no gateway answered in time: unknown,
 * ask again. A code of a newer server may be none of the list.
 */
export class QuizbellError extends Error {
  override readonly name = 'QuizbellError';
  readonly code: ErrorCode;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Dotted path of the first offending field, if one is. */
  readonly field: string | undefined;
  /** Milliseconds after which to ask again. */
  readonly retryAfterMs: number | undefined;

  constructor({ code, message, retryable, field, retryAfterMs }: WireError) {
    super(message);
    this.code = code;
    this.retryable = retryable;
    this.field = field;
    this.retryAfterMs = retryAfterMs;
  }
}

import type { Messages } from './en.js';

/** What is known of a refusal; `QuizbellError` and a problem of REST both are one. */
export interface RefusalFacts {
  /** Of the wire, or of a newer server. */
  readonly code: string;
  readonly retryAfterMs?: number | undefined;
}

const MS_PER_SECOND = 1_000;

function isKnown(messages: Messages, code: string): code is keyof Messages['errors'] {
  return Object.hasOwn(messages.errors, code);
}

/** A refusal as a sentence for people. */
export function errorText(messages: Messages, { code, retryAfterMs }: RefusalFacts): string {
  const { errors, errorDetails } = messages;
  if (!isKnown(messages, code)) return errorDetails.unknown(code);
  if (retryAfterMs === undefined) return errors[code];
  return errorDetails.retryAfter(errors[code], Math.max(1, Math.ceil(retryAfterMs / MS_PER_SECOND)));
}

/** Whatever was thrown as a sentence: a refusal by its code, anything else as a server that cannot be reached. */
export function failureText(messages: Messages, failure: unknown): string {
  return isRefusal(failure) ? errorText(messages, failure) : messages.errorDetails.unreachable;
}

function isRefusal(failure: unknown): failure is RefusalFacts {
  return (
    typeof failure === 'object' && failure !== null && 'code' in failure && typeof failure.code === 'string'
  );
}

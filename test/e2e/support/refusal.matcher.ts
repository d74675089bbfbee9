import { expect } from '@jest/globals';
import { ERRORS, type ErrorCode } from '#libs/protocol/wire';
import type { Ack, RestAnswer } from '#libs/testing';

/** Exactly this refusal, in an acknowledgement. */
export function expectRefused(ack: Ack, code: ErrorCode, field?: string): void {
  expect(ack).toEqual({ ok: false, error: errorOf(code, field) });
}

/** Exactly this refusal, as problem+json with its status. */
export function expectProblem(answer: RestAnswer, code: ErrorCode, field?: string): void {
  expect(answer.body).toEqual({
    type: expect.any(String),
    title: ERRORS[code].title,
    status: ERRORS[code].httpStatus,
    ...errorOf(code, field),
  });
  expect(answer.status).toBe(ERRORS[code].httpStatus);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
}

function errorOf(code: ErrorCode, field: string | undefined) {
  return {
    code,
    message: expect.stringMatching(/\S/),
    retryable: ERRORS[code].retryable,
    ...(field === undefined ? {} : { field }),
    ...(code === 'rate_limited' ? { retryAfterMs: expect.any(Number) } : {}),
  };
}

import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Response } from 'express';
import type { Logger } from '#libs/ops';
import { type Problem, problemOf, type WireError, wireError } from '#libs/protocol';
import { RefusedException } from './refused.exception.js';

const MS_PER_SECOND = 1_000;
const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** Every error of the REST side leaves through here, as `application/problem+json`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const problem = this.problemOfError(error);
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    if (problem.retryAfterMs !== undefined) {
      response.setHeader('Retry-After', String(Math.ceil(problem.retryAfterMs / MS_PER_SECOND)));
    }
    response.status(problem.status).setHeader('Content-Type', PROBLEM_JSON).end(JSON.stringify(problem));
  }

  private problemOfError(error: unknown): Problem {
    if (error instanceof RefusedException) return problemOf(error.error);
    const status = statusOf(error);
    if (status === 404) return noSuchRoute();
    if (status !== undefined && status < 500) return problemOf(badRequest(status));
    this.logger.error({ err: error }, 'a request failed');
    return problemOf(wireError('internal', 'The server failed. It was logged.'));
  }
}

/** Of Nest's own exceptions (no such route) and of the body parser's errors. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' ? status : undefined;
}

/** A path or method that nobody serves. */
const noSuchRoute = (): Problem => ({
  ...problemOf(wireError('not_found', 'There is no such route; /docs lists them.')),
  title: 'There is no such route',
});

/** What kept a request from being read at all: too long, no JSON, an unknown encoding, a broken path. */
function badRequest(status: number): WireError {
  if (status === 413) return wireError('too_large', 'A body may have at most 16 KiB.');
  return wireError('invalid_payload', 'The request could not be read: expected a body of JSON in UTF-8.', {
    field: '',
  });
}

import type { LoggerService } from '@nestjs/common';
import type { Logger } from './log.factory.js';

/** Lets the framework speak into the process' own log; what it says of its routine is debugging detail. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...details: unknown[]): void {
    this.logger.debug({ context: contextOf(details) }, String(message));
  }

  debug(message: unknown, ...details: unknown[]): void {
    this.logger.debug({ context: contextOf(details) }, String(message));
  }

  verbose(message: unknown, ...details: unknown[]): void {
    this.logger.trace({ context: contextOf(details) }, String(message));
  }

  warn(message: unknown, ...details: unknown[]): void {
    this.logger.warn({ context: contextOf(details) }, String(message));
  }

  error(message: unknown, ...details: unknown[]): void {
    if (message instanceof Error)
      this.logger.error({ err: message, context: contextOf(details) }, message.message);
    else this.logger.error({ context: contextOf(details), stack: details[0] }, String(message));
  }

  fatal(message: unknown, ...details: unknown[]): void {
    this.error(message, ...details);
  }
}

/** Nest passes the name of the speaking class last. */
function contextOf(details: readonly unknown[]): string | undefined {
  const last = details.at(-1);
  return typeof last === 'string' ? last : undefined;
}

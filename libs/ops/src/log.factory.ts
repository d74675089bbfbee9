import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.loader.js';
import { secretRemover, secretsIn } from './log.secrets.js';
import { plainLine } from './plain.line.js';

export type { Logger };

export interface LoggerOptions {
  /** Which process or part speaks. */
  readonly name: string;
  readonly level: string;
  /** Values that are never written, wherever they turn up; tokens are known by their form. */
  readonly secrets?: readonly string[];
  /** One JSON object a line, also on a terminal. */
  readonly isJson?: boolean;
}

/** Fields that are never written, wherever a caller puts them: each lets its reader act as somebody else. */
const SECRET_FIELDS = [
  'token',
  'hostToken',
  'secret',
  'authorization',
  'cookie',
  'password',
  'apiKey',
  'correct',
];

/**
 * The log of a process. It goes to stderr, because stdout belongs to the line that says that the process is ready: one
 * JSON object a line for machines and in production, plain text when stderr is a terminal.
 */
export function createLogger({ name, level, secrets = [], isJson = false }: LoggerOptions): Logger {
  const isPlain = process.stderr.isTTY && !isJson;
  return pino(
    { name, level, redact: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]) },
    safely(secretRemover(secrets), isPlain ? plainStderr : pino.destination({ fd: 2, sync: true })),
  );
}

/** The log of a process of Quizbell: knows what is secret in its configuration. */
export function processLogger(config: Config): Logger {
  return createLogger({
    name: config.role,
    level: config.log.level,
    // Of the configuration too: it may have made one up.
    secrets: [...config.access.secrets, ...secretsIn(process.env)],
    isJson: config.isProduction,
  });
}

const safely = (removed: (line: string) => string, to: DestinationStream): DestinationStream => ({
  write: (line) => {
    to.write(removed(line));
  },
});

/** Says why the process ends, in the form of its log; for what nobody expected, perhaps before there is a configuration. */
export function tellFailure(error: unknown): void {
  const secrets = secretsIn(process.env);
  const logger = createLogger({
    name: 'quizbell',
    level: 'fatal',
    secrets,
    isJson: process.env.NODE_ENV === 'production',
  });
  logger.fatal({ err: error }, 'Quizbell failed');
}

const plainStderr: DestinationStream = {
  write: (line) => {
    process.stderr.write(plainLine(line));
  },
};

import { type DestinationStream, type Logger, pino } from 'pino';
import { plainLine } from './plain.line.js';

export type { Logger };

export interface LoggerOptions {
  /** Which process or part speaks. */
  readonly name: string;
  readonly level: string;
}

/** Fields that are never written, wherever a caller puts them: each lets its reader act as somebody else. */
const SECRET_FIELDS = ['token', 'hostToken', 'secret', 'authorization', 'password', 'apiKey', 'correct'];

/**
 * The log of a process. It goes to stderr, because stdout belongs to the line that says that the process is ready: one
 * JSON object a line for machines, plain text when stderr is a terminal.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { name, level } = options;
  return pino(
    {
      name,
      level,
      redact: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
    },
    process.stderr.isTTY ? plainStderr : pino.destination({ fd: 2, sync: true }),
  );
}

const plainStderr: DestinationStream = {
  write: (line) => {
    process.stderr.write(plainLine(line));
  },
};

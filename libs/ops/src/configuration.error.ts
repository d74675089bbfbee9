/**
 * The process cannot start as it is configured. Every problem is one sentence for the operator that names the variable
 * (or the Redis setting) and never its value: values are secrets, and logs are read by many.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/**
 * The problems of an error that means "cannot start so": of a `ConfigurationError`, or of any other error with a list
 * of texts named `problems` (the Redis adapter has one of its own). Undefined for every other error.
 */
export function problemsOf(error: unknown): readonly string[] | undefined {
  if (!(error instanceof Error) || !('problems' in error)) return undefined;
  const { problems } = error;
  return Array.isArray(problems) && problems.every((problem) => typeof problem === 'string')
    ? problems
    : undefined;
}

/** One suite of the bench. `main` looks it up by name, so a new one is a new row of its table. */
export interface Suite {
  /** One line for the list of suites. */
  readonly summary: string;
  /** The whole text of `--help`. */
  readonly help: string;
  /**
   * Runs it to its end and gives the exit code.
   *
   * @throws CannotRun with what the user has to do, before or instead of the work
   */
  run(args: readonly string[], stop: AbortSignal): Promise<number>;
}

/** Exit codes of all suites. Missing a goal of time is no broken promise: it is printed. */
export const EXIT = {
  good: 0,
  broken: 1,
  couldNotRun: 2,
} as const;

/** The suite could not measure. The message is for the user and says what to do; it ends with exit code 2. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/** Progress goes to stderr: stdout belongs to the result. */
export const progress = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Rejects when the user has had enough, with what is to be told. */
export function aborted(stop: AbortSignal): Promise<never> {
  const rejection = new Promise<never>((_, reject) => {
    if (stop.aborted) reject(stop.reason);
    stop.addEventListener('abort', () => reject(stop.reason), { once: true });
  });
  rejection.catch(() => {}); // between two pieces of work nobody listens
  return rejection;
}

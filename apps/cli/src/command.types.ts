/** One subcommand of the CLI. `main` looks it up by name, so a new one is a new row of its table. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole text of `--help`. */
  readonly help: string;
  /**
   * Runs it to its end and gives the exit code.
   *
   * @throws CannotRun with what the user has to do, before or instead of the work
   */
  run(args: readonly string[]): Promise<number>;
}

/** Exit codes of all commands. */
export const EXIT = {
  good: 0,
  /** A promise was broken, or a process died that should have lived. */
  broken: 1,
  /** Nothing was found out: wrong arguments, nothing to connect to, a port that is taken. */
  couldNotRun: 2,
} as const;

/** The command could not do its work. The message is for the user and says what to do; it ends with exit code 2. */
export class CannotRun extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CannotRun';
  }
}

import { problemsOf } from './configuration.error.js';
import { tellFailure } from './log.factory.js';

/** A process that has started. */
export interface Running {
  /** Ends everything that was started, in order. Called once. */
  stop(): Promise<void>;
  /** A stop that takes longer (ms) is given up; 9,000 when it says nothing. */
  readonly stopWithinMs?: number;
}

/** A stop that takes longer is given up: below the 10 s that Docker leaves before it kills. */
const STOP_LIMIT_MS = 9_000;

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_CANNOT_START = 2;

/**
 * Runs the composition root of a process and ends the process with what it means:
 *
 * - 0: SIGINT or SIGTERM came and everything was stopped;
 * - 1: something unexpected; or the stop took longer than its limit, or a second signal did not want to wait for it;
 * - 2: it cannot start as it is configured; every problem is on stderr, one a line.
 */
export function runMain(start: () => Promise<Running>): void {
  // In a turn of its own, so that what it throws at once is a failure like any other.
  const started = Promise.resolve().then(start);
  let isStopping = false;

  const stop = async () => {
    if (isStopping) {
      process.stderr.write('A second signal: ending at once.\n');
      process.exit(EXIT_FAILED);
    }
    isStopping = true;
    const limit = giveUpAfter(STOP_LIMIT_MS);
    try {
      // A signal during the start waits for it: half a start cannot be stopped.
      const running = await started;
      if (running.stopWithinMs !== undefined) {
        clearTimeout(limit);
        giveUpAfter(running.stopWithinMs);
      }
      await running.stop();
      process.exit(EXIT_OK);
    } catch (error) {
      fail(error);
    }
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  started.catch(fail);
}

function giveUpAfter(limitMs: number): NodeJS.Timeout {
  return setTimeout(() => {
    process.stderr.write(`Not stopped within ${limitMs} ms: ending at once.\n`);
    process.exit(EXIT_FAILED);
  }, limitMs).unref();
}

function fail(error: unknown): void {
  const problems = problemsOf(error);
  if (problems !== undefined) {
    const lines = problems.map((problem) => `  - ${problem}\n`).join('');
    process.stderr.write(`Quizbell cannot start:\n${lines}`);
    process.exit(EXIT_CANNOT_START);
  }
  tellFailure(error);
  process.exit(EXIT_FAILED);
}

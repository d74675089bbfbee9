import type { RunId } from '#libs/timer-core';
import { CannotRun } from '../command.types.js';
import { parseOptions, wholeNumber } from '../option.parser.js';

/** Which outcomes are sent again. */
export interface ReplayOptions {
  readonly roomId: string | undefined;
  readonly runId: RunId | undefined;
  /** Only those whose last try has failed. */
  readonly dead: boolean;
  readonly json: boolean;
}

const RUN_RANGE = { min: 1, max: Number.MAX_SAFE_INTEGER };

/**
 * Reads the options of `outcomes replay`.
 *
 * @throws CannotRun for anything that is not meant, and where nothing says which outcomes
 */
export function parseReplayOptions(args: readonly string[]): ReplayOptions {
  const values = parseOptions(args, {
    room: { type: 'string' },
    run: { type: 'string' },
    dead: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const runId = values.run === undefined ? undefined : wholeNumber('--run', values.run, RUN_RANGE);
  if (runId !== undefined && values.room === undefined) throw new CannotRun('--run takes a --room as well.');
  if (values.room === undefined && !values.dead) {
    throw new CannotRun('Which outcomes? --dead for all that are dead, or --room ID for those of a room.');
  }
  return { roomId: values.room, runId: runId as RunId | undefined, dead: values.dead, json: values.json };
}

import type { DurationMs, EpochMs, RunId } from './units.js';

interface CommandBase {
  /** Who gives it: a player id, or the name of an API key's holder. Part of what makes a repeat a repeat. */
  readonly actor: string;
  /** The sender's own name for this command; the same actor's same id has no second effect. */
  readonly commandId?: string;
}

export interface StartCommand extends CommandBase {
  readonly type: 'question:start';
  readonly questionId: string;
  readonly durationMs: DurationMs;
  readonly leadInMs: DurationMs;
  /** The instant at which the question opens; instead of a lead-in counted from now. */
  readonly startAt?: EpochMs;
  readonly graceMs: DurationMs;
  readonly tickMs: DurationMs;
  /** Absent: the first answer of a player stands. */
  readonly mayChangeAnswer?: true;
}

interface RunCommandBase extends CommandBase {
  /** The run that is meant; another current one is refused with `wrong_phase`. */
  readonly runId?: RunId;
}

export interface PauseCommand extends RunCommandBase {
  readonly type: 'question:pause';
}

export interface ResumeCommand extends RunCommandBase {
  readonly type: 'question:resume';
}

export interface StopCommand extends RunCommandBase {
  readonly type: 'question:stop';
}

export interface ExtendCommand extends RunCommandBase {
  readonly type: 'question:extend';
  /** Not 0; negative shortens. */
  readonly byMs: DurationMs;
}

export interface CloseRoomCommand extends CommandBase {
  readonly type: 'room:close';
}

/** What a host may ask of a room. Its fields have been checked for range by the edge. */
export type Command =
  | StartCommand
  | PauseCommand
  | ResumeCommand
  | StopCommand
  | ExtendCommand
  | CloseRoomCommand;

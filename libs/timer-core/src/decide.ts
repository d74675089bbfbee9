import { advance } from './advance.js';
import {
  andThen,
  type Change,
  changeQuestion,
  closeQuestion,
  closeRoom,
  keepPause,
  timeLeft,
} from './change.js';
import type { Command, ExtendCommand, StartCommand } from './command.js';
import { fingerprint, recall, remember } from './command.memory.js';
import { isActive, phaseOf, type RoomState } from './room.state.js';
import { after, between, durationMs, type EpochMs, nextVersion } from './units.js';

/** A scheduled start may lie at most this far ahead: one day. */
export const MAX_START_AHEAD_MS = 86_400_000;

/** An expected "no", with a stable code of the wire. A refused command changes nothing. */
export interface Refusal {
  readonly kind: 'refused';
  readonly code: 'question_active' | 'wrong_phase' | 'room_not_found' | 'invalid_payload';
  readonly message: string;
  /** The payload's field that is at fault, for `invalid_payload`. */
  readonly field?: string;
}

export type Decision =
  /** To be committed as one. */
  | ({ readonly kind: 'change' } & Change)
  /** Done before under the same id, or already as asked: nothing to commit; `state` is advanced to `now`. */
  | { readonly kind: 'repeated'; readonly state: RoomState }
  | { readonly kind: 'unchanged'; readonly state: RoomState }
  | Refusal;

const refused = (code: Refusal['code'], message: string, field?: string): Refusal => ({
  kind: 'refused',
  code,
  message,
  ...(field === undefined ? {} : { field }),
});

/**
 * Decides a host's command at the instant `now`. First lets time pass: what became due is part of the change.
 *
 * @param occupiedAt the last instant at which somebody was known to be connected to the room
 */
export function decide(state: RoomState, command: Command, now: EpochMs, occupiedAt: EpochMs): Decision {
  const passed = advance(state, now, occupiedAt);
  const known = recall(state, command);
  if (known !== undefined) {
    return known === fingerprint(command)
      ? { kind: 'repeated', state: passed.state }
      : refused('invalid_payload', 'This commandId was already used for another command.', 'commandId');
  }
  if (passed.state.closed !== null) return refused('room_not_found', 'This room is closed.');
  const result = apply(passed.state, command, now);
  if ('kind' in result && (result.kind === 'refused' || passed.events.length === 0)) return result;
  // A command that time has just fulfilled is remembered with what time did.
  const whole = 'kind' in result ? passed : andThen(passed, () => result);
  const commands = remember(whole.state.commands, command, whole.state.version);
  return { kind: 'change', ...whole, state: { ...whole.state, commands } };
}

type Applied = Change | Refusal | { readonly kind: 'unchanged'; readonly state: RoomState };

function apply(state: RoomState, command: Command, now: EpochMs): Applied {
  const { question } = state;
  if (command.type === 'question:start') return start(state, command, now);
  if (command.type === 'room:close') {
    const closed = closeQuestion(state, { reason: 'room-closed', closedAt: now }, now);
    return andThen(closed, (next) => closeRoom(next, 'host', now));
  }
  if (question === null) return refused('wrong_phase', 'No question has been started.');
  if (command.runId !== undefined && command.runId !== question.runId) {
    return refused('wrong_phase', 'Another run is the current one.');
  }
  const wrongPhase = () =>
    refused('wrong_phase', `Not possible while the question is ${phaseOf(state)} (${command.type}).`);
  switch (command.type) {
    case 'question:pause': {
      if (question.phase !== 'open') return wrongPhase();
      const { endsAt, ...run } = question;
      const paused = { ...run, phase: 'paused', pausedAt: now, remainingMs: between(now, endsAt) } as const;
      return changeQuestion(state, 'question:paused', paused, now);
    }
    case 'question:resume': {
      if (question.phase !== 'paused') return wrongPhase();
      const { pausedAt, remainingMs, ...run } = question;
      const open = {
        ...run,
        phase: 'open',
        endsAt: after(now, remainingMs),
        pauses: keepPause(run.pauses, pausedAt, now),
        pausedMs: durationMs(run.pausedMs + between(pausedAt, now)),
      } as const;
      return changeQuestion(state, 'question:resumed', open, now);
    }
    case 'question:extend':
      return isActive(question) ? extend(state, command, now) : wrongPhase();
    case 'question:stop':
      if (isActive(question)) return closeQuestion(state, { reason: 'stopped', closedAt: now }, now);
      // The host pressed stop while the deadline passed: what they wanted is so.
      return command.runId !== undefined && question.reason === 'expired'
        ? { kind: 'unchanged', state }
        : wrongPhase();
    default:
      return command satisfies never;
  }
}

function start(state: RoomState, command: StartCommand, now: EpochMs): Applied {
  if (isActive(state.question)) return refused('question_active', 'A question is active; stop it first.');
  const { questionId, graceMs, tickMs, mayChangeAnswer, startAt, leadInMs } = command;
  if (startAt !== undefined && (startAt < now || startAt > now + MAX_START_AHEAD_MS)) {
    return refused('invalid_payload', 'startAt must lie between now and a day ahead.', 'startAt');
  }
  const opensAt = startAt ?? after(now, leadInMs);
  return changeQuestion(
    state,
    'question:started',
    {
      phase: opensAt > now ? 'lead-in' : 'open',
      questionId,
      // The run is named by the version that this very change gives it.
      runId: nextVersion(state.version, now),
      durationMs: command.durationMs,
      graceMs,
      tickMs,
      ...(mayChangeAnswer === undefined ? {} : { mayChangeAnswer }),
      pauses: [],
      pausedMs: durationMs(0),
      opensAt,
      endsAt: after(opensAt, command.durationMs),
    },
    now,
  );
}

function extend(state: RoomState, command: ExtendCommand, now: EpochMs): Applied {
  const { question } = state;
  if (!isActive(question)) return { kind: 'unchanged', state };
  // Shortening takes at most what is left; the deadline is then now.
  const byMs = Math.max(command.byMs, -timeLeft(question, now));
  const common = { durationMs: durationMs(question.durationMs + byMs) };
  const longer =
    question.phase === 'paused'
      ? { ...question, ...common, remainingMs: durationMs(question.remainingMs + byMs) }
      : { ...question, ...common, endsAt: after(question.endsAt, byMs) };
  const extended = changeQuestion(state, 'question:extended', longer, now);
  if (timeLeft(longer, now) > 0) return extended;
  return andThen(extended, (next) => closeQuestion(next, { reason: 'expired', closedAt: now }, now));
}

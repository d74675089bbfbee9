import { setTimeout as sleep } from 'node:timers/promises';
import { CannotRun } from '../suite.types.js';
import type { GuardedChild } from './guarded.child.js';

/** A process under load may come to it late. */
const ANSWER_WITHIN_MS = 30_000;

/** What is asked for, and how. */
interface Question {
  /** The process answers it with a line. */
  readonly signal: NodeJS.Signals;
  readonly pattern: RegExp;
  /** What the line tells, for messages. */
  readonly what: string;
}

/**
 * Asks a process by a signal, and waits for its line.
 *
 * @throws CannotRun when it does not tell in time, or has ended
 */
export async function answerToSignal(
  child: Pick<GuardedChild, 'name' | 'ended' | 'line' | 'signal'>,
  { signal, pattern, what }: Question,
): Promise<RegExpExecArray> {
  const line = child.line(pattern);
  child.signal(signal);
  const late = sleep(ANSWER_WITHIN_MS, `The ${child.name} does not tell its ${what}.`, { ref: false });
  const answer = await Promise.race([line, child.ended, late]);
  if (typeof answer === 'string') throw new CannotRun(answer);
  return answer;
}

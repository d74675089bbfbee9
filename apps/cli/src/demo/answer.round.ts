import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerPurpose, ToldAnswer } from './answer.audit.js';
import { remainingOf } from './demo.screen.js';
import type { QuizMember } from './quiz.member.js';
import type { QuizRecorder } from './quiz.recorder.js';

/** When a player answers: with so much of the time still to go, or so long after the deadline. */
type Aim = { readonly remainingMs: number } | { readonly lateMs: number };

interface Plan {
  readonly member: QuizMember;
  readonly aim: Aim;
  /** What the player sends after the verdict. */
  readonly then: Exclude<AnswerPurpose, 'first'> | undefined;
}

/** Of so many players one is too late on purpose; another one each question. */
const LATE_EVERY = 10;
const LATE_MS = { min: 30, max: 300 };
/** Of so many players one answers close to the deadline, in time or not. */
const CLOSE_EVERY = 7;
const CLOSE_WITHIN_MS = 15;
/** Of so many players one sends a second answer, or the first once more. */
const SECOND_EVERY = 5;
const REPEAT_EVERY = 6;
const POLL_MS = 5;

/** Plays the answers of all players to one question. */
export class AnswerRound {
  readonly told: ToldAnswer[] = [];
  /** Who was not told a verdict, and why. */
  readonly unanswered: string[] = [];
  private readonly sending: Promise<void>[] = [];

  constructor(
    private readonly recorder: QuizRecorder,
    private readonly run: { readonly runId: number; readonly questionId: string },
    private readonly stop: AbortSignal,
  ) {}

  /**
   * Answers at the planned instants of the deadline that holds, until all have been told their verdicts.
   *
   * @throws AbortError when asked to stop
   */
  async play(
    players: readonly QuizMember[],
    question: { readonly number: number; readonly durationMs: number },
  ): Promise<void> {
    let plans = players.map((member, index) =>
      planOf(member, { index, players: players.length, ...question }),
    );
    while (plans.length > 0) {
      const due = plans.filter(({ aim }) => this.isDue(aim));
      plans = plans.filter((plan) => !due.includes(plan));
      for (const plan of due) this.sending.push(this.answer(plan));
      await sleep(POLL_MS, undefined, { signal: this.stop });
    }
    await Promise.all(this.sending);
  }

  private isDue(aim: Aim): boolean {
    const { state, clock } = this.recorder;
    if (state === undefined) return false;
    // The host has ended it otherwise, or goes on with the next: nothing is to wait for.
    if (state.runId !== this.run.runId || state.phase === 'idle') return true;
    if (state.endsAt === null || state.phase === 'lead-in') return false;
    const now = performance.now();
    if ('lateMs' in aim) return clock.at(now) >= state.endsAt + aim.lateMs;
    return state.phase === 'closed' || remainingOf(this.recorder, now) <= aim.remainingMs;
  }

  /** Never rejects. */
  private async answer({ member, then }: Plan): Promise<void> {
    const { runId } = this.run;
    const isTold = await this.submit(member, `${runId}.1`, 'first');
    if (!isTold || then === undefined) return;
    await this.submit(member, then === 'repeat' ? `${runId}.1` : `${runId}.2`, then);
  }

  private async submit(member: QuizMember, answerId: string, purpose: AnswerPurpose): Promise<boolean> {
    const { clock } = this.recorder;
    const { name: player, playerId = '' } = member;
    const sentAt = clock.earliestAt(performance.now());
    try {
      // Its choice is its id, so that the outcome says which answer it holds.
      const { ok: _, ...judgement } = await member.command('answer:submit', {
        ...this.run,
        answerId,
        choice: answerId,
      });
      const toldAt = this.recorder.latestAt(performance.now());
      this.told.push({ player, playerId, answerId, purpose, judgement, sentAt, toldAt });
      return true;
    } catch (failure) {
      this.unanswered.push(`${player}, answer ${answerId}: ${(failure as Error).message}`);
      return false;
    }
  }
}

/** Most players answer at any instant of the open time. */
function planOf(
  member: QuizMember,
  of: { index: number; players: number; number: number; durationMs: number },
): Plan {
  const { index, players, number, durationMs } = of;
  // With few players at least one of them is late now and then, and not always the same.
  const isEvery = (every: number) => (index + number) % Math.max(2, Math.min(every, players)) === 0;
  const lateMs = LATE_MS.min + Math.random() * (LATE_MS.max - LATE_MS.min);
  const closeMs = (2 * Math.random() - 1) * CLOSE_WITHIN_MS;
  const isClose = (index + number) % CLOSE_EVERY === 0;
  let aim: Aim = { remainingMs: Math.random() * durationMs };
  if (isEvery(LATE_EVERY)) aim = { lateMs };
  else if (isClose) aim = closeMs < 0 ? { remainingMs: -closeMs } : { lateMs: closeMs };
  const then =
    (index + number) % SECOND_EVERY === 1
      ? 'second'
      : (index + number) % REPEAT_EVERY === 1
        ? 'repeat'
        : undefined;
  return { member, aim, then };
}

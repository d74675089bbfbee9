import { setTimeout as sleep } from 'node:timers/promises';
import type { Judgement, Snapshot } from '#libs/protocol';
import type { QuizMember } from '../demo/quiz.member.js';
import type { ServerClock } from '../demo/server.clock.js';
import type { AnswerChecker, SentAnswer } from './answer.checker.js';
import type { Random } from './seeded.random.js';

/** How often a player answers when. What is left is at any instant of the open time. */
export interface AnswerHabits {
  /** Within some ten milliseconds around the cut. */
  readonly closeChance: number;
  /** After it. */
  readonly lateChance: number;
}

/** Close to the deadline and after it more often than people do: there verdicts can go wrong. */
export const DRILL_HABITS: AnswerHabits = { closeChance: 0.3, lateChance: 0.15 };

const CLOSE_MS = { min: -40, max: 20 }; // from the cut
const LATE_MS = { min: 30, max: 1_400 }; // some beyond the time that an answer may be in flight
const REPEAT_CHANCE = 0.25;
const REPEAT_AFTER_MS = { min: 0, max: 1_500 };
const SECOND_CHANCE = 0.15;
const RETRY_MS = { min: 150, max: 350 };
const GIVE_UP_MS = 20_000;

/** Where an answer is aimed at. */
type Aim = { readonly part: number } | { readonly afterCutMs: number };

interface PlannedAnswer {
  readonly aim: Aim;
  timer: NodeJS.Timeout | undefined;
  isSent: boolean;
}

/** A player that answers each question once it hears of it, and asks again with the same `answerId` until it is told a verdict. */
export class BusyAnswerer {
  private readonly plans = new Map<number, PlannedAnswer>();
  private isOver = false;

  constructor(
    private readonly parts: {
      readonly member: QuizMember;
      readonly checker: AnswerChecker;
      readonly clock: ServerClock;
      readonly random: Random;
      readonly habits: AnswerHabits;
    },
  ) {}

  /** The player's newest state: a run that it did not know, or a deadline that moved. */
  adopted(state: Snapshot): void {
    const { runId, phase, endsAt } = state;
    if (runId === null || endsAt === null || this.isOver) return;
    const isLive = phase === 'open' || phase === 'lead-in';
    let plan = this.plans.get(runId);
    if (plan === undefined) {
      if (!isLive) return;
      for (const [other, { isSent }] of this.plans) if (isSent) this.plans.delete(other);
      plan = { aim: this.draw(), timer: undefined, isSent: false };
      this.plans.set(runId, plan);
    }
    if (plan.isSent) return;
    clearTimeout(plan.timer);
    const waitMs = aimedAt(plan.aim, state, endsAt) - this.parts.clock.at(performance.now());
    plan.timer = setTimeout(() => void this.answer(state, runId), Math.max(0, waitMs));
  }

  close(): void {
    this.isOver = true;
    for (const { timer } of this.plans.values()) clearTimeout(timer);
  }

  private draw(): Aim {
    const { random, habits } = this.parts;
    const lot = random.next();
    if (lot < habits.lateChance) return { afterCutMs: random.between(LATE_MS.min, LATE_MS.max) };
    if (lot < habits.lateChance + habits.closeChance) {
      return { afterCutMs: random.between(CLOSE_MS.min, CLOSE_MS.max) };
    }
    return { part: random.next() };
  }

  /** Never rejects. */
  private async answer({ roomId, questionId, endsAt }: Snapshot, runId: number): Promise<void> {
    const { random, member } = this.parts;
    const plan = this.plans.get(runId);
    const { playerId } = member;
    if (plan === undefined || playerId === undefined || questionId === null) return;
    plan.isSent = true;
    // Drawn here, so that how long an acknowledgement takes does not change what comes after it.
    const repeatAfterMs = random.chance(REPEAT_CHANCE)
      ? random.between(REPEAT_AFTER_MS.min, REPEAT_AFTER_MS.max)
      : undefined;
    const hasSecond = random.chance(SECOND_CHANCE);
    const of = (answerId: string): SentAnswer => ({ roomId, questionId, runId, playerId, answerId });
    const first = of(`${runId}.1`);
    if (!(await this.untilTold(first, endsAt ?? 0))) return;
    if (hasSecond) await this.untilTold(of(`${runId}.2`), endsAt ?? 0);
    if (repeatAfterMs === undefined) return;
    await sleep(repeatAfterMs);
    await this.ask(first);
  }

  /** `false` if nobody tells a verdict in 20 s. */
  private async untilTold(sent: SentAnswer, endsAt: number): Promise<boolean> {
    const { checker, random } = this.parts;
    checker.sent(sent, endsAt);
    const giveUpAt = performance.now() + GIVE_UP_MS;
    while (!this.isOver && performance.now() < giveUpAt) {
      if ((await this.ask(sent)) !== undefined) return true;
      await sleep(random.between(RETRY_MS.min, RETRY_MS.max));
    }
    checker.gaveUp(sent);
    return false;
  }

  /** `undefined` when refused (`unavailable`), the connection was lost, or no acknowledgement came: unknown, to be asked again. */
  private async ask(sent: SentAnswer): Promise<Judgement | undefined> {
    const { member, checker, clock } = this.parts;
    const { questionId, runId, answerId } = sent;
    checker.asked(sent, clock.earliestAt(performance.now()));
    const answer = { questionId, runId, answerId, choice: answerId };
    const told = await member.call('answer:submit', answer).catch(() => undefined);
    if (told === undefined || !told.ok) return undefined;
    const { ok: _, ...judgement } = told;
    checker.told(sent, judgement);
    return judgement;
  }
}

function aimedAt(aim: Aim, { opensAt, graceMs }: Snapshot, endsAt: number): number {
  if ('afterCutMs' in aim) return endsAt + (graceMs ?? 0) + aim.afterCutMs;
  const from = opensAt ?? endsAt;
  return from + aim.part * (endsAt - from);
}

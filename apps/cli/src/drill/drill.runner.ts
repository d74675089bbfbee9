import { setTimeout as sleep } from 'node:timers/promises';
import type { Verdict } from '#libs/protocol/wire';
import type { AnswerListener } from './answer.checker.js';
import { DRILL_LOAD } from './busy.room.js';
import { holdsWithin } from './condition.wait.js';
import { DrillField } from './drill.field.js';
import type { DrillState } from './drill.state.js';
import { FAULTS } from './fault.catalog.js';
import { bestOf, type FaultName, isInTime, type RoundTimes, rulesOf } from './fault.rules.js';
import { addFinding, addVerdict, addViolation, type FaultTally } from './fault.tally.js';
import type { ProcessLog } from './process.log.js';
import type { CheckerListener } from './promise.checker.js';
import { seededRandom } from './seeded.random.js';

export interface DrillParts {
  readonly state: DrillState;
  readonly log: ProcessLog;
  readonly say: (line: string) => void;
  /** After each round. */
  readonly save: () => void;
}

const CLUSTER = { schedulers: 2, gateways: 2 };
const READY_WITHIN_MS = 20_000;
const RECOVER_WITHIN_MS = 15_000;
const CLOSED_WITHIN_MS = 12_000; // a question, its extension, and the look at what was not heard to close
const DRAIN_WITHIN_MS = 30_000;
/** How often a round is played at most if it only took too long: a short drill has one round, and a machine that stands still. */
const TRIES = { full: 1, short: 3 } as const;
/** A fault comes at any instant within so long after everything was well again. */
const RANDOM_WAIT_MS = 1_000;

/** Plays the rounds of a drill that its state does not have yet. */
export class Drill implements CheckerListener, AnswerListener {
  private readonly field: DrillField;
  /** Which fault was on from which server instant on, newest last. */
  private readonly phases: { readonly fromAt: number; readonly tally: FaultTally }[] = [];

  constructor(private readonly parts: DrillParts) {
    const { seed, rooms, isShort } = parts.state.plan;
    this.field = new DrillField({
      seed,
      rooms,
      shape: CLUSTER,
      load: DRILL_LOAD,
      log: parts.log,
      isPatient: isShort,
      listener: this,
    });
  }

  /**
   * Plays to the end. Everything that was started has ended when this settles.
   *
   * @throws CannotRun if the cluster does not start
   * @throws AbortError when asked to stop
   */
  async run(signal: AbortSignal): Promise<void> {
    const { say, state } = this.parts;
    const { rooms } = state.plan;
    try {
      say(
        `Starting Redis, ${CLUSTER.schedulers} schedulers, ${CLUSTER.gateways} gateways and ${rooms} rooms...`,
      );
      await this.field.start(signal);
      await this.untilWell(READY_WITHIN_MS, signal);
      for (const tally of state.tallies) await this.playFault(tally, signal);
      await this.drain(signal);
    } finally {
      const unclean = await this.field.stop();
      const last = this.phases.at(-1)?.tally;
      if (last) for (const name of unclean) addFinding(last, `${name} did not stop cleanly at the end`);
    }
  }

  onViolation(violation: Parameters<CheckerListener['onViolation']>[0]): void {
    const tally = this.tallyAt(violation.at);
    if (tally) addViolation(tally, violation);
  }

  onClosed(at: number, latenessMs: number): void {
    const tally = this.tallyAt(at);
    if (tally) tally.maxLatenessMs = Math.max(tally.maxLatenessMs, latenessMs);
  }

  onTickGap(at: number, { gapMs }: { gapMs: number }): void {
    const tally = this.tallyAt(at);
    if (tally === undefined || gapMs <= tally.maxTickGapMs) return;
    tally.maxTickGapMs = gapMs;
  }

  onRepeatedTick(at: number): void {
    const tally = this.tallyAt(at);
    if (tally) tally.repeatedTicks += 1;
  }

  onRunChecked(at: number): void {
    const tally = this.tallyAt(at);
    if (tally) tally.runs += 1;
  }

  onAnswered(at: number, verdict: Verdict): void {
    const tally = this.tallyAt(at);
    if (tally) addVerdict(tally.answers, verdict);
  }

  onUnanswered(at: number): void {
    const tally = this.tallyAt(at);
    if (tally) tally.answers.unanswered += 1;
  }

  onOutcome(at: number, { afterDataLoss }: { afterDataLoss: boolean }): void {
    const tally = this.tallyAt(at);
    if (tally === undefined) return;
    tally.answers.outcomes += 1;
    if (afterDataLoss) tally.answers.afterDataLoss += 1;
  }

  private async playFault(tally: FaultTally, signal: AbortSignal): Promise<void> {
    const times = this.timesOf(tally);
    if (tally.times >= times) return;
    await this.prepare(tally.fault);
    this.phases.push({ fromAt: this.field.now(), tally });
    while (tally.times < times) {
      await this.playRound(tally, signal);
      tally.times += 1;
      this.parts.save();
    }
    await this.untilClosed(signal);
  }

  /** Waits for the questions that the last round found open: how they close is counted for this fault, not for the next. */
  private async untilClosed(signal: AbortSignal): Promise<void> {
    const runs = this.field.checker.liveRuns();
    const isOver = () => runs.every(({ closing, isDone }) => closing !== undefined || isDone);
    await holdsWithin(CLOSED_WITHIN_MS, isOver, signal);
  }

  private async prepare(fault: FaultName): Promise<void> {
    const { durability } = rulesOf(fault);
    this.field.cluster.redis.setDurability(durability);
    await this.field.redis.config('SET', 'appendfsync', durability);
  }

  /** Once, or again while it only took too long. */
  private async playRound(tally: FaultTally, signal: AbortSignal): Promise<void> {
    const most = TRIES[this.parts.state.plan.isShort ? 'short' : 'full'];
    const tries: RoundTimes[] = [];
    const gapBeforeMs = tally.maxTickGapMs;
    try {
      do {
        tally.maxTickGapMs = 0;
        const takeoverMs = await this.playOnce(tally, tries.length, signal);
        tries.push({ takeoverMs, tickGapMs: tally.maxTickGapMs });
      } while (tries.length < most && !isInTime(bestOf(tries), rulesOf(tally.fault)));
      const { takeoverMs, tickGapMs } = bestOf(tries);
      if (takeoverMs !== undefined) tally.takeoverMs.push(takeoverMs);
      tally.maxTickGapMs = tickGapMs;
    } finally {
      // Also if the drill is ended here: what earlier rounds have seen stays.
      tally.maxTickGapMs = Math.max(gapBeforeMs, tally.maxTickGapMs);
    }
  }

  /** @returns how long the take-over took, ms; `undefined` if nothing had to be taken over */
  private async playOnce(
    tally: FaultTally,
    earlierTries: number,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { plan } = this.parts.state;
    const { fault } = tally;
    const round = [plan.seed, fault, tally.times];
    const random = seededRandom(...round, ...(earlierTries === 0 ? [] : [earlierTries]));
    await sleep(random.between(0, RANDOM_WAIT_MS), undefined, { signal });
    this.field.isCalm = false;
    const { note, takeoverMs, reconnectMs } = await FAULTS[fault]({ field: this.field, random, signal });
    if (reconnectMs !== undefined) tally.reconnectMs.push(reconnectMs);
    await this.replaceDead(tally);
    const trouble = await this.untilWell(RECOVER_WITHIN_MS, signal);
    if (trouble !== undefined) {
      tally.unrecovered += 1;
      addFinding(tally, `round ${tally.times + 1}: after ${RECOVER_WITHIN_MS / 1_000} s ${trouble}`);
    }
    this.field.isCalm = true;
    await this.field.audit().catch(() => {});
    this.tell(tally, { note, takeoverMs, reconnectMs });
    return takeoverMs;
  }

  /** Waits until everything works as it should; else what does not. */
  private async untilWell(limitMs: number, signal: AbortSignal): Promise<string | undefined> {
    let trouble: string | undefined;
    const isWell = async () => {
      trouble = 'Redis does not answer';
      trouble = await this.field.trouble();
      return trouble === undefined;
    };
    await holdsWithin(limitMs, isWell, signal);
    return trouble;
  }

  /** A process that ended by itself broke a promise; the drill goes on with a new one. */
  private async replaceDead(tally: FaultTally): Promise<void> {
    for (const dead of this.field.cluster.dead()) {
      tally.died += 1;
      addFinding(tally, `${dead.name} ended by itself: ${dead.lastLines.join(' | ')}`);
      await dead.launch();
    }
    for (const finding of this.field.cluster.processes.flatMap((one) => one.takeAuditFindings())) {
      tally.auditFindings += 1;
      addFinding(tally, finding);
    }
  }

  /** Lets the questions that are open come to their end and looks at each run for the last time. */
  private async drain(signal: AbortSignal): Promise<void> {
    this.parts.say('The last questions are played to their end...');
    const finished = this.field.finishQuestions();
    await holdsWithin(
      DRAIN_WITHIN_MS,
      async () => {
        await this.field.audit();
        return this.field.checker.unchecked === 0 && this.field.answers.unread === 0;
      },
      signal,
    );
    await Promise.race([finished, sleep(1_000, undefined, { signal })]);
    this.field.answers.finish();
  }

  private tell(
    tally: FaultTally,
    round: { note: string; takeoverMs?: number | undefined; reconnectMs?: number | undefined },
  ): void {
    const { lost, doubled, early, repeated, outOfOrder, lateAccepted, lostAnswers } = tally.counts;
    const times = [
      ...(round.takeoverMs === undefined ? [] : [`take-over ${round.takeoverMs} ms`]),
      ...(round.reconnectMs === undefined ? [] : [`all back after ${round.reconnectMs} ms`]),
    ];
    const runs = `lost ${lost}, doubled ${doubled}, early ${early}, repeated ${repeated}, out of order ${outOfOrder}`;
    const answers = `of ${tally.answers.judged} answers late accepted ${lateAccepted}, lost ${lostAnswers}`;
    const number = `${tally.times + 1}/${this.timesOf(tally)}`;
    this.parts.say(
      `[${tally.fault} ${number}] ${[round.note, ...times].join('; ')}; until now ${runs}; ${answers}`,
    );
  }

  private timesOf({ fault }: FaultTally): number {
    return this.parts.state.plan.faults.find((planned) => planned.fault === fault)?.times ?? 0;
  }

  private tallyAt(at: number): FaultTally | undefined {
    return this.phases.findLast(({ fromAt }) => fromAt <= at)?.tally ?? this.phases[0]?.tally;
  }
}

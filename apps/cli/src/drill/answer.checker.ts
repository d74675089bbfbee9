import type { Judgement, Outcome, OutcomeAnswer, OwnAnswer } from '#libs/protocol';
import { cutoffOf, expectedVerdict } from '../demo/expected.verdict.js';
import type { Violation, ViolationKind } from './fault.tally.js';

/** An answer of a player of the drill. Its `choice` is its `answerId`, so that an outcome says which answer it holds. */
export interface SentAnswer {
  readonly roomId: string;
  readonly questionId: string;
  readonly runId: number;
  readonly playerId: string;
  readonly answerId: string;
}

/** A run whose outcome is to be read now. */
export interface OutcomeWanted {
  readonly roomId: string;
  readonly questionId: string;
  readonly runId: number;
  /** How often it was read: whoever reads takes another gateway each time. */
  readonly reads: number;
}

/** What was read: the outcome and the text it came as, that it is not settled, that there is none, or no answer. */
export type OutcomeRead =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'unsettled' | 'missing' | 'unanswered' };

/** What a closing says, as its room's clients heard it. */
export interface HeardClosing {
  readonly roomId: string;
  readonly runId: number | null;
  readonly endsAt: number | null;
  readonly graceMs: number | null;
  readonly reason?: string | undefined;
}

export interface AnswerListener {
  onViolation(violation: Violation): void;
  /** The first verdict on an answer, and the server's instant of receiving. */
  onAnswered(at: number, verdict: Judgement['verdict']): void;
  /** Nobody gave a verdict for 20 s. */
  onUnanswered(at: number): void;
  /** An outcome was compared with the answers. */
  onOutcome(at: number, told: { readonly afterDataLoss: boolean }): void;
}

interface JudgedAnswer {
  readonly sent: SentAnswer;
  judgement: Judgement | undefined;
}

interface AnswerFacts extends JudgedAnswer {
  /** The earliest instant at which its player can have sent it for the first time. */
  sentAt: number | undefined;
}

/** A run and what its players were told of their answers. */
interface AnsweredRun {
  readonly roomId: string;
  readonly questionId: string;
  readonly runId: number;
  readonly answers: Map<string, AnswerFacts>;
  /** Answers whose verdict is still to come. */
  waiting: number;
  /** Of the closing that clients heard; `undefined` until one did. */
  cutoffAt: number | undefined;
  /** The deadline as the first answer knew it: the instant of a finding without any other. */
  readonly endsAt: number;
  reads: number;
  readAt: number;
  readonly isReadTwice: boolean;
  /** As it was read first. */
  outcome: Outcome | undefined;
  readonly reported: Set<string>;
}

/** An answer that was received in time gets its verdict within so long, or its run has settled (design, `inFlightMs`). */
const IN_FLIGHT_MS = 1_000;
/** Settled by then, unless a fault is on (ms after the deadline and its grace). */
const FIRST_READ_MS = IN_FLIGHT_MS + 500;
const SECOND_READ_MS = 4_000;
const READ_AGAIN_MS = 500;
/** Of so many runs one is read twice. */
const READ_TWICE_EVERY = 3;
/** A gateway's idea of the shard's clock, and how long a stall of it may be taken for the time before the deadline (ms). */
const RECEIVING_DOUBT_MS = 1_000;

/**
 * Compares the verdicts that players were given with the outcomes of their runs. It knows no clock and no connection: it is
 * told, so that a fabricated history can show that it finds each broken promise.
 */
export class AnswerChecker {
  private readonly runs = new Map<string, AnsweredRun>();
  private started = 0;

  constructor(private readonly listener: AnswerListener) {}

  /** An answer is on its way for the first time. @param endsAt the deadline as its player knows it */
  sent(sent: SentAnswer, endsAt: number): void {
    const run = this.runs.get(keyOf(sent)) ?? this.addRun(sent, endsAt);
    run.answers.set(sent.answerId, { sent, sentAt: undefined, judgement: undefined });
    run.waiting += 1;
  }

  /**
   * It is sent, perhaps once more: the first time counts, because its acknowledgement may have been lost, and not the answer.
   *
   * @param at the earliest instant that the server's clock can have shown
   */
  asked(sent: SentAnswer, at: number): void {
    const answer = this.runs.get(keyOf(sent))?.answers.get(sent.answerId);
    if (answer !== undefined) answer.sentAt ??= at;
  }

  /** A verdict; also one that is told again. */
  told(sent: SentAnswer, judgement: Judgement): void {
    const run = this.runs.get(keyOf(sent));
    const answer = run?.answers.get(sent.answerId);
    if (run === undefined || answer === undefined) return; // told again after all was compared
    if (answer.judgement !== undefined) {
      this.compare(run, sent, { first: answer.judgement, again: judgement });
      return;
    }
    answer.judgement = judgement;
    run.waiting -= 1;
    this.listener.onAnswered(judgement.receivedAt, judgement.verdict);
    // Our own witness: what is sent so long after the deadline cannot have been received before it.
    const sentAt = answer.sentAt ?? Number.NEGATIVE_INFINITY;
    const sentLateMs = sentAt - RECEIVING_DOUBT_MS - (run.cutoffAt ?? Number.POSITIVE_INFINITY);
    if (judgement.verdict === 'accepted' && sentLateMs >= 0) {
      const text = `${nameOf(sent)} was accepted and had been sent ${Math.floor(sentLateMs) + RECEIVING_DOUBT_MS} ms late`;
      this.report(run, sent, { kind: 'lateAccepted', at: judgement.receivedAt, text });
    }
    this.checkCutoff(run, answer);
  }

  /** Its player has stopped asking. */
  gaveUp(sent: SentAnswer): void {
    const run = this.runs.get(keyOf(sent));
    if (run === undefined || run.answers.get(sent.answerId)?.judgement !== undefined) return;
    run.waiting -= 1;
    this.listener.onUnanswered(run.endsAt);
  }

  /** A client heard `question:closed`. */
  closed(closing: HeardClosing): void {
    const run = this.runs.get(`${closing.roomId}/${closing.runId}`);
    if (run === undefined || closing.endsAt === null || closing.reason !== 'expired') return;
    run.cutoffAt = closing.endsAt + (closing.graceMs ?? 0);
    if (run.reads === 0) run.readAt = run.cutoffAt + FIRST_READ_MS;
    for (const answer of run.answers.values()) this.checkCutoff(run, answer);
  }

  /** A room's player joined by a new connection, and was told its own answer to the current question, if it has one. */
  cameBack(
    joined: { readonly roomId: string; readonly runId: number | null; readonly serverNow: number },
    answer: OwnAnswer | undefined,
  ): void {
    const run = this.runs.get(`${joined.roomId}/${joined.runId}`);
    const known = [...(run?.answers.values() ?? [])].find(
      ({ judgement }) => judgement?.verdict === 'accepted',
    );
    if (run === undefined || known?.judgement === undefined) return;
    const { sent, judgement } = known;
    const at = joined.serverNow;
    if (answer === undefined) {
      const text = `${nameOf(sent)} was accepted, and its player was not told so when it came back`;
      this.report(run, sent, { kind: 'untoldVerdict', at, text });
    } else if (answer.runId !== run.runId || !isThat(answer, sent, judgement)) {
      const text = `${nameOf(sent)} was told ${JSON.stringify(judgement)}, and when its player came back ${JSON.stringify(answer)}`;
      this.report(run, sent, { kind: 'verdictChanged', at, text });
    }
  }

  /** Runs that are not yet compared. */
  get unread(): number {
    return this.runs.size;
  }

  /** The runs whose outcomes are to be read now, at most so many, those that wait longest first. */
  outcomesToRead(now: number, limit: number): OutcomeWanted[] {
    return [...this.runs.values()]
      .filter(({ readAt, waiting }) => readAt <= now && waiting === 0)
      .sort((a, b) => a.readAt - b.readAt)
      .slice(0, limit);
  }

  /** A gateway was asked for the outcome. */
  read(wanted: OutcomeWanted, read: OutcomeRead, now: number): void {
    const run = this.runs.get(keyOf(wanted));
    if (run === undefined) return;
    switch (read.kind) {
      case 'outcome':
        run.reads += 1;
        this.readOutcome(run, read.outcome, now);
        break;
      case 'missing':
        if (run.outcome !== undefined) this.changed(run, 'is gone');
        this.loseAll(run, 'there is no outcome of it');
        this.runs.delete(keyOf(run));
        break;
      case 'unsettled':
        if (run.outcome !== undefined) this.changed(run, 'is not settled any more');
        run.readAt = now + READ_AGAIN_MS;
        break;
      case 'unanswered':
        run.readAt = now + READ_AGAIN_MS;
        break;
      default:
        read satisfies never;
    }
  }

  /** The drill is over: what could not be read by now is lost. */
  finish(): void {
    for (const run of this.runs.values()) {
      if (run.outcome === undefined) this.loseAll(run, 'its outcome could not be read');
    }
    this.runs.clear();
  }

  private addRun({ roomId, questionId, runId }: SentAnswer, endsAt: number): AnsweredRun {
    this.started += 1;
    const run: AnsweredRun = {
      roomId,
      questionId,
      runId,
      answers: new Map(),
      waiting: 0,
      cutoffAt: undefined,
      endsAt,
      reads: 0,
      readAt: endsAt + FIRST_READ_MS,
      isReadTwice: this.started % READ_TWICE_EVERY === 0,
      outcome: undefined,
      reported: new Set(),
    };
    this.runs.set(keyOf(run), run);
    return run;
  }

  private readOutcome(run: AnsweredRun, outcome: Outcome, now: number): void {
    if (run.outcome !== undefined) {
      if (textOf(outcome) !== textOf(run.outcome)) this.changed(run, 'is another one when it is read again');
      this.runs.delete(keyOf(run));
      return;
    }
    run.outcome = outcome;
    this.listener.onOutcome(outcome.endsAt, { afterDataLoss: outcome.afterDataLoss === true });
    for (const answer of run.answers.values()) this.checkOutcome(run, answer, outcome);
    // Also what nobody was told of may not be there.
    for (const row of outcome.answers) {
      if (row.verdict !== 'accepted' || row.receivedAt < cutoffOf(outcome)) continue;
      const { roomId, runId } = run;
      const text = `run ${runId} of ${roomId}: its outcome counts an answer of ${row.receivedAt - cutoffOf(outcome)} ms after the cut`;
      this.report(run, { answerId: String(row.choice) }, late(row, text));
    }
    if (run.isReadTwice) run.readAt = now + SECOND_READ_MS;
    else this.runs.delete(keyOf(run));
  }

  private checkOutcome(run: AnsweredRun, { sent, judgement }: JudgedAnswer, outcome: Outcome): void {
    if (judgement === undefined) return;
    const { verdict, receivedAt } = judgement;
    const find = (kind: ViolationKind, text: string) =>
      this.report(run, sent, { kind, at: receivedAt, text: `${nameOf(sent)} ${text}` });
    const row = outcome.answers.find(({ playerId }) => playerId === sent.playerId);
    if (verdict === 'duplicate') {
      // It carries the instant of the answer that stands.
      if (row?.verdict !== 'accepted' || row.receivedAt !== receivedAt) {
        this.lose(run, { sent, judgement }, outcome);
      }
      return;
    }
    const deserved = expectedVerdict(outcome, receivedAt);
    if (verdict === 'accepted') {
      if (deserved === 'late') {
        find(
          'lateAccepted',
          `was accepted and received ${receivedAt - cutoffOf(outcome)} ms after the outcome's cut`,
        );
      }
      if (!isThat(row, sent, judgement)) this.lose(run, { sent, judgement }, outcome);
      else if (row?.elapsedMs !== judgement.elapsedMs) {
        find('verdictChanged', `was told ${judgement.elapsedMs} ms, the outcome says ${row?.elapsedMs} ms`);
      }
      return;
    }
    if (deserved === 'accepted') find('refusedInTime', `was received in time and told ${verdict}`);
    const isKnown = row !== undefined && row.choice === sent.answerId;
    if (isKnown && row.verdict !== verdict && !isForgotten(run, judgement)) {
      find('verdictChanged', `was told ${verdict}, the outcome says ${row.verdict}`);
    }
  }

  /** An accepted answer, or the one that a `duplicate` speaks of, is not in the outcome. */
  private lose(run: AnsweredRun, { sent, judgement }: JudgedAnswer, outcome: Outcome): void {
    const at = judgement?.receivedAt ?? run.endsAt;
    const told = outcome.afterDataLoss ? 'which says afterDataLoss' : 'which does not say afterDataLoss';
    const text = `${nameOf(sent)} was ${judgement?.verdict} and is missing from the outcome, ${told}`;
    this.report(run, sent, { kind: 'lostAnswers', at, text });
    if (!outcome.afterDataLoss) this.report(run, sent, { kind: 'untoldLoss', at, text });
  }

  private loseAll(run: AnsweredRun, why: string): void {
    for (const { sent, judgement } of run.answers.values()) {
      if (judgement?.verdict !== 'accepted') continue;
      const text = `${nameOf(sent)} was accepted, and ${why}`;
      this.report(run, sent, { kind: 'lostAnswers', at: judgement.receivedAt, text });
    }
  }

  private checkCutoff(run: AnsweredRun, { sent, judgement }: JudgedAnswer): void {
    if (run.cutoffAt === undefined || judgement?.verdict !== 'accepted') return;
    if (judgement.receivedAt < run.cutoffAt) return;
    const text = `${nameOf(sent)} was accepted and received ${judgement.receivedAt - run.cutoffAt} ms after the cut that clients heard`;
    this.report(run, sent, { kind: 'lateAccepted', at: judgement.receivedAt, text });
  }

  private compare(run: AnsweredRun, sent: SentAnswer, told: { first: Judgement; again: Judgement }): void {
    const { first, again } = told;
    const isAccepted = first.verdict === 'accepted' && again.verdict === 'accepted';
    const isSame = isAccepted
      ? first.receivedAt === again.receivedAt && first.elapsedMs === again.elapsedMs
      : first.verdict === again.verdict;
    if (isSame || isForgotten(run, again)) return;
    const text = `${nameOf(sent)} was told ${JSON.stringify(first)}, and then ${JSON.stringify(again)}`;
    this.report(run, sent, { kind: 'verdictChanged', at: first.receivedAt, text });
  }

  private changed(run: AnsweredRun, how: string): void {
    const text = `the outcome of run ${run.runId} of ${run.roomId} ${how}`;
    this.report(run, {}, { kind: 'outcomeChanged', at: run.endsAt, text });
  }

  /** Each kind once for an answer: several witnesses may see the same. */
  private report(run: AnsweredRun, of: { readonly answerId?: string }, violation: Violation): void {
    const key = `${violation.kind} ${of.answerId ?? ''}`;
    if (run.reported.has(key)) return;
    run.reported.add(key);
    this.listener.onViolation(violation);
  }
}

const keyOf = ({ roomId, runId }: { readonly roomId: string; readonly runId: number }): string =>
  `${roomId}/${runId}`;

const nameOf = ({ answerId, runId, roomId }: SentAnswer): string =>
  `answer ${answerId} to run ${runId} of ${roomId}`;

const late = ({ receivedAt }: OutcomeAnswer, text: string): Violation => ({
  kind: 'lateAccepted',
  at: receivedAt,
  text,
});

/** Whether the outcome's row, or what a join tells, is that very answer. */
const isThat = (
  row: OutcomeAnswer | OwnAnswer | undefined,
  sent: SentAnswer,
  { receivedAt }: Judgement,
): boolean => row?.verdict === 'accepted' && row.choice === sent.answerId && row.receivedAt === receivedAt;

/**
 * Whether that was received when its run may have been settled and another one been played since: then no run of the
 * question is current or unsettled, and nothing is known of earlier verdicts.
 */
const isForgotten = ({ cutoffAt }: AnsweredRun, { verdict, receivedAt }: Judgement): boolean =>
  verdict === 'wrong_question' && (cutoffAt === undefined || receivedAt >= cutoffAt + IN_FLIGHT_MS);

/** Without the remark that writes may have been lost, which a restart of Redis adds to what has just been settled. */
const textOf = ({ afterDataLoss: _, ...outcome }: Outcome): string => JSON.stringify(outcome);

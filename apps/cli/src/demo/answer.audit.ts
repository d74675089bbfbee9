import type { Judgement, Outcome, OutcomeAnswer } from '#libs/protocol';
import { cutoffOf, expectedVerdict } from './expected.verdict.js';

/** Why a player sends an answer. */
export type AnswerPurpose = 'first' | 'second' | 'repeat';

/** An answer as its player sent it and was told of it. Its `choice` is its `answerId`. */
export interface ToldAnswer {
  readonly player: string;
  readonly playerId: string;
  readonly answerId: string;
  /** `second`: another answer of a player who has one. `repeat`: the first one once more, with the same `answerId`. */
  readonly purpose: AnswerPurpose;
  readonly judgement: Judgement;
  /** The earliest instant of the server's clock at which it can have been sent. */
  readonly sentAt: number;
  /** The latest at which its acknowledgement can have come. */
  readonly toldAt: number;
}

/** What a question's answers came to. */
export interface AnswerAudit {
  readonly accepted: number;
  readonly late: number;
  readonly duplicate: number;
  /** Of any other verdict: who answered as the host paused. */
  readonly other: number;
  /** Each with a sentence; a verdict that is wrong, or an outcome that says something else than the players were told. */
  readonly wrong: readonly string[];
}

/**
 * A gateway that was busy gives the benefit of the doubt: it may take an answer for one that came so long before it was read
 * (design, `inFlightMs`).
 */
const STALL_MS = 1_000;
/** Earlier than this after its deadline and grace a run does not settle, and verdicts on it are known. */
const IN_FLIGHT_MS = 1_000;

/**
 * Compares what players were told with the deadline that everybody heard and with the run's outcome.
 *
 * @param toldEndsAt the deadline of the closing that was told; `undefined` if nobody was told of one
 * @param answers in the order in which they were told
 */
export function auditAnswers(
  answers: readonly ToldAnswer[],
  outcome: Outcome,
  toldEndsAt: number | undefined,
): AnswerAudit {
  const wrong: string[] = [];
  const rows = new Map(outcome.answers.map((row) => [row.playerId, row]));
  if (toldEndsAt !== undefined && toldEndsAt !== outcome.endsAt) {
    wrong.push(
      `the outcome of ${outcome.questionId} ended ${outcome.endsAt - toldEndsAt} ms after the told deadline`,
    );
  }
  const firsts = new Map<string, Judgement>();
  for (const answer of answers) {
    const { player, answerId, purpose, judgement } = answer;
    const first = firsts.get(player);
    if (purpose === 'first') firsts.set(player, judgement);
    const what = faultOf(answer, { outcome, row: rows.get(answer.playerId), first });
    if (what !== undefined) wrong.push(`${player}, answer ${answerId}: ${what}`);
  }
  const counted = answers
    .filter(({ purpose }) => purpose !== 'repeat')
    .map(({ judgement }) => judgement.verdict);
  const countOf = (verdict: string) => counted.filter((one) => one === verdict).length;
  const [accepted, late, duplicate] = [countOf('accepted'), countOf('late'), countOf('duplicate')];
  const rowsAccepted = outcome.answers.filter(({ verdict }) => verdict === 'accepted').length;
  for (const [said, count] of [
    ['counts', outcome.counts.accepted],
    ['has', rowsAccepted],
  ] as const) {
    if (count === accepted) continue;
    wrong.push(
      `the outcome of ${outcome.questionId} ${said} ${count} accepted answers, players were told ${accepted}`,
    );
  }
  return { accepted, late, duplicate, other: counted.length - accepted - late - duplicate, wrong };
}

interface Known {
  readonly outcome: Outcome;
  readonly row: OutcomeAnswer | undefined;
  /** What the player was told of the first answer, when this is not the first. */
  readonly first: Judgement | undefined;
}

/** What is wrong about what a player was told; `undefined` for nothing. */
function faultOf(
  { purpose, judgement, answerId, sentAt, toldAt }: ToldAnswer,
  known: Known,
): string | undefined {
  const { outcome, row, first } = known;
  const { verdict, receivedAt, elapsedMs, lateByMs } = judgement;
  if (purpose === 'repeat') {
    const isForgotten = verdict === 'wrong_question' && receivedAt >= cutoffOf(outcome) + IN_FLIGHT_MS;
    if (isForgotten || (verdict !== 'accepted' && first?.verdict === verdict)) return undefined;
    const isSame =
      first?.verdict === verdict && first.receivedAt === receivedAt && first.elapsedMs === elapsedMs;
    return isSame ? undefined : `told ${textOf(judgement)} when repeated, ${textOf(first)} before`;
  }
  if (verdict === 'duplicate' || (purpose === 'second' && first?.verdict === 'accepted')) {
    const isThatOfFirst = first?.verdict === 'accepted' && first.receivedAt === receivedAt;
    if (verdict === 'duplicate' && isThatOfFirst) return undefined;
    return `a second answer was told ${textOf(judgement)}, the first ${textOf(first)}`;
  }
  if (receivedAt > toldAt)
    return `told to be received ${Math.ceil(receivedAt - toldAt)} ms after its verdict came`;
  if (receivedAt < sentAt - STALL_MS)
    return `told to be received ${Math.ceil(sentAt - receivedAt)} ms before it was sent`;
  // Asked again for so long that the next question was on.
  if (verdict === 'wrong_question' && receivedAt >= outcome.settledAt) return undefined;
  const deserved = expectedVerdict(outcome, receivedAt);
  if (verdict !== deserved) return `told ${textOf(judgement)}, and deserves ${deserved}`;
  if (verdict === 'late' && lateByMs !== receivedAt - outcome.endsAt) {
    return `told to be late by ${lateByMs} ms, and was by ${receivedAt - outcome.endsAt} ms`;
  }
  if (verdict !== 'accepted') return undefined;
  const isKept = row?.verdict === verdict && row.choice === answerId && row.receivedAt === receivedAt;
  return isKept ? undefined : `told ${textOf(judgement)}, and the outcome says ${JSON.stringify(row)}`;
}

const textOf = (judgement: Judgement | undefined): string =>
  judgement === undefined ? 'nothing' : `${judgement.verdict} at ${judgement.receivedAt}`;

import type { OutcomeRow } from '../burst/verdict.checks.js';
import { GATEWAY_MOVES_MS } from '../players/crowd.js';
import type { JudgedAnswer } from '../players/judged.answer.js';

/** When the gateway was stopped and went on. Instants on the server's clock, ms. */
export interface Stall {
  readonly fromAt: number;
  readonly untilAt: number;
}

/** An answer that came in time and was refused. */
export interface RefusedInTime {
  /** How long before the deadline it was handed over, ms. */
  readonly handedOverBeforeMs: number;
  /** How long after the deadline the gateway says to have received it, ms; null without a verdict. */
  readonly datedAfterMs: number | null;
}

const MAX_EXAMPLES = 10;

/**
 * A gateway takes a delay of up to 10 ms for a timer's inexactness and does not date back for it (`ReceiveClock`). A machine
 * that is measured on has shorter ones; one that others use has any (ms).
 */
const UNDATED_MS = { full: 3, smoke: 10 } as const;

/** What became of the answers to one question whose gateway was stopped at the deadline. */
export interface StallReport {
  readonly sent: number;
  /** What cannot be told from late (ms). */
  readonly marginMs: number;
  /** Handed over `marginMs` or more before the deadline. */
  readonly inTime: number;
  /** Of those in time: handed over while the gateway stood still. */
  readonly inTimeDuringStall: number;
  /** In time, but with another verdict than `accepted`, an error, or no acknowledgement at all. */
  readonly refused: number;
  /** In time, but not as an accepted answer in the outcome. */
  readonly missing: number;
  /** The first few that were refused. */
  readonly examples: readonly RefusedInTime[];
  readonly stall: Stall & { readonly beforeDeadlineMs: number; readonly lengthMs: number };
}

const tenths = (value: number): number => Math.round(value * 10) / 10;

/**
 * What cannot be told from late, ms.
 *
 * @param uncertaintyMs by how much the players' comparison with the gateway's clock may be wrong
 */
export const marginOf = (uncertaintyMs: number, isSmoke: boolean): number =>
  uncertaintyMs + GATEWAY_MOVES_MS + UNDATED_MS[isSmoke ? 'smoke' : 'full'];

/** @param marginMs what cannot be told from late */
export function checkStall(
  answers: readonly JudgedAnswer[],
  endsAt: number,
  outcome: readonly OutcomeRow[],
  stall: Stall,
  marginMs: number,
): StallReport {
  const accepted = new Set(
    outcome.flatMap(({ playerId, choice, verdict }) =>
      verdict === 'accepted' ? [`${playerId} ${JSON.stringify(choice)}`] : [],
    ),
  );
  const inTime = answers.filter(({ handedOverAt }) => handedOverAt <= endsAt - marginMs);
  const isAccepted = ({ tell }: JudgedAnswer) => tell.kind === 'verdict' && tell.verdict === 'accepted';
  const refused = inTime.filter((answer) => !isAccepted(answer));
  const isThere = ({ playerId, choice }: JudgedAnswer) =>
    accepted.has(`${playerId} ${JSON.stringify(choice)}`);
  return {
    sent: answers.length,
    marginMs: tenths(marginMs),
    inTime: inTime.length,
    inTimeDuringStall: inTime.filter(
      ({ handedOverAt }) => handedOverAt >= stall.fromAt && handedOverAt <= stall.untilAt,
    ).length,
    refused: refused.length,
    missing: inTime.filter((answer) => !isThere(answer)).length,
    examples: refused.slice(0, MAX_EXAMPLES).map(({ handedOverAt, tell }) => ({
      handedOverBeforeMs: tenths(endsAt - handedOverAt),
      datedAfterMs: tell.kind === 'verdict' ? tell.receivedAt - endsAt : null,
    })),
    stall: {
      fromAt: tenths(stall.fromAt),
      untilAt: tenths(stall.untilAt),
      beforeDeadlineMs: tenths(endsAt - stall.fromAt),
      lengthMs: tenths(stall.untilAt - stall.fromAt),
    },
  };
}

/**
 * How long before the deadline the gateway is stopped in each question, ms: from nearly the whole stall to nearly none
 * of it, so that the deadline falls into its every part.
 */
export function stallLeads(questions: number, stallMs: number): number[] {
  const edgeMs = stallMs / 10;
  const stepMs = questions > 1 ? (stallMs - 2 * edgeMs) / (questions - 1) : 0;
  return Array.from({ length: questions }, (_, i) => stallMs - edgeMs - i * stepMs);
}

import type { OwnAnswer, QuizbellError, Snapshot } from '#libs/client';

/** The server's judgement of an answer, as a player is told it. All times are integer milliseconds. */
export type AnswerFacts =
  /** `leftMs`: what was left of the question then; 0 within the grace time, null where nobody knows any more. */
  | { readonly kind: 'accepted'; readonly elapsedMs: number; readonly leftMs: number | null }
  | { readonly kind: 'late'; readonly lateByMs: number | null }
  /** The first answer stands; `elapsedMs` is its time. */
  | { readonly kind: 'duplicate'; readonly elapsedMs: number }
  | { readonly kind: 'not_open' | 'paused' | 'wrong_question' | 'not_eligible' }
  /** A verdict of a newer server. */
  | { readonly kind: 'unknown' };

type Judged = Pick<OwnAnswer, 'verdict' | 'elapsedMs' | 'lateByMs' | 'runId'>;
type Run = Pick<Snapshot, 'runId' | 'durationMs'>;

/** What was left when the answer came, by the deadline that holds now; null after a shortening or in another run. */
function leftMs(answer: Judged, run: Run): number | null {
  if (run.durationMs === null || run.runId !== answer.runId) return null;
  const left = run.durationMs - answer.elapsedMs;
  return left >= 0 ? left : null;
}

/** What to say about an answer to `run`. */
export function answerFacts(answer: Judged, run: Run): AnswerFacts {
  const { verdict, elapsedMs } = answer;
  switch (verdict) {
    case 'accepted':
      return { kind: 'accepted', elapsedMs, leftMs: leftMs(answer, run) };
    case 'late':
      return { kind: 'late', lateByMs: answer.lateByMs ?? null };
    case 'duplicate':
      return { kind: 'duplicate', elapsedMs };
    case 'not_open':
    case 'paused':
    case 'wrong_question':
    case 'not_eligible':
      return { kind: verdict };
    default:
      verdict satisfies never;
      return { kind: 'unknown' };
  }
}

/** Why an answer got no verdict, as far as a player can do something about it. */
export type AnswerTrouble = 'slow-down' | 'try-again' | 'refused';

export function answerTrouble(error: Pick<QuizbellError, 'code' | 'retryable'>): AnswerTrouble {
  if (error.code === 'rate_limited') return 'slow-down';
  return error.retryable ? 'try-again' : 'refused';
}

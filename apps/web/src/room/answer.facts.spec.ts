import { describe, expect, it } from '@jest/globals';
import type { OwnAnswer, Snapshot } from '#libs/client';
import { answerFacts, answerTrouble } from './answer.facts.js';

const RUN = { runId: 7, durationMs: 20_000 } as Pick<Snapshot, 'runId' | 'durationMs'>;

function judged(fields: Record<string, unknown>): OwnAnswer {
  return { runId: 7, questionId: 'q', choice: 'a', receivedAt: 1, elapsedMs: 0, ...fields } as OwnAnswer;
}

describe('what a player is told about an answer', () => {
  it.each([
    [
      { verdict: 'accepted', elapsedMs: 19_688 },
      { kind: 'accepted', elapsedMs: 19_688, leftMs: 312 },
    ],
    [
      { verdict: 'accepted', elapsedMs: 20_000 },
      { kind: 'accepted', elapsedMs: 20_000, leftMs: 0 },
    ],
    [
      { verdict: 'accepted', elapsedMs: 25_000 },
      { kind: 'accepted', elapsedMs: 25_000, leftMs: null },
    ],
    [
      { verdict: 'accepted', elapsedMs: 5, runId: 6 },
      { kind: 'accepted', elapsedMs: 5, leftMs: null },
    ],
    [
      { verdict: 'late', elapsedMs: 20_000, lateByMs: 42 },
      { kind: 'late', lateByMs: 42 },
    ],
    [
      { verdict: 'late', elapsedMs: 20_000 },
      { kind: 'late', lateByMs: null },
    ],
    [
      { verdict: 'duplicate', elapsedMs: 900 },
      { kind: 'duplicate', elapsedMs: 900 },
    ],
    [{ verdict: 'not_open' }, { kind: 'not_open' }],
    [{ verdict: 'paused' }, { kind: 'paused' }],
    [{ verdict: 'wrong_question' }, { kind: 'wrong_question' }],
    [{ verdict: 'not_eligible' }, { kind: 'not_eligible' }],
    [{ verdict: 'of-a-newer-server' }, { kind: 'unknown' }],
  ])('%j', (fields, facts) => {
    expect(answerFacts(judged(fields), RUN)).toEqual(facts);
  });

  it('that got no verdict is told apart by what to do', () => {
    expect(answerTrouble({ code: 'rate_limited', retryable: true })).toBe('slow-down');
    expect(answerTrouble({ code: 'unavailable', retryable: true })).toBe('try-again');
    expect(answerTrouble({ code: 'forbidden', retryable: false })).toBe('refused');
  });
});

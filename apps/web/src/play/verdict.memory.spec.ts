import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AnswerResult } from '#libs/client';
import { memoryStore } from '../room/seat.storage.js';
import { VerdictMemory } from './verdict.memory.js';

const LATE = {
  verdict: 'late',
  receivedAt: 9,
  elapsedMs: 20_000,
  lateByMs: 42,
  questionId: 'q',
  choice: 'a',
} as AnswerResult;

describe('the last verdict of a tab', () => {
  it('is there again after a reload, for its run only', () => {
    const tab = memoryStore();
    new VerdictMemory('123456', tab).keep(LATE, 7);
    const again = new VerdictMemory('123456', tab);
    expect(again.of(7)).toEqual({ ...LATE, runId: 7 });
    expect(again.of(8)).toBeNull();
    expect(again.of(null)).toBeNull();
    expect(new VerdictMemory('999999', tab).of(7)).toBeNull();
    again.forget();
    expect(again.of(7)).toBeNull();
  });

  it('is none where something else is stored', () => {
    const half = fc.record(
      { runId: fc.constant(7), verdict: fc.constantFrom('late', 'x'), receivedAt: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          half.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const tab = memoryStore();
          tab.setItem('quizbell.verdict.123456', text);
          expect(new VerdictMemory('123456', tab).of(7)).toBeNull();
        },
      ),
    );
  });
});

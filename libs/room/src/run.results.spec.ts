import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { durationMs, epochMs, type Verdict, version } from '#libs/timer-core';
import { isSameJson, type Outcome, type OutcomeAnswer } from './outcome.js';
import { MAX_CHOICES, resultsOf } from './run.results.js';

const AT = epochMs(1_700_000_000_000);

const answerOf = (choice: unknown, verdict: Verdict = 'accepted', i = 0): OutcomeAnswer => ({
  playerId: `p_${i}`,
  name: 'Grace Hopper',
  choice,
  verdict,
  receivedAt: AT,
  elapsedMs: durationMs(1),
});

const outcomeOf = (answers: readonly OutcomeAnswer[], more: Partial<Outcome> = {}): Outcome => ({
  roomId: 'r',
  questionId: 'q1',
  runId: version(AT),
  opensAt: AT,
  endsAt: AT,
  closedAt: AT,
  reason: 'expired',
  durationMs: durationMs(1),
  graceMs: durationMs(0),
  pausedMs: durationMs(0),
  settledAt: AT,
  counts: {
    accepted: answers.filter(({ verdict }) => verdict === 'accepted').length,
    late: 0,
    paused: 0,
    not_open: 0,
  },
  answers,
  timeline: [{ event: 'verdict', at: AT, playerId: 'p_0', verdict: 'accepted' }],
  ...more,
});
const choicesOf = (...choices: unknown[]) =>
  resultsOf(outcomeOf(choices.map((choice) => answerOf(choice)))).choices;

describe('the results of a run', () => {
  it('count accepted answers by choice, the most frequent first, then by text', () => {
    const answers = ['b', 'a', 'c', 'c', 'b', 'late'].map((choice, i) =>
      answerOf(choice, choice === 'late' ? 'late' : 'accepted', i),
    );
    expect(resultsOf(outcomeOf(answers, { correct: 'b', reason: 'stopped' }))).toEqual({
      roomId: 'r',
      questionId: 'q1',
      runId: AT,
      reason: 'stopped',
      closedAt: AT,
      answered: 5,
      correct: 'b',
      choices: [
        { choice: 'b', count: 2 },
        { choice: 'c', count: 2 },
        { choice: 'a', count: 1 },
      ],
    });
  });

  it('of a run that nobody answered, or without a right answer, are as empty', () => {
    const empty = resultsOf(outcomeOf([]));
    expect(empty).toMatchObject({ answered: 0, choices: [] });
    expect(empty).not.toHaveProperty('correct');
    expect(empty).not.toHaveProperty('otherChoices');
    expect(resultsOf(outcomeOf([], { correct: null }))).toMatchObject({ correct: null });
  });

  it('name nobody', () => {
    expect(JSON.stringify(resultsOf(outcomeOf([answerOf('a')])))).not.toMatch(/Grace|p_0/);
  });

  it('take what is the same as JSON for one choice, and a text for none that looks like it', () => {
    expect(choicesOf({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }, '1', 1, -0, 0)).toEqual([
      { choice: 0, count: 2 },
      { choice: { a: 1, b: [{ c: 2, d: 3 }] }, count: 2 },
      { choice: '1', count: 1 },
      { choice: 1, count: 1 },
    ]);
    expect(choicesOf([1, 2], [2, 1])).toHaveLength(2);
    const proto = choicesOf(JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":2}'), {});
    expect(proto.map(({ choice }) => JSON.stringify(choice))).toEqual([
      '{"__proto__":1}',
      '{"__proto__":2}',
      '{}',
    ]);
  });

  it('list each choice once, whatever it is, and lose no answer', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 30 }), (made) => {
        const values = [...made, ...made.slice(0, 7)].map(
          (value) => JSON.parse(JSON.stringify(value)) as unknown,
        );
        const choices = choicesOf(...values);
        expect(choices.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
        for (const { choice, count } of choices) {
          expect(values.filter((value) => isSameJson(value, choice))).toHaveLength(count);
        }
      }),
    );
  });

  it('are bounded: of many choices the rest is only counted', () => {
    const many = Array.from({ length: 3 * MAX_CHOICES }, (_, i) => `text ${i % (2 * MAX_CHOICES)}`);
    const { choices, answered, otherChoices } = resultsOf(outcomeOf(many.map((choice) => answerOf(choice))));
    expect(answered).toBe(3 * MAX_CHOICES);
    expect(choices.map(({ count }) => count)).toEqual(Array.from({ length: MAX_CHOICES }, () => 2));
    expect(otherChoices).toBe(MAX_CHOICES);
  });
});

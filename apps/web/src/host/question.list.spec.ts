import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LANGUAGE_CODES, LANGUAGES } from '../i18n/languages.js';
import {
  moved,
  newQuestion,
  nextAfter,
  problemsOf,
  type QuizQuestion,
  sampleQuestions,
  startOf,
  tidied,
  withQuestion,
} from './question.list.js';

const question = (id: string, more: Partial<QuizQuestion> = {}): QuizQuestion => ({
  id,
  text: `Question ${id}?`,
  choices: [
    { id: 'a', text: 'Yes' },
    { id: 'b', text: 'No' },
  ],
  correct: 'b',
  seconds: 20,
  leadInSeconds: 3,
  graceSeconds: 0,
  ...more,
});

describe('the samples', () => {
  it.each(LANGUAGE_CODES)('can all be played in %s, and their right answers exist', (code) => {
    const samples = sampleQuestions(LANGUAGES[code].messages);
    expect(samples).toHaveLength(3);
    for (const sample of samples) {
      expect(problemsOf(sample)).toBeNull();
      expect(sample.choices.map(({ id }) => id)).toContain(sample.correct);
    }
  });

  it('have the same right answers in every language', () => {
    const right = LANGUAGE_CODES.map((code) =>
      sampleQuestions(LANGUAGES[code].messages).map(({ choices, correct }) => [choices.length, correct]),
    );
    for (const one of right) expect(one).toEqual(right[0]);
  });
});

describe('a question that is started', () => {
  it('tells players its content in milliseconds and choices, and the server what is right', () => {
    expect(startOf(question('q', { graceSeconds: 2 }))).toEqual({
      questionId: 'q',
      durationMs: 20_000,
      leadInMs: 3_000,
      graceMs: 2_000,
      content: {
        text: 'Question q?',
        choices: [
          { id: 'a', text: 'Yes' },
          { id: 'b', text: 'No' },
        ],
      },
      correct: 'b',
    });
  });

  it('has no right answer when it is a poll', () => {
    expect(startOf(question('q', { correct: null }))).not.toHaveProperty('correct');
  });
});

describe('what somebody typed', () => {
  it('loses empty choices and keeps the right one right, wherever it then stands', () => {
    const typed = question('q', {
      text: '  Why? ',
      choices: [
        { id: 'a', text: '  ' },
        { id: 'n0', text: ' Because ' },
        { id: 'b', text: 'No idea' },
      ],
      correct: 'n0',
    });
    expect(tidied(typed)).toMatchObject({
      text: 'Why?',
      choices: [
        { id: 'a', text: 'Because' },
        { id: 'b', text: 'No idea' },
      ],
      correct: 'a',
    });
  });

  it('is a poll when the right choice was left empty', () => {
    const choices = [...question('q').choices, { id: 'c', text: '' }];
    expect(tidied(question('q', { choices, correct: 'c' })).correct).toBeNull();
  });

  it('has unique ids of choices, and the right one is one of them or none', () => {
    const typed = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'n0', 'n1'), text: fc.string() }));
    fc.assert(
      fc.property(typed, fc.constantFrom('a', 'n1', null), (choices, correct) => {
        const tidy = tidied(question('q', { choices, correct }));
        const ids = tidy.choices.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect([...ids, null]).toContain(tidy.correct);
      }),
    );
  });

  it('is refused for what it lacks', () => {
    expect(problemsOf(tidied(newQuestion('q')))).toMatchObject({ text: 'missing', choices: 'missing' });
    expect(problemsOf(question('q'))).toBeNull();
  });

  it('is refused when a time is outside what the server takes', () => {
    expect(problemsOf(question('q', { seconds: 0 }))).toMatchObject({ seconds: true, leadInSeconds: false });
    expect(problemsOf(question('q', { leadInSeconds: 61 }))).toMatchObject({ leadInSeconds: true });
    expect(problemsOf(question('q', { graceSeconds: 11 }))).toMatchObject({ graceSeconds: true });
    for (const seconds of [Number.NaN, 1.5, -3]) {
      expect(problemsOf(question('q', { seconds }))).toMatchObject({ seconds: true });
    }
    expect(problemsOf(question('q', { seconds: 86_400, leadInSeconds: 0, graceSeconds: 10 }))).toBeNull();
  });

  it('is refused when its bytes, not its characters, are too many', () => {
    expect(problemsOf(question('q', { text: 'e'.repeat(4_000) }))).toBeNull();
    expect(problemsOf(question('q', { text: '€'.repeat(4_000) }))).toMatchObject({ text: 'too-long' });
  });
});

describe('the list', () => {
  const list = ['1', '2', '3'].map((id) => question(id));
  const ids = (questions: readonly QuizQuestion[]) => questions.map(({ id }) => id).join('');

  it('moves a question by one place, and not beyond its ends', () => {
    expect(ids(moved(list, '2', -1))).toBe('213');
    expect(ids(moved(list, '2', 1))).toBe('132');
    expect(ids(moved(list, '1', -1))).toBe('123');
    expect(ids(moved(list, '3', 1))).toBe('123');
    expect(ids(moved(list, 'x', 1))).toBe('123');
  });

  it('replaces a question in its place and adds a new one at the end', () => {
    expect(withQuestion(list, question('2', { text: 'New?' }))[1]?.text).toBe('New?');
    expect(ids(withQuestion(list, question('4')))).toBe('1234');
  });

  it('goes on with the next one, and from nowhere with the first', () => {
    expect([nextAfter(list, '1'), nextAfter(list, '3'), nextAfter(list, null)].map((q) => q?.id)).toEqual([
      '2',
      undefined,
      '1',
    ]);
  });
});

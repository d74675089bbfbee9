import { describe, expect, it } from '@jest/globals';
import { type AnswerResult, QuizbellError, type Snapshot } from '#libs/client';
import { de } from '../i18n/de.js';
import { en } from '../i18n/en.js';
import { es } from '../i18n/es.js';
import { type AnswerSituation, answerPanel, canAnswer, markedChoice } from './answer.panel.js';

const question = (fields: object = {}) =>
  ({ runId: 7, questionId: 'q', phase: 'open', durationMs: 20_000, ...fields }) as Snapshot;
const judged = (fields: object) =>
  ({ questionId: 'q', choice: 'a', receivedAt: 1, elapsedMs: 4_000, ...fields }) as AnswerResult;
const situation = (fields: Partial<AnswerSituation> = {}): AnswerSituation => ({
  question: question(),
  connection: 'joined',
  isPad: false,
  pendingChoice: null,
  standing: null,
  refusedChange: null,
  error: null,
  ...fields,
});
const refusal = (code: string, retryable: boolean) =>
  new QuizbellError({ code, message: '', retryable } as never);
const ACCEPTED = judged({ verdict: 'accepted' });
const CHANGEABLE = question({ mayChangeAnswer: true });

describe('what is said about an answer', () => {
  it.each([
    ['Tap your answer. It is sent at once.', {}],
    ['Tap your answer. You may change it until the time is up.', { question: CHANGEABLE }],
    ['Look at the big screen or at your host for this question.', { isPad: true }],
    [
      'The host has paused the question. The clock stands still.',
      { question: question({ phase: 'paused' }) },
    ],
    ['No answer of yours counts for this question.', { question: question({ phase: 'closed' }) }],
    ['Sending … | Your answer is on its way. Its verdict is not known yet.', { pendingChoice: 'a' }],
    [
      'Not sent yet | No connection: your answer goes out as soon as you are back, and counts if it is in time then.',
      { pendingChoice: 'a', connection: 'reconnecting' as const },
    ],
    [
      'It counts! | 312 ms to spare | Answered after 19.7 s',
      { standing: judged({ verdict: 'accepted', elapsedMs: 19_688 }) },
    ],
    [
      'It counts! | Just within the grace time | Answered after 20 s',
      { standing: judged({ verdict: 'accepted', elapsedMs: 20_000 }) },
    ],
    ['It counts! | Answered after 25 s', { standing: judged({ verdict: 'accepted', elapsedMs: 25_000 }) }],
    [
      'It counts! | 16 s to spare | Answered after 4 s | You may tap another one until the time is up.',
      { question: CHANGEABLE, standing: ACCEPTED },
    ],
    [
      'Too late | Your answer came 42 ms after the deadline.',
      { standing: judged({ verdict: 'late', lateByMs: 42 }) },
    ],
    ['Too late | Your answer came after the deadline.', { standing: judged({ verdict: 'late' }) }],
    [
      'Too late | Your answer came 42 ms after the deadline. | Your earlier answer stands.',
      { standing: ACCEPTED, refusedChange: judged({ verdict: 'late', lateByMs: 42 }) },
    ],
    ['Already answered | Your first answer stands.', { standing: judged({ verdict: 'duplicate' }) }],
    [
      'Not open | Your answer came before the question opened, or after it was stopped. It does not count.',
      { standing: judged({ verdict: 'not_open' }) },
    ],
    [
      'Paused | Your answer came while the question was paused. It does not count; answer again when it goes on.',
      { standing: judged({ verdict: 'paused' }) },
    ],
    [
      'Another question | Your answer was to a question that is over.',
      { standing: judged({ verdict: 'wrong_question' }) },
    ],
    [
      'Watching only | You take no part in this question. The next one is yours.',
      { standing: judged({ verdict: 'not_eligible' }) },
    ],
    [
      'No verdict | That was too fast for the server. Wait a moment, then tap again.',
      { error: refusal('rate_limited', true) },
    ],
    [
      'No verdict | The server has not judged your answer. Please tap again.',
      { error: refusal('unavailable', true) },
    ],
    ['No verdict | The server does not take your answer.', { error: refusal('forbidden', false) }],
  ])('%s', (text, fields) => {
    const { title, lines } = answerPanel(situation(fields), en);
    // Intl puts a space of its own between a number and its unit in some versions.
    expect([title, ...lines].join(' | ').replace(/\s/g, ' ')).toBe(text);
  });

  it('says each thing in every language without a hole', () => {
    const standing = judged({ verdict: 'late', lateByMs: 42 });
    for (const messages of [de, es]) {
      const { title, lines } = answerPanel(situation({ standing }), messages);
      expect(title).not.toBe('');
      expect(lines.join(' ')).toMatch(/42/);
      expect(lines.join(' ')).not.toMatch(/undefined|null|NaN/);
    }
  });

  it('is news only when something happened to the answer', () => {
    expect(answerPanel(situation(), en).isNews).toBe(false);
    expect(answerPanel(situation({ pendingChoice: 'a' }), en).isNews).toBe(false);
    expect(answerPanel(situation({ standing: ACCEPTED }), en).isNews).toBe(true);
  });
});

describe('a tap', () => {
  it.each([
    [true, {}],
    [false, { pendingChoice: 'a' }],
    [false, { question: question({ phase: 'lead-in' }) }],
    [false, { question: question({ phase: 'paused' }) }],
    [false, { question: question({ phase: 'closed' }) }],
    [false, { standing: ACCEPTED }],
    [true, { standing: ACCEPTED, question: CHANGEABLE }],
    [false, { standing: judged({ verdict: 'duplicate' }), question: CHANGEABLE }],
    [false, { standing: judged({ verdict: 'not_eligible' }) }],
    [true, { standing: judged({ verdict: 'paused' }) }],
    [true, { standing: judged({ verdict: 'not_open' }) }],
    [true, { error: refusal('unavailable', true) }],
  ])('is sent (%s) in %j', (isSent, fields) => {
    expect(canAnswer(situation(fields))).toBe(isSent);
  });

  it.each([
    [null, {}],
    ['b', { pendingChoice: 'b', standing: ACCEPTED }],
    ['a', { standing: ACCEPTED }],
    ['a', { standing: judged({ verdict: 'late' }) }],
    [null, { standing: judged({ verdict: 'duplicate' }) }],
    [null, { standing: judged({ verdict: 'accepted', choice: { free: 'text' } }) }],
  ])('marks %s as the own choice in %j', (choice, fields) => {
    expect(markedChoice(situation(fields))).toBe(choice);
  });
});

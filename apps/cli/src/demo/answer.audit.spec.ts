import { describe, expect, it } from '@jest/globals';
import { type Outcome, outcomeSchema } from '#libs/protocol';
import { auditAnswers, type ToldAnswer } from './answer.audit.js';

const OPENS_AT = 1_000;
const ENDS_AT = 6_000;

const accepted = {
  playerId: 'p-ann',
  choice: '1.1',
  verdict: 'accepted',
  receivedAt: 3_000,
  elapsedMs: 2_000,
};
const outcomeWith = (answers: object[], more: object = {}): Outcome =>
  outcomeSchema.parse({
    roomId: 'room',
    questionId: 'q',
    runId: 1,
    opensAt: OPENS_AT,
    endsAt: ENDS_AT,
    closedAt: ENDS_AT,
    reason: 'expired',
    durationMs: 5_000,
    graceMs: 0,
    pausedMs: 0,
    settledAt: 7_000,
    counts: { accepted: 1, late: 0, paused: 0, not_open: 0 },
    answers: answers.map((row) => ({ name: 'Ann', ...row })),
    timeline: [],
    ...more,
  });
/** As the schema would give it: instants and durations are branded there. */
const judged = (fields: object): ToldAnswer['judgement'] => fields as ToldAnswer['judgement'];
const told = (fields: Partial<ToldAnswer['judgement']> = {}, more: Partial<ToldAnswer> = {}): ToldAnswer => {
  const { verdict, receivedAt, elapsedMs } = accepted;
  const judgement = judged({ verdict, receivedAt, elapsedMs, ...fields });
  const [sentAt, toldAt] = [judgement.receivedAt - 1, judgement.receivedAt + 1];
  const who = { player: 'ann', playerId: 'p-ann', answerId: '1.1', purpose: 'first' } as const;
  return { ...who, judgement, sentAt, toldAt, ...more };
};
const ms = (value: number) => value as ToldAnswer['judgement']['receivedAt'];
const late = {
  playerId: 'p-bob',
  choice: '1.1',
  verdict: 'late',
  receivedAt: 6_100,
  elapsedMs: 5_000,
  lateByMs: 100,
};
const toldLate = (fields: object = {}): ToldAnswer => ({
  ...told({ verdict: 'late', receivedAt: ms(6_100), lateByMs: 100, ...fields } as object),
  player: 'bob',
  playerId: 'p-bob',
});

describe('the audit of answers', () => {
  it('finds nothing where all verdicts, times and the outcome agree, and counts them', () => {
    const answers = [
      told(),
      told({ verdict: 'duplicate' }, { answerId: '1.2', purpose: 'second' }),
      told({}, { purpose: 'repeat' }),
      toldLate(),
    ];
    expect(auditAnswers(answers, outcomeWith([accepted, late]), ENDS_AT)).toEqual({
      accepted: 1,
      late: 1,
      duplicate: 1,
      other: 0,
      wrong: [],
    });
  });

  const outcome = outcomeWith([accepted]);
  const wrongs: [
    what: string,
    answers: ToldAnswer[],
    outcome: Outcome,
    toldEndsAt: number,
    finding: RegExp,
  ][] = [
    [
      'an answer that counts at the deadline',
      [told({ receivedAt: ms(6_000) })],
      outcome,
      6_000,
      /deserves late/,
    ],
    [
      'an answer in time that is late',
      [told(), toldLate({ receivedAt: 5_999 })],
      outcome,
      6_000,
      /deserves accepted/,
    ],
    [
      'a lateness that is not from the deadline',
      [told(), toldLate({ lateByMs: 99 })],
      outcome,
      6_000,
      /late by 99 ms/,
    ],
    ['an accepted answer that is gone', [told()], outcomeWith([]), 6_000, /the outcome says undefined/],
    [
      'another answer than the accepted one',
      [told({}, { answerId: '1.9' })],
      outcome,
      6_000,
      /the outcome says/,
    ],
    [
      'a count that is not that of the players',
      [told()],
      outcomeWith([accepted], { counts: { accepted: 2, late: 0, paused: 0, not_open: 0 } }),
      6_000,
      /counts 2 accepted/,
    ],
    [
      'an accepted answer that nobody was told of',
      [],
      outcome,
      6_000,
      /has 1 accepted answers, players were told 0/,
    ],
    [
      'a deadline that is not the one that was told',
      [told()],
      outcome,
      5_900,
      /100 ms after the told deadline/,
    ],
    ['an instant after the verdict', [told({}, { toldAt: 2_999 })], outcome, 6_000, /1 ms after its verdict/],
    [
      'an instant long before the answer was sent',
      [told({}, { sentAt: 4_001 })],
      outcome,
      6_000,
      /before it was sent/,
    ],
    [
      'a second answer that counts',
      [told(), told({ receivedAt: ms(3_500) }, { answerId: '1.2', purpose: 'second' })],
      outcome,
      6_000,
      /a second answer was told accepted/,
    ],
    [
      'a duplicate with the times of no answer',
      [told(), told({ verdict: 'duplicate', receivedAt: ms(3_001) }, { answerId: '1.2', purpose: 'second' })],
      outcome,
      6_000,
      /a second answer was told duplicate/,
    ],
    [
      'a repeat that is told something else',
      [told(), told({ receivedAt: ms(3_001) }, { purpose: 'repeat' })],
      outcome,
      6_000,
      /when repeated/,
    ],
  ];
  it.each(wrongs)('finds %s', (_, answers, seen, toldEndsAt, finding) => {
    expect(auditAnswers(answers, seen, toldEndsAt).wrong.join('\n')).toMatch(finding);
  });

  it('lets a busy gateway take an answer for one that came up to a second earlier', () => {
    expect(auditAnswers([told({}, { sentAt: 3_999 })], outcome, ENDS_AT).wrong).toEqual([]);
  });
});

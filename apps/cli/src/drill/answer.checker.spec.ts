import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Judgement, type Outcome, type OwnAnswer, outcomeSchema } from '#libs/protocol';
import { AnswerChecker, type OutcomeRead, type SentAnswer } from './answer.checker.js';
import type { Violation } from './fault.tally.js';

const ENDS_AT = 5_000;
const GRACE_MS = 300;
const CUT = ENDS_AT + GRACE_MS;
const LONG_AFTER = 60_000;

const sent: SentAnswer = { roomId: 'room', questionId: 'q', runId: 1_000, playerId: 'ann', answerId: 'a' };
const second: SentAnswer = { ...sent, answerId: 'b' };
const judged = (verdict: Judgement['verdict'], receivedAt: number, more: object = {}): Judgement =>
  ({ verdict, receivedAt, elapsedMs: 2_000, ...more }) as Judgement;
const accepted = judged('accepted', 3_000);
const row = { playerId: 'ann', name: 'Ann', choice: 'a', ...accepted };
const outcomeWith = (answers: object[], more: object = {}): Outcome =>
  outcomeSchema.parse({
    roomId: 'room',
    questionId: 'q',
    runId: 1_000,
    opensAt: 1_000,
    endsAt: ENDS_AT,
    closedAt: ENDS_AT,
    reason: 'expired',
    durationMs: 4_000,
    graceMs: GRACE_MS,
    pausedMs: 0,
    settledAt: 6_300,
    counts: { accepted: 1, late: 0, paused: 0, not_open: 0 },
    answers,
    timeline: [],
    ...more,
  });

describe('the checker of answers', () => {
  let checker: AnswerChecker;
  let violations: Violation[];
  let verdicts: string[];
  let unanswered: number;
  let outcomes: boolean[];

  const kinds = () => violations.map(({ kind }) => kind);
  const read = (what: OutcomeRead, now = LONG_AFTER) => {
    const wanted = checker.outcomesToRead(now, 10);
    for (const one of wanted) checker.read(one, what, now);
    return wanted.length;
  };
  const readOutcome = (answers: object[], more: object = {}) =>
    read({ kind: 'outcome', outcome: outcomeWith(answers, more) });
  const tell = (judgement: Judgement, { of = sent, sentAt = judgement.receivedAt - 1 } = {}) => {
    checker.asked(of, sentAt);
    checker.told(of, judgement);
  };
  const close = () => checker.closed({ ...sent, endsAt: ENDS_AT, graceMs: GRACE_MS, reason: 'expired' });
  /** Of three runs one is read twice: the third. */
  const playTwoOthers = () => {
    for (const runId of [1, 2]) {
      checker.sent({ ...sent, runId }, ENDS_AT);
      checker.gaveUp({ ...sent, runId });
    }
    readOutcome([]);
    unanswered = 0;
  };

  beforeEach(() => {
    violations = [];
    verdicts = [];
    unanswered = 0;
    outcomes = [];
    checker = new AnswerChecker({
      onViolation: (violation) => violations.push(violation),
      onAnswered: (_, verdict) => verdicts.push(verdict),
      onUnanswered: () => {
        unanswered += 1;
      },
      onOutcome: (_, { afterDataLoss }) => outcomes.push(afterDataLoss),
    });
  });

  it('finds nothing where the verdicts fit the deadline, each other and the outcome', () => {
    checker.sent(sent, ENDS_AT);
    checker.sent(second, ENDS_AT);
    tell(accepted);
    tell(judged('duplicate', 3_000), { of: second });
    tell(accepted);
    close();
    expect(readOutcome([row])).toBe(1);
    expect([violations, verdicts, outcomes, checker.unread]).toEqual([
      [],
      ['accepted', 'duplicate'],
      [false],
      0,
    ]);
  });

  it('reads no outcome while an answer has no verdict, nor before it can be settled', () => {
    checker.sent(sent, ENDS_AT);
    expect(checker.outcomesToRead(LONG_AFTER, 10)).toHaveLength(0);
    tell(judged('late', CUT));
    close();
    expect(checker.outcomesToRead(CUT + 1_000, 10)).toHaveLength(0);
    expect(checker.outcomesToRead(CUT + 1_500, 10)).toHaveLength(1);
  });

  it('lets an answer without a verdict have any row, and counts it', () => {
    checker.sent(sent, ENDS_AT);
    checker.gaveUp(sent);
    readOutcome([row]);
    expect([violations, unanswered]).toEqual([[], 1]);
  });

  describe('lateAccepted', () => {
    it('is an accepted answer at the cut that clients heard, whichever came first', () => {
      for (const isClosedFirst of [true, false]) {
        const of = { ...sent, runId: isClosedFirst ? 1 : 2 };
        const closing = { ...of, endsAt: ENDS_AT, graceMs: GRACE_MS, reason: 'expired' };
        checker.sent(of, ENDS_AT);
        if (isClosedFirst) checker.closed(closing);
        tell(judged('accepted', CUT), { of });
        checker.closed(closing);
      }
      expect(kinds()).toEqual(['lateAccepted', 'lateAccepted']);
    });

    it('is not one in the last millisecond of the grace', () => {
      const last = judged('accepted', CUT - 1);
      checker.sent(sent, ENDS_AT);
      tell(last);
      close();
      readOutcome([{ ...row, ...last }]);
      expect(violations).toEqual([]);
    });

    it("is an accepted answer at the outcome's cut, though nobody heard a closing", () => {
      const late = judged('accepted', CUT);
      checker.sent(sent, ENDS_AT);
      tell(late);
      readOutcome([{ ...row, ...late }]);
      expect(kinds()).toEqual(['lateAccepted']);
    });

    it("is what a player was told past the outcome's cut, though the outcome does not count it", () => {
      checker.sent(sent, ENDS_AT);
      tell(judged('accepted', CUT));
      readOutcome([{ ...row, ...judged('late', CUT) }]);
      expect(kinds()).toContain('lateAccepted');
    });

    it('is a row of the outcome of which nobody was told', () => {
      checker.sent(sent, ENDS_AT);
      checker.gaveUp(sent);
      readOutcome([{ ...row, receivedAt: CUT }]);
      expect(kinds()).toEqual(['lateAccepted']);
    });

    it('is an answer that was sent more than a second late, whatever the server says of it', () => {
      checker.sent(sent, ENDS_AT);
      close();
      tell(judged('accepted', CUT - 1), { sentAt: CUT + 1_000 });
      expect(kinds()).toEqual(['lateAccepted']);
    });

    it('is not one whose first sending was in time, and whose acknowledgement was lost', () => {
      checker.sent(sent, ENDS_AT);
      checker.asked(sent, CUT - 2);
      close();
      tell(judged('accepted', CUT - 1), { sentAt: CUT + 1_000 });
      readOutcome([{ ...row, ...judged('accepted', CUT - 1) }]);
      expect(kinds()).toEqual([]);
    });
  });

  it('finds an answer that was received in time and refused', () => {
    checker.sent(sent, ENDS_AT);
    checker.sent(second, ENDS_AT);
    tell(judged('late', CUT - 1));
    tell(judged('wrong_question', 3_000), { of: second });
    readOutcome([{ ...row, ...judged('late', CUT - 1) }]);
    expect(kinds()).toEqual(['refusedInTime', 'refusedInTime']);
  });

  describe('lostAnswers', () => {
    beforeEach(() => {
      checker.sent(sent, ENDS_AT);
      tell(accepted);
    });

    it('are accepted and not in the outcome; that it does not tell of a loss is worse', () => {
      readOutcome([]);
      expect(kinds()).toEqual(['lostAnswers', 'untoldLoss']);
    });

    it('are told apart where the outcome says that writes may be lost', () => {
      readOutcome([], { afterDataLoss: true });
      expect([kinds(), outcomes]).toEqual([['lostAnswers'], [true]]);
    });

    it.each([
      ['another answer', { choice: 'b' }],
      ['another instant', { receivedAt: 3_001 }],
      ['another verdict', { verdict: 'late' }],
    ])('are rows with %s', (_, change) => {
      readOutcome([{ ...row, ...change }]);
      expect(kinds()).toContain('lostAnswers');
    });

    it('are what a duplicate speaks of', () => {
      checker.sent(second, ENDS_AT);
      tell(judged('duplicate', 2_900), { of: second });
      readOutcome([row]);
      expect(kinds()).toContain('lostAnswers');
    });

    it('are all of a run without an outcome, or one that nobody could read', () => {
      read({ kind: 'missing' });
      expect([kinds(), checker.unread]).toEqual([['lostAnswers'], 0]);
      checker.sent(sent, ENDS_AT);
      tell(accepted);
      checker.finish();
      expect(kinds()).toEqual(['lostAnswers', 'lostAnswers']);
    });

    it('are not what is not settled yet, or what a gateway does not tell now', () => {
      read({ kind: 'unsettled' });
      read({ kind: 'unanswered' }, LONG_AFTER + 500);
      expect([violations, checker.unread]).toEqual([[], 1]);
      expect(checker.outcomesToRead(LONG_AFTER + 999, 10)).toHaveLength(0);
      expect(checker.outcomesToRead(LONG_AFTER + 1_000, 10)).toHaveLength(1);
    });
  });

  describe('verdictChanged', () => {
    const [late, forgotten] = [judged('late', CUT + 10), judged('wrong_question', CUT + 1_000)];

    it.each([
      ['another verdict', [accepted, judged('late', 3_000)]],
      ['another instant of an accepted answer', [accepted, judged('accepted', 3_001)]],
      ['a verdict after a refusal', [late, accepted]],
      ['no question while the run cannot have settled', [accepted, judged('wrong_question', CUT + 999)]],
    ])('is %s when the same answer is sent again', (_, [first = accepted, again = accepted]) => {
      checker.sent(sent, ENDS_AT);
      close();
      tell(first);
      tell(again);
      expect(kinds()).toEqual(['verdictChanged']);
    });

    it('is not a later instant of an answer that is late, nor what a settled run has forgotten', () => {
      checker.sent(sent, ENDS_AT);
      close();
      tell(late);
      tell(judged('late', CUT + 500));
      tell(forgotten);
      expect(violations).toEqual([]);
    });

    it('is an outcome that says something else than the player was told', () => {
      checker.sent(sent, ENDS_AT);
      tell(judged('late', CUT));
      readOutcome([row]);
      expect(kinds()).toEqual(['verdictChanged']);
    });

    it('is an outcome with another time', () => {
      checker.sent(sent, ENDS_AT);
      tell(accepted);
      readOutcome([{ ...row, elapsedMs: 2_001 }]);
      expect(kinds()).toEqual(['verdictChanged']);
    });
  });

  describe('a player that comes back', () => {
    const snapshot = { ...sent, serverNow: 3_500 };
    const own = { ...accepted, questionId: 'q', runId: 1_000, choice: 'a' } as OwnAnswer;

    beforeEach(() => {
      checker.sent(sent, ENDS_AT);
      tell(accepted);
    });

    it('is told the accepted answer to the current question, and none to another', () => {
      checker.cameBack(snapshot, own);
      checker.cameBack({ ...snapshot, runId: 2_000 }, undefined);
      checker.cameBack({ ...snapshot, runId: null }, undefined);
      expect(violations).toEqual([]);
    });

    it('and is not, has been forgotten', () => {
      checker.cameBack(snapshot, undefined);
      expect(kinds()).toEqual(['untoldVerdict']);
    });

    it.each([{ receivedAt: 3_001 }, { verdict: 'late' }, { choice: 'b' }, { runId: 999 }])(
      'and is told %p instead, has had its verdict changed',
      (change) => {
        checker.cameBack(snapshot, { ...own, ...change } as OwnAnswer);
        expect(kinds()).toEqual(['verdictChanged']);
      },
    );

    it('need not be told of an answer that has no verdict yet', () => {
      checker.sent({ ...sent, runId: 2_000 }, ENDS_AT);
      checker.cameBack({ ...snapshot, runId: 2_000 }, undefined);
      expect(violations).toEqual([]);
    });
  });

  describe('outcomeChanged', () => {
    beforeEach(() => {
      playTwoOthers();
      checker.sent(sent, ENDS_AT);
      tell(accepted);
      expect(readOutcome([row])).toBe(1);
    });
    const readAgain = (what: OutcomeRead) => read(what, LONG_AFTER + 10_000);

    it('is not the same outcome, read later from another gateway', () => {
      expect(checker.outcomesToRead(LONG_AFTER + 3_999, 10)).toHaveLength(0);
      expect(checker.outcomesToRead(LONG_AFTER + 4_000, 10)).toMatchObject([{ reads: 1 }]);
      readAgain({ kind: 'outcome', outcome: outcomeWith([row], { afterDataLoss: true }) });
      expect([violations, checker.unread]).toEqual([[], 0]);
    });

    it.each<[string, OutcomeRead]>([
      ['another instant of settling', { kind: 'outcome', outcome: outcomeWith([row], { settledAt: 6_301 }) }],
      ['other answers', { kind: 'outcome', outcome: outcomeWith([]) }],
      ['a run that is not settled any more', { kind: 'unsettled' }],
    ])('is %s', (_, what) => {
      readAgain(what);
      expect(kinds()).toEqual(['outcomeChanged']);
    });

    it('is an outcome that is gone, and its answers are lost', () => {
      readAgain({ kind: 'missing' });
      expect(kinds()).toEqual(['outcomeChanged', 'lostAnswers']);
    });
  });
});

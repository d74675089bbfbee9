import { describe, expect, it } from '@jest/globals';
import type { JudgedAnswer } from '../players/judged.answer.js';
import { checkVerdicts, isClean, type OutcomeRow } from './verdict.checks.js';

const closing = { opensAt: 1_000, endsAt: 2_000, graceMs: 50 };
const exact = { clockMs: 0, stallMs: 0 };

type Told = Extract<JudgedAnswer['tell'], { kind: 'verdict' }>;

function answer(playerId: string, receivedAt: number, tell: Partial<Told> = {}): JudgedAnswer {
  const isLate = receivedAt >= 2_050;
  return {
    playerId,
    choice: `of ${playerId}`,
    plannedAt: receivedAt - 2,
    sentAt: receivedAt - 1,
    handedOverAt: receivedAt - 1,
    answeredAt: receivedAt + 1,
    tell: {
      kind: 'verdict',
      verdict: isLate ? 'late' : 'accepted',
      receivedAt,
      elapsedMs: Math.min(1_000, receivedAt - 1_000),
      lateByMs: isLate ? receivedAt - 2_000 : undefined,
      ...tell,
    },
  };
}

const row = (of: JudgedAnswer, other: Partial<OutcomeRow> = {}): OutcomeRow => ({
  playerId: of.playerId,
  choice: of.choice,
  verdict: 'accepted',
  receivedAt: of.tell.kind === 'verdict' ? of.tell.receivedAt : 0,
  ...other,
});

const early = answer('early', 1_500);
const onTheLast = answer('last', 2_049);
const late = answer('late', 2_050);

describe('checkVerdicts', () => {
  it('finds nothing wrong with verdicts that fit the deadline, its grace and the outcome', () => {
    const rows = [row(early), row(onTheLast), row(late, { verdict: 'late' })];
    const report = checkVerdicts([early, onTheLast, late], closing, rows, exact);
    expect(report).toMatchObject({ verdicts: 3, accepted: 2, late: 1, examples: [] });
    expect(isClean(report.broken)).toBe(true);
  });

  it.each([
    ['accepted although late', answer('p', 2_050, { verdict: 'accepted', lateByMs: undefined })],
    ['late although in grace', answer('p', 2_049, { verdict: 'late', lateByMs: 49 })],
    ['a wrong lateness', answer('p', 2_060, { lateByMs: 10 })],
    ['late without a lateness', answer('p', 2_060, { lateByMs: undefined })],
    ['a lateness beside accepted', answer('p', 1_500, { lateByMs: 1 })],
    ['a wrong elapsed time', answer('p', 1_500, { elapsedMs: 499 })],
    ['accepted before the opening', answer('p', 999, { elapsedMs: 0 })],
  ])('counts %s as wrong', (_, one) => {
    const rows = one.tell.kind === 'verdict' && one.tell.verdict === 'accepted' ? [row(one)] : [];
    const { broken } = checkVerdicts([one], closing, rows, exact);
    expect(broken).toEqual({
      lost: 0,
      refused: 0,
      wrong: 1,
      misdated: 0,
      missing: 0,
      doubled: 0,
      altered: 0,
    });
  });

  it('counts no verdict as lost, and an error as refused, never as a verdict', () => {
    const lost = { ...early, answeredAt: null, tell: { kind: 'lost' } } as const;
    const refused = { ...late, tell: { kind: 'refused', code: 'unavailable' } } as const;
    const report = checkVerdicts([lost, refused], closing, [], exact);
    expect(report.verdicts).toBe(0);
    expect(report.broken).toMatchObject({ lost: 1, refused: 1 });
  });

  it('wants every accepted answer in the outcome', () => {
    expect(checkVerdicts([early], closing, [], exact).broken.missing).toBe(1);
    // A refused row of the same player is none.
    const asLate = [row(early, { verdict: 'late' })];
    expect(checkVerdicts([early], closing, asLate, exact).broken.missing).toBe(1);
  });

  it('wants it there once', () => {
    expect(checkVerdicts([early], closing, [row(early), row(early)], exact).broken.doubled).toBe(1);
  });

  it.each([
    ['another choice', [early], [row(early, { choice: 'forged' })]],
    ['another instant', [early], [row(early, { receivedAt: 1_499 })]],
    ['an accepted row of a late answer', [late], [row(late)]],
    ['a row of somebody who never answered', [early], [row(early), row(answer('ghost', 1_400))]],
  ])('finds %s in the outcome', (_, answers, rows) => {
    expect(checkVerdicts(answers, closing, rows, exact).broken.altered).toBe(1);
  });

  it('wants receivedAt between sending and acknowledgement, as exactly as clocks can be compared', () => {
    const before = { ...early, sentAt: 1_503 };
    const after = { ...early, answeredAt: 1_497 };
    const misdated = (one: JudgedAnswer, clockMs: number, stallMs: number) =>
      checkVerdicts([one], closing, [row(one)], { clockMs, stallMs }).broken.misdated;
    expect(misdated(before, 2, 0)).toBe(1);
    expect(misdated(before, 3, 0)).toBe(0);
    expect(misdated(after, 2, 0)).toBe(1);
    expect(misdated(after, 3, 0)).toBe(0);
    // A stall only ever dates back.
    expect(misdated(before, 0, 3)).toBe(0);
    expect(misdated(after, 0, 3)).toBe(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { JudgedAnswer } from '../players/judged.answer.js';
import { checkStall, marginOf, stallLeads } from './stall.checks.js';
import { stallResult } from './stall.report.js';

const ENDS_AT = 1_000;
const MARGIN_MS = 3;
const stall = { fromAt: 985, untilAt: 1_015 };

const answer = (playerId: string, handedOverAt: number, verdict = 'accepted'): JudgedAnswer => ({
  playerId,
  choice: `of ${playerId}`,
  plannedAt: handedOverAt,
  sentAt: handedOverAt,
  handedOverAt,
  answeredAt: 1_020,
  tell: {
    kind: 'verdict',
    verdict,
    receivedAt: verdict === 'late' ? 1_016 : 984,
    elapsedMs: 0,
    lateByMs: undefined,
  },
});
const row = ({ playerId, choice }: JudgedAnswer, verdict = 'accepted') => ({
  playerId,
  choice,
  verdict,
  receivedAt: 984,
});

describe('checkStall', () => {
  it('asks only for those that were handed over before the deadline by more than clocks differ', () => {
    const inTime = answer('in time', 997);
    const report = checkStall(
      [inTime, answer('on the edge', 998, 'late')],
      ENDS_AT,
      [row(inTime)],
      stall,
      MARGIN_MS,
    );
    expect(report).toMatchObject({ sent: 2, inTime: 1, inTimeDuringStall: 1, refused: 0, missing: 0 });
    expect(report.stall).toMatchObject({ beforeDeadlineMs: 15, lengthMs: 30 });
  });

  it('counts who was in time and refused, and says by how much the gateway misdated it', () => {
    const refused = answer('refused', 990, 'late');
    const report = checkStall([refused], ENDS_AT, [row(refused, 'late')], stall, MARGIN_MS);
    expect(report).toMatchObject({ refused: 1, missing: 1 });
    expect(report.examples).toEqual([{ handedOverBeforeMs: 10, datedAfterMs: 16 }]);
  });

  it('counts who was accepted and is not in the outcome, or with another choice', () => {
    const one = answer('one', 990);
    expect(checkStall([one], ENDS_AT, [], stall, MARGIN_MS)).toMatchObject({ refused: 0, missing: 1 });
    const forged = { ...row(one), choice: 'forged' };
    expect(checkStall([one], ENDS_AT, [forged], stall, MARGIN_MS).missing).toBe(1);
  });

  it('does not count those before the stall as met by it', () => {
    const before = answer('before', 980);
    expect(checkStall([before], ENDS_AT, [row(before)], stall, MARGIN_MS).inTimeDuringStall).toBe(0);
  });
});

describe('marginOf', () => {
  it('has what the clocks may be off by, and in a smoke run all delays that a gateway does not date back for', () => {
    const gatewayMovesMs = 2;
    expect(marginOf(0.5, false)).toBe(0.5 + gatewayMovesMs + 3);
    expect(marginOf(3, true)).toBe(3 + gatewayMovesMs + 10);
  });

  it('leaves answers in time to the stalls, also in a smoke run with clocks that are hardly good enough', () => {
    const [lead = 0] = stallLeads(3, 30);
    expect(lead - marginOf(3, true)).toBeGreaterThan(10);
  });
});

describe('stallLeads', () => {
  it('has the deadline fall into every part of the stall', () => {
    expect(stallLeads(5, 30)).toEqual([27, 21, 15, 9, 3]);
    expect(stallLeads(1, 30)).toEqual([27]);
  });
});

describe('stallResult', () => {
  const facts = {
    measuredAt: 'then',
    commit: 'c',
    command: 'x',
    machine: { cpu: 'a cpu', cores: 2, platform: 'p', node: 'v', redis: 'r', load: 0 },
    players: 1,
    stallMs: 30,
  };
  const one = answer('one', 990);
  const met = checkStall([one], ENDS_AT, [row(one)], stall, MARGIN_MS);
  const unmet = checkStall([answer('two', 980)], ENDS_AT, [row(answer('two', 980))], stall, MARGIN_MS);

  it('is kept only if some answer met the stall: otherwise nothing was tried', () => {
    expect(stallResult([met, unmet], facts).isKept).toBe(true);
    expect(stallResult([unmet], facts).isKept).toBe(false);
    expect(stallResult([unmet], { ...facts, stallMs: 0 }).isKept).toBe(true);
  });
});

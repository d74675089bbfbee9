import { describe, expect, it } from '@jest/globals';
import type { JudgedAnswer } from '../players/judged.answer.js';
import { type BurstRound, burstResult, burstRound, burstTable } from './burst.report.js';
import type { VerdictReport } from './verdict.checks.js';

const none = { lost: 0, refused: 0, wrong: 0, misdated: 0, missing: 0, doubled: 0, altered: 0 };
const good: VerdictReport = { verdicts: 2, accepted: 1, late: 1, broken: none, examples: [] };
const work = { cpuMs: 3, stalls: 0, longestLagMs: 12.34 };

const answer = (handedOverAt: number, answeredAt: number, verdict: string): JudgedAnswer => ({
  playerId: 'p',
  choice: 'a',
  plannedAt: handedOverAt - 4,
  sentAt: handedOverAt,
  handedOverAt,
  answeredAt,
  tell: { kind: 'verdict', verdict, receivedAt: handedOverAt + 1, elapsedMs: 0, lateByMs: undefined },
});

const facts = {
  measuredAt: 'then',
  commit: 'c',
  command: 'x',
  machine: { cpu: 'a cpu', cores: 2, platform: 'p', node: 'v', redis: 'r', load: 0 },
  players: 2,
  gatewayProcesses: 2,
  windowMs: 2_000,
  clockToleranceMs: 5,
};

describe('burstRound', () => {
  const round = burstRound(
    [answer(1_000, 1_010, 'accepted'), answer(1_497, 1_500, 'late')],
    good,
    1_500,
    work,
  );

  it('counts the time of an answer from its planned instant, so that a late sender hides nothing', () => {
    expect(round.ack).toEqual({ p50: 7, p99: 14, max: 14 });
    expect(round.sentLate.max).toBe(4);
  });

  it('tells verdicts per second and what one costs', () => {
    expect(round.verdictsPerSecond).toBe(4);
    expect(round.gateways).toEqual({ cpuMs: 3, stalls: 0, longestLagMs: 12.3, cpuUsPerVerdict: 1_500 });
  });

  it('counts who was late although in time by the margin', () => {
    expect(round.inTimeButLate).toBe(1);
    expect(burstRound([answer(1_498, 1_500, 'late')], good, 1_500, work).inTimeButLate).toBe(0);
  });

  it('counts who was accepted although sent after the deadline by the margin', () => {
    const accepted = (at: number) => burstRound([answer(at, 1_520, 'accepted')], good, 1_500, work);
    expect(accepted(1_503).lateButAccepted).toBe(1);
    expect(accepted(1_502).lateButAccepted).toBe(0);
  });
});

describe('burstResult', () => {
  const round = burstRound([answer(1_000, 1_010, 'accepted')], good, 1_500, work);
  const broken: BurstRound = {
    ...round,
    report: { ...good, broken: { ...none, missing: 1 }, examples: ['missing: p7'] },
  };

  it('is kept when no round, not even the warm-up, broke anything', () => {
    expect(burstResult([round], round, facts).isKept).toBe(true);
    expect(burstResult([round], broken, facts).isKept).toBe(false);
    expect(burstResult([round, broken], null, facts).isKept).toBe(false);
  });

  it('is not kept when somebody was never asked', () => {
    expect(burstResult([round], null, { ...facts, players: 3 }).isKept).toBe(false);
  });

  it('says in its table what was broken, with an example', () => {
    const table = burstTable(burstResult([round, broken], null, facts));
    expect(table).toContain('BROKEN in round 2: missing 1');
    expect(table).toContain('missing: p7');
  });
});

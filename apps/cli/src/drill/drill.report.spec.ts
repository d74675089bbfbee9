import { describe, expect, it } from '@jest/globals';
import { brokenPromises, makeReport, renderReport } from './drill.report.js';
import { newState } from './drill.state.js';
import { type FaultName, rulesOf } from './fault.rules.js';
import { addVerdict, addViolation, type FaultTally, newTally, VIOLATION_KINDS } from './fault.tally.js';

const stateOf = (...faults: FaultName[]) =>
  newState({ seed: 7, faults: faults.map((fault) => ({ fault, times: 1 })), rooms: 2, isShort: false });
const broken = (fault: FaultName, change: (tally: FaultTally) => void) => {
  const tally = newTally(fault);
  change(tally);
  return brokenPromises(tally, rulesOf(fault));
};

describe('the report of a drill', () => {
  it('has the fields that the document promises', () => {
    const state = stateOf('kill-owner');
    state.tallies[0]?.takeoverMs.push(1_200, 1_400, 1_300);
    expect(makeReport(state, false)).toMatchObject({
      ok: true,
      seed: 7,
      rooms: 2,
      interrupted: false,
      faults: [
        {
          fault: 'kill-owner',
          times: 0,
          lost: 0,
          doubled: 0,
          early: 0,
          lateAccepted: 0,
          lostAnswers: 0,
          verdictChanged: 0,
          outcomeChanged: 0,
          answers: { judged: 0 },
          repeated: 0,
          takeoverMs: { p50: 1_300, p99: 1_400, max: 1_400 },
        },
      ],
    });
  });

  it.each(VIOLATION_KINDS)('is not good after one %s', (kind) => {
    const state = stateOf('kill-owner');
    if (state.tallies[0]) addViolation(state.tallies[0], { kind, at: 1, text: 'what happened' });
    const report = makeReport(state, false);
    expect(report.ok).toBe(false);
    expect(renderReport(report)).toContain('what happened');
  });

  it('lets clients miss events where the fault takes away what gateways hear by, and nowhere else', () => {
    const miss = (tally: FaultTally) => addViolation(tally, { kind: 'missed', at: 1, text: '' });
    expect(broken('redis-shutdown', miss)).toEqual([]);
    expect(broken('freeze-owner', miss)).toEqual(['1 missed']);
    const forget = (tally: FaultTally) => addViolation(tally, { kind: 'untoldVerdict', at: 1, text: '' });
    expect(broken('redis-freeze', forget)).toEqual([]);
    expect(broken('kill-gateway', forget)).toEqual(['1 untoldVerdict']);
  });

  it('judges take-overs by their p99, and gaps between ticks', () => {
    const values = (...ms: number[]) => broken('kill-owner', (tally) => tally.takeoverMs.push(...ms));
    expect(values(1_400, 2_000)).toEqual([]);
    expect(values(1_400, 2_001)).toEqual(['take-over p99 2001 ms is above 2000 ms']);
    expect(
      broken('rolling-restart', (tally) => {
        tally.maxTickGapMs = 3_001;
      }),
    ).toHaveLength(1);
  });

  it('is not good where the cluster did not come back, or a process ended by itself', () => {
    expect(
      broken('redis-freeze', (tally) => {
        tally.unrecovered = 1;
        tally.died = 2;
      }),
    ).toHaveLength(2);
  });

  it('is good after what is not promised, and shows it', () => {
    const state = stateOf('redis-kill-everysec');
    if (state.tallies[0]) addViolation(state.tallies[0], { kind: 'lost', at: 1, text: '' });
    const report = makeReport(state, false);
    expect([report.ok, report.faults[0]?.lost]).toEqual([true, 1]);
    expect(renderReport(report)).toContain('not promised');
  });

  it('is not good after answers that were lost without a word, promised or not', () => {
    const lose = (kind: 'lostAnswers' | 'untoldLoss') =>
      broken('redis-kill-everysec', (tally) => addViolation(tally, { kind, at: 1, text: '' }));
    expect(lose('lostAnswers')).toEqual([]);
    expect(lose('untoldLoss')).toEqual(['1 untoldLoss']);
  });

  it('adds up the answers of all faults, by verdict', () => {
    const state = stateOf('kill-owner', 'kill-gateway');
    for (const { answers } of state.tallies) {
      for (const verdict of ['accepted', 'accepted', 'late', 'duplicate', 'not_open'] as const) {
        addVerdict(answers, verdict);
      }
      answers.outcomes += 3;
    }
    const report = makeReport(state, false);
    expect(report.answers).toMatchObject({
      judged: 10,
      accepted: 4,
      late: 2,
      duplicate: 2,
      other: 2,
      outcomes: 6,
    });
    expect(report.faults[0]?.answers.judged).toBe(5);
    expect(renderReport(report)).toContain('10 answers, 4 accepted, 2 late; 6 outcomes compared');
  });
});

import { describe, expect, it } from '@jest/globals';
import { expectedVerdict, type RunTimes } from './expected.verdict.js';

const expired: RunTimes = {
  opensAt: 1_000,
  endsAt: 6_000,
  closedAt: 6_000,
  reason: 'expired',
  graceMs: 0,
  timeline: [
    { event: 'started', at: 900 },
    { event: 'opened', at: 1_000 },
    { event: 'paused', at: 2_000 },
    { event: 'verdict', at: 2_500 },
    { event: 'resumed', at: 3_000 },
    { event: 'closed', at: 6_000 },
  ],
};
const verdictsOf = (run: RunTimes, ...instants: number[]) => instants.map((at) => expectedVerdict(run, at));

describe('the verdict that an answer deserves', () => {
  it('changes at the very instants of opening, pause, resumption and deadline', () => {
    expect(verdictsOf(expired, 999, 1_000)).toEqual(['not_open', 'accepted']);
    expect(verdictsOf(expired, 1_999, 2_000, 2_600, 2_999, 3_000)).toEqual([
      'accepted',
      'paused',
      'paused',
      'paused',
      'accepted',
    ]);
    expect(verdictsOf(expired, 5_999, 6_000)).toEqual(['accepted', 'late']);
  });

  it('is late only after the grace', () => {
    expect(verdictsOf({ ...expired, graceMs: 300 }, 6_299, 6_300)).toEqual(['accepted', 'late']);
  });

  it('is not open after a stop, and never for a run that did not open', () => {
    const stopped: RunTimes = { ...expired, reason: 'stopped', closedAt: 4_000 };
    expect(verdictsOf(stopped, 3_999, 4_000)).toEqual(['accepted', 'not_open']);
    expect(verdictsOf({ ...stopped, opensAt: null }, 3_000)).toEqual(['not_open']);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type DurationMs, durationMs, epochMs, type Version } from '#libs/timer-core';
import { MISSED_ZERO_MS, NOTHING_TOLD, type TimerState, tickFor } from './tick.translation.js';

const RUN = 1_700_000_000_000;

interface Heard {
  readonly state: TimerState;
  readonly isTick: boolean;
}

const open = (remainingMs: number, more: Partial<TimerState> = {}): TimerState => ({
  version: RUN as Version,
  runId: RUN as Version,
  phase: 'open',
  remainingMs: durationMs(remainingMs),
  durationMs: durationMs(60_000),
  serverNow: epochMs(RUN),
  ...more,
});
const over = (more: Partial<TimerState> = {}): TimerState =>
  open(0, {
    version: (RUN + 60_000) as Version,
    phase: 'closed',
    reason: 'expired',
    closedAt: epochMs(RUN + 60_000),
    serverNow: epochMs(RUN + 60_003),
    ...more,
  });
const stopped = (more: Partial<TimerState> = {}) => over({ reason: 'stopped', ...more });
const tick = (remainingMs: number, more?: Partial<TimerState>): Heard => ({
  state: open(remainingMs, more),
  isTick: true,
});
const told = (state: TimerState): Heard => ({ state, isTick: false });

/** What a connection that hears all of this is told. */
function ticksOf(...heard: Heard[]): number[] {
  const ticks: number[] = [];
  let known = NOTHING_TOLD;
  for (const { state, isTick } of heard) {
    const next = tickFor(known, state, isTick);
    known = next.told;
    if (next.timer !== null) ticks.push(next.timer);
  }
  return ticks;
}

const countdown = (from: number): number[] => Array.from({ length: from + 1 }, (_, i) => from - i);

describe('the seconds of a timer', () => {
  it('count from the length to zero, each once, however late ticks are sent, up to half a second', () => {
    const run = fc
      .integer({ min: 1, max: 40 })
      .chain((dur) =>
        fc.tuple(
          fc.constant(dur),
          fc.array(fc.integer({ min: 0, max: 499 }), { minLength: dur, maxLength: dur }),
        ),
      );
    fc.assert(
      fc.property(run, ([dur, lateness]) => {
        const length = { durationMs: durationMs(dur * 1_000) };
        const [startMs = 0, ...ticksMs] = lateness;
        const ticks = ticksMs.map((lateMs, i) => tick((dur - 1 - i) * 1_000 - lateMs, length));
        const heard = [told(open(dur * 1_000 - startMs, length)), ...ticks, told(over(length))];
        expect(ticksOf(...heard)).toEqual(countdown(dur));
        // Each of them twice is the same.
        expect(ticksOf(...heard.flatMap((one) => [one, one]))).toEqual(countdown(dur));
      }),
    );
  });

  it('never come twice or go up within a run, whatever comes, in whatever order', () => {
    const anyState = fc.record({
      version: fc.integer({ min: 1, max: 9 }),
      phase: fc.constantFrom('open', 'paused', 'closed', 'lead-in', 'idle'),
      remainingMs: fc.integer({ min: 0, max: 5_000 }),
      reason: fc.constantFrom('expired', 'stopped'),
      isTick: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyState, { maxLength: 40 }), (states) => {
        let known = NOTHING_TOLD;
        let last: { runId: number | null; timer: number } = { runId: null, timer: 0 };
        for (const { isTick, ...fields } of states) {
          // A version is of one run, and named by its first.
          const runId = fields.version - (fields.version % 3);
          const state = { ...over(), ...fields, runId } as TimerState;
          const { told: next, timer } = tickFor(known, state, isTick);
          known = next;
          if (timer === null) continue;
          if (last.runId === next.runId) expect(timer).toBeLessThan(last.timer);
          last = { runId: next.runId, timer };
        }
      }),
    );
  });

  it('a tick that is a little early is of its second; a state read in between is of the second it is in', () => {
    expect(ticksOf(tick(2_004), tick(998), told(over()))).toEqual([2, 1, 0]);
    expect(ticksOf(told(open(2_004)), tick(1_999))).toEqual([3, 2]);
    expect(ticksOf(told(open(1_999)), tick(1_996), tick(999))).toEqual([2, 1]);
  });

  it('a tick never is the zero, which is for the closing to say', () => {
    expect(ticksOf(tick(1_000), tick(300), told(open(0)))).toEqual([1]);
  });

  it('of a timer that was stopped, or is none, there are no more', () => {
    expect(ticksOf(tick(3_000), told(stopped({ remainingMs: 2_500 as DurationMs })), tick(2_000))).toEqual([
      3,
    ]);
    expect(
      ticksOf(told(stopped()), told(open(0, { phase: 'idle', runId: null, remainingMs: null }))),
    ).toEqual([]);
    expect(ticksOf(told(open(3_000, { phase: 'paused' })), tick(2_000))).toEqual([2]);
  });

  it('a timer in the place of another begins anew, and what still comes of the old one is not told', () => {
    const next = { version: (RUN + 5_000) as Version, runId: (RUN + 5_000) as Version };
    const heard = [
      tick(2_000),
      told(open(5_000, next)),
      tick(1_000),
      told(over({ version: (RUN + 4_000) as Version })),
    ];
    expect(ticksOf(...heard, tick(4_000, next))).toEqual([2, 5, 4]);
  });

  it('a timer that is made longer goes up', () => {
    const longer = { version: (RUN + 1) as Version, durationMs: durationMs(70_000) };
    expect(ticksOf(tick(2_000), told(open(11_500, longer)), tick(11_000, longer))).toEqual([2, 12, 11]);
    expect(ticksOf(told(open(1_600)), told(open(1_900, longer)))).toEqual([2]);
  });

  it('a connection that comes behind the deadline is told the zero it missed, unless that is long ago', () => {
    const lateBy = (ms: number) => told(over({ serverNow: epochMs(RUN + 60_000 + ms) }));
    expect(ticksOf(lateBy(MISSED_ZERO_MS))).toEqual([0]);
    expect(ticksOf(lateBy(MISSED_ZERO_MS + 1))).toEqual([]);
    // Whoever watched it is told whenever that is.
    expect(ticksOf(tick(1_000), lateBy(MISSED_ZERO_MS + 1), lateBy(MISSED_ZERO_MS + 2))).toEqual([1, 0]);
  });
});

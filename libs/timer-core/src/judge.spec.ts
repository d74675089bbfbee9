import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { a, at, done, emptyRoom, NOBODY, play, roomAfter, steps } from '../test/room.arbitrary.js';
import {
  advance,
  type Change,
  FRESH_ANSWERER,
  instantInFavour,
  type Judgement,
  judge,
  MAX_PAUSES_KEPT,
  type RoomState,
  type RunRecord,
  receivedWithin,
  runOfAnswer,
  version,
} from './index.js';

const runIn = ({ runs }: Change): RunRecord => {
  const run = runs.at(-1);
  if (run === undefined) throw new Error('no run');
  return run;
};
const verdictAt = (run: RunRecord, ms: number) => judge(run, FRESH_ANSWERER, at(ms));

/** Open from 1,000 to 21,000, 400 ms of grace. */
const open = () => roomAfter([1_000, a.start({ graceMs: 400 })]);
const openRun = () => runIn(done(emptyRoom(), a.start({ graceMs: 400 }), 1_000));
const expired = () => runIn(advance(open(), at(21_000), NOBODY));

describe('an answer to a run', () => {
  it('counts from the opening until the deadline and its grace, whether or not somebody has closed it', () => {
    for (const run of [openRun(), expired()]) {
      expect(verdictAt(run, 999)).toMatchObject({ verdict: 'not_open', elapsedMs: 0 });
      expect(verdictAt(run, 1_000)).toMatchObject({ verdict: 'accepted', elapsedMs: 0 });
      expect(verdictAt(run, 20_999)).toMatchObject({ verdict: 'accepted', elapsedMs: 19_999 });
      expect(verdictAt(run, 21_399)).toMatchObject({ verdict: 'accepted', elapsedMs: 20_000 });
      expect(verdictAt(run, 21_400)).toEqual({
        verdict: 'late',
        receivedAt: at(21_400),
        elapsedMs: 20_000,
        lateByMs: 400,
      });
      expect(verdictAt(run, 99_000)).toMatchObject({ verdict: 'late', lateByMs: 78_000 });
    }
    expect(verdictAt(openRun(), 20_999)).not.toHaveProperty('lateByMs');
  });

  it('counts until a stop, however much time was left, and not after it', () => {
    const run = runIn(done(open(), a.stop(), 5_000));
    expect(verdictAt(run, 4_999).verdict).toBe('accepted');
    expect(verdictAt(run, 5_000).verdict).toBe('not_open');
    expect(verdictAt(run, 30_000).verdict).toBe('not_open');
  });

  it('of a room that closes is judged like one after a stop', () => {
    const run = runIn(done(open(), a.close(), 5_000));
    expect([4_999, 5_000].map((ms) => verdictAt(run, ms).verdict)).toEqual(['accepted', 'not_open']);
  });

  it('is not open in the lead-in, and never was when stopped there', () => {
    const leading = done(emptyRoom(), a.start({ leadInMs: 3_000 }), 1_000);
    expect([3_999, 4_000].map((ms) => verdictAt(runIn(leading), ms).verdict)).toEqual([
      'not_open',
      'accepted',
    ]);
    const stopped = runIn(done(leading.state, a.stop(), 2_000));
    expect([1_500, 2_000, 4_500].map((ms) => verdictAt(stopped, ms).verdict)).toEqual([
      'not_open',
      'not_open',
      'not_open',
    ]);
  });

  it('does not count in a pause, and its open time leaves pauses out', () => {
    const paused = done(open(), a.pause(), 3_000);
    const verdicts = (run: RunRecord, ...instants: number[]) =>
      instants.map((ms) => {
        const { verdict, elapsedMs } = verdictAt(run, ms);
        return [verdict, elapsedMs];
      });
    expect(verdicts(runIn(paused), 2_999, 3_000, 9_000)).toEqual([
      ['accepted', 1_999],
      ['paused', 2_000],
      ['paused', 2_000],
    ]);
    const resumed = done(paused.state, a.resume(), 8_000);
    expect(verdicts(runIn(resumed), 2_999, 3_000, 7_999, 8_000, 8_500)).toEqual([
      ['accepted', 1_999],
      ['paused', 2_000],
      ['paused', 2_000],
      ['accepted', 2_000],
      ['accepted', 2_500],
    ]);
    expect(verdictAt(runIn(resumed), 26_400)).toMatchObject({ verdict: 'late', lateByMs: 400 });
  });

  it('has its open time right also when more pauses were than are kept', () => {
    let state: RoomState = roomAfter([1_000, a.start()]);
    let change: Change | undefined;
    for (let i = 0; i < MAX_PAUSES_KEPT + 3; i++) {
      state = done(state, a.pause(), 2_000 + i * 100).state;
      change = done(state, a.resume(), 2_050 + i * 100);
      state = change.state;
    }
    if (change === undefined) throw new Error('no pause');
    const pauses = MAX_PAUSES_KEPT + 3;
    expect(verdictAt(runIn(change), 5_000).elapsedMs).toBe(4_000 - pauses * 50);
  });

  it('follows an extension and a shortening', () => {
    const longer = runIn(done(open(), a.extend(1_000), 2_000));
    expect([22_399, 22_400].map((ms) => verdictAt(longer, ms).verdict)).toEqual(['accepted', 'late']);
    const now = runIn(done(open(), a.extend(-60_000), 5_000));
    expect(verdictAt(now, 5_399).verdict).toBe('accepted');
    expect(verdictAt(now, 5_400)).toMatchObject({ verdict: 'late', lateByMs: 400 });
  });

  it('to no run is one to the wrong question, whoever gives it', () => {
    const stranger = { isEligible: false, standing: null };
    expect(judge(null, stranger, at(5))).toEqual({
      verdict: 'wrong_question',
      receivedAt: at(5),
      elapsedMs: 0,
    });
  });

  it('of somebody who is not eligible does not count, answered before or not', () => {
    const standing = verdictAt(openRun(), 2_000);
    for (const answerer of [
      { isEligible: false, standing: null },
      { isEligible: false, standing },
    ])
      expect(judge(openRun(), answerer, at(3_000)).verdict).toBe('not_eligible');
  });

  it('is a duplicate beside an accepted one, with its times, whatever the phase', () => {
    const standing = verdictAt(openRun(), 2_000);
    const paused = runIn(done(open(), a.pause(), 3_000));
    for (const [run, ms] of [
      [openRun(), 4_000],
      [paused, 4_000],
      [expired(), 40_000],
    ] as const) {
      expect(judge(run, { isEligible: true, standing }, at(ms))).toEqual({
        verdict: 'duplicate',
        receivedAt: at(2_000),
        elapsedMs: 1_000,
      });
    }
  });

  it('may be changed where the question says so, and the one that was received last stands', () => {
    const run = runIn(done(emptyRoom(), { ...a.start(), mayChangeAnswer: true } as never, 1_000));
    const standing = verdictAt(run, 5_000);
    const again = (ms: number) => judge(run, { isEligible: true, standing }, at(ms)).verdict;
    expect([again(6_000), again(5_000), again(4_999), again(21_000)]).toEqual([
      'accepted',
      'accepted',
      'duplicate',
      'late',
    ]);
  });
});

describe('laws of judging', () => {
  /** Every record that any run of a random room ever had, with the state that it was written with. */
  const recordsOf = (history: ReturnType<typeof play>) =>
    history.flatMap(({ change }) => (change?.runs ?? []).map((run) => ({ run })));

  it('accepts only what was received while open or in grace: after the opening, before the cut, outside pauses', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: -2_000, max: 12_000 }), (all, shift) => {
        for (const { run } of recordsOf(play(all))) {
          const base = run.endsAt ?? run.pausedAt ?? run.closedAt ?? at(0);
          for (const receivedAt of [base + shift, base - 1, base, base + run.graceMs]) {
            const judged: Judgement = judge(run, FRESH_ANSWERER, at(receivedAt - at(0)));
            const isIn = run.opensAt !== null && receivedAt >= run.opensAt;
            expect(judged.elapsedMs).toBeGreaterThanOrEqual(0);
            expect(judged.elapsedMs).toBeLessThanOrEqual(run.durationMs);
            expect(judged.lateByMs === undefined).toBe(judged.verdict !== 'late');
            if (judged.verdict !== 'accepted') continue;
            expect(isIn).toBe(true);
            expect(receivedAt).toBeLessThan(run.cutoffAt ?? run.pausedAt ?? Number.POSITIVE_INFINITY);
            expect(run.pauses.every(([from, to]) => receivedAt < from || receivedAt >= to)).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('no later record of a run turns round what was in time before the change', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const last = new Map<number, { run: RunRecord; since: number }>();
        for (const { change, now } of play(all)) {
          for (const run of change?.runs ?? []) {
            const earlier = last.get(run.runId);
            // An answer that was received before this change, judged by the record before it and by this one.
            const receivedAt = at(Math.max(earlier?.since ?? 0, now - at(0) - 1));
            if (earlier !== undefined && receivedAt < now) {
              const before = judge(earlier.run, FRESH_ANSWERER, receivedAt).verdict;
              if (before === 'accepted')
                expect(judge(run, FRESH_ANSWERER, receivedAt).verdict).toBe('accepted');
            }
            last.set(run.runId, { run, since: now - at(0) });
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the run that an answer is meant for', () => {
  const run = (runId: number, questionId: string, opensAt: number | null): RunRecord => ({
    ...openRun(),
    runId: version(runId),
    questionId,
    opensAt: opensAt === null ? null : at(opensAt),
  });
  const runs = [run(1, 'q1', 1_000), run(2, 'q2', 5_000), run(3, 'q1', 9_000)];
  const meant = (questionId: string, ms: number, runId?: number) =>
    runOfAnswer(runs, {
      questionId,
      receivedAt: at(ms),
      ...(runId === undefined ? {} : { runId: version(runId) }),
    })?.runId ?? null;

  it('is the newest one of the question that had opened by then', () => {
    expect([meant('q1', 9_000), meant('q1', 8_999), meant('q1', 500), meant('q2', 7_000)]).toEqual([
      3, 1, 3, 2,
    ]);
    expect(meant('q3', 9_000)).toBeNull();
  });

  it('is the named one, if it is one of that question', () => {
    expect([meant('q1', 9_500, 1), meant('q2', 9_500, 1), meant('q1', 9_500, 7)]).toEqual([1, null, null]);
  });
});

describe('the instant by which an answer is judged', () => {
  it('is the gateway’s within the time in flight, else the nearest end of it', () => {
    const within = (ms: number) => receivedWithin(at(ms), at(5_000), 1_000) - at(0);
    expect([3_999, 4_000, 4_500, 5_000, 5_001].map(within)).toEqual([4_000, 4_000, 4_500, 5_000, 5_000]);
  });
});

describe('the instant of an answer that was received between two', () => {
  /** Open from 1,000, paused from 5,000 to 6,000, until 22,000; 400 ms of grace. */
  const run = () => runIn(done(done(open(), a.pause(), 5_000).state, a.resume(), 6_000));
  const chosen = (from: number, to: number, runs = [run()]) => {
    const { questionId } = run();
    return instantInFavour(runs, { questionId, receivedAt: at(from), latestAt: at(to) }) - at(0);
  };

  it('is the first, where it counts', () => {
    expect([chosen(1_000, 1_000), chosen(2_000, 7_000), chosen(21_999, 60_000)]).toEqual([
      1_000, 2_000, 21_999,
    ]);
  });

  it('is that of the opening, or of the end of a pause, where the first was too early', () => {
    expect([chosen(900, 1_000), chosen(900, 1_100), chosen(5_000, 6_500), chosen(900, 9_000)]).toEqual([
      1_000, 1_000, 6_000, 1_000,
    ]);
  });

  it('is the first, where it would count at none', () => {
    expect([chosen(900, 999), chosen(5_100, 5_999), chosen(22_400, 30_000), chosen(900, 500)]).toEqual([
      900, 5_100, 22_400, 900,
    ]);
    expect(chosen(900, 2_000, [])).toBe(900);
  });

  it('is within both, and never turns an answer that counts into one that does not', () => {
    fc.assert(
      fc.property(fc.nat(25_000), fc.nat(25_000), (from, length) => {
        const instant = chosen(from, from + length);
        expect(instant).toBeGreaterThanOrEqual(from);
        expect(instant).toBeLessThanOrEqual(from + length);
        if (verdictAt(run(), from).verdict === 'accepted') expect(instant).toBe(from);
        if (verdictAt(run(), from + length).verdict === 'accepted') {
          expect(verdictAt(run(), instant).verdict).toBe('accepted');
        }
      }),
    );
  });
});

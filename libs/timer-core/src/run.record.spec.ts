import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { a, at, done, idleTime, NOBODY, play, roomAfter, rooms, steps } from '../test/room.arbitrary.js';
import { advance, MAX_PAUSES_KEPT, type RunId, type RunRecord, versionOf } from './index.js';

const graced = () => roomAfter([1_000, a.start({ graceMs: 400 })]);
const only = (runs: readonly RunRecord[]): RunRecord => {
  const [record] = runs;
  if (runs.length !== 1 || record === undefined) throw new Error(`${runs.length} records instead of one`);
  return record;
};

describe('the record of a run', () => {
  it('is written by its start, with the deadline plus the grace as the last instant for answers', () => {
    const { runs, state } = done(rooms.idle(), a.start({ graceMs: 400, leadInMs: 3_000 }), 1_000);
    expect(only(runs)).toEqual({
      runId: state.version,
      questionId: 'q1',
      version: state.version,
      opensAt: at(4_000),
      endsAt: at(24_000),
      cutoffAt: at(24_400),
      durationMs: 20_000,
      graceMs: 400,
      pauses: [],
      pausedMs: 0,
      pausedAt: null,
      closedAt: null,
      reason: null,
      settlesAt: null,
    });
  });

  it('follows an extension', () => {
    expect(only(done(graced(), a.extend(500), 2_000).runs)).toMatchObject({
      endsAt: at(21_500),
      cutoffAt: at(21_900),
    });
  });

  it('has no deadline and no last instant while paused, and the new ones when resumed', () => {
    const paused = done(graced(), a.pause(), 2_000);
    expect(only(paused.runs)).toMatchObject({
      endsAt: null,
      cutoffAt: null,
      pausedAt: at(2_000),
      pauses: [],
    });
    expect(only(done(paused.state, a.resume(), 5_000).runs)).toMatchObject({
      endsAt: at(24_000),
      cutoffAt: at(24_400),
      pausedAt: null,
      pauses: [[at(2_000), at(5_000)]],
      pausedMs: 3_000,
    });
  });

  it('of an expired run keeps the grace, which does not delay the closing', () => {
    const { state, runs } = advance(graced(), at(21_000), NOBODY);
    expect(state.question).toMatchObject({ phase: 'closed', closedAt: at(21_000) });
    const times = { endsAt: at(21_000), cutoffAt: at(21_400), closedAt: at(21_000), settlesAt: at(22_400) };
    expect(only(runs)).toMatchObject({ ...times, reason: 'expired' });
  });

  it('is the same when the expiry is decided late', () => {
    const { version: _early, ...intime } = only(advance(graced(), at(21_000), NOBODY).runs);
    const { version: _late, ...late } = only(advance(graced(), at(90_000), NOBODY).runs);
    expect(late).toEqual(intime);
  });

  it.each([
    ['stopped', a.stop()],
    ['room-closed', a.close()],
  ])('of a run that was %s ends with that act, and settles a grace and a second later', (reason, command) => {
    const { runs } = done(graced(), command, 5_000);
    const expected = {
      reason,
      endsAt: at(21_000),
      cutoffAt: at(5_000),
      closedAt: at(5_000),
      settlesAt: at(6_400),
    };
    expect(only(runs)).toMatchObject(expected);
  });

  it('of a run that was stopped in a pause counts that pause', () => {
    const { runs } = done(rooms.paused(), a.stop(), 4_500);
    expect(only(runs)).toMatchObject({ pauses: [[at(3_000), at(4_500)]], pausedMs: 1_500, pausedAt: null });
  });

  it('of a run that never opened says so', () => {
    expect(only(done(rooms['lead-in'](), a.stop(), 5_000).runs)).toMatchObject({
      opensAt: null,
      cutoffAt: at(5_000),
    });
  });

  it('keeps the newest 8 pauses and the length of all', () => {
    let state = rooms.open();
    let record: RunRecord | undefined;
    for (let i = 0; i < 11; i++) {
      state = done(state, a.pause(), 2_000 + 100 * i).state;
      const resumed = done(state, a.resume(), 2_000 + 100 * i + i + 1);
      state = resumed.state;
      record = only(resumed.runs);
    }
    expect(MAX_PAUSES_KEPT).toBe(8);
    expect(record?.pausedMs).toBe((11 * 12) / 2);
    expect(record?.pauses).toEqual(
      [3, 4, 5, 6, 7, 8, 9, 10].map((i) => [at(2_000 + 100 * i), at(2_000 + 100 * i + i + 1)]),
    );
  });
});

describe('in whatever happens', () => {
  it('each changed run has exactly one record in the change, and it tells the last of its events', () => {
    fc.assert(
      fc.property(steps, idleTime, (all, idleMs) => {
        for (const { change } of play(all, idleMs)) {
          const last = new Map<RunId | null, object>();
          for (const event of change?.events ?? []) {
            if (event.type === 'room:closed') continue;
            const { runId, questionId, endsAt, durationMs, closedAt = null, reason = null } = event.view;
            last.set(runId, {
              runId,
              questionId,
              endsAt,
              durationMs,
              closedAt,
              reason,
              version: versionOf(event),
            });
          }
          expect(change?.runs ?? []).toHaveLength(last.size);
          for (const record of change?.runs ?? [])
            expect(record).toMatchObject(last.get(record.runId) ?? { runId: 'none' });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a closed run settles graceMs and 1,000 ms after its closing, and its record is never written again', () => {
    fc.assert(
      fc.property(steps, idleTime, (all, idleMs) => {
        const closed = new Set<RunId>();
        for (const record of play(all, idleMs).flatMap(({ change }) => change?.runs ?? [])) {
          expect(closed.has(record.runId)).toBe(false);
          expect(record.pauses.length).toBeLessThanOrEqual(MAX_PAUSES_KEPT);
          expect(record.settlesAt).toBe(
            record.closedAt === null ? null : record.closedAt + record.graceMs + 1_000,
          );
          if (record.closedAt !== null) closed.add(record.runId);
        }
      }),
      { numRuns: 300 },
    );
  });
});

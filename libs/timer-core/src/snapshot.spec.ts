import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { a, at, done, idleTime, NOBODY, play, roomAfter, rooms, steps } from '../test/room.arbitrary.js';
import { advance, type RoomState, snapshotOf } from './index.js';

const told = (state: RoomState, ms: number) => snapshotOf(advance(state, at(ms), NOBODY).state, at(ms));

describe('the snapshot', () => {
  it('of an idle room has no question', () => {
    const { version, roomId } = rooms.idle();
    expect(told(rooms.idle(), 5_000)).toEqual({
      roomId,
      version,
      phase: 'idle',
      serverNow: at(5_000),
      questionId: null,
      runId: null,
      opensAt: null,
      endsAt: null,
      remainingMs: null,
      durationMs: null,
      graceMs: null,
      tickMs: null,
    });
  });

  it('names the question, its run and its settings', () => {
    const state = roomAfter([0, a.start({ questionId: 'q7', graceMs: 250, tickMs: 500 })]);
    const { version } = state;
    const settings = { questionId: 'q7', graceMs: 250, tickMs: 500, durationMs: 20_000 };
    expect(told(state, 10)).toMatchObject({ ...settings, runId: version, version, roomId: state.roomId });
  });

  const rows = [
    { name: 'in the lead-in', state: rooms['lead-in'](), opensAt: 11_000, endsAt: 31_000, left: 20_000 },
    { name: 'while open', state: rooms.open(), opensAt: 1_000, endsAt: 21_000, left: 16_000 },
    { name: 'while paused', state: rooms.paused(), opensAt: 1_000, endsAt: null, left: 18_000 },
    { name: 'stopped while open', state: rooms.closed(), opensAt: 1_000, endsAt: 21_000, left: 18_000 },
    {
      name: 'stopped in the lead-in',
      state: done(rooms['lead-in'](), a.stop(), 4_000).state,
      opensAt: null,
      endsAt: 31_000,
      left: 20_000,
    },
    {
      name: 'stopped while paused',
      state: done(rooms.paused(), a.stop(), 4_500).state,
      opensAt: 1_000,
      endsAt: 22_500,
      left: 18_000,
    },
    {
      name: 'expired',
      state: roomAfter([1_000, a.start({ durationMs: 3_000 })]),
      opensAt: 1_000,
      endsAt: 4_000,
      left: 0,
    },
  ];

  it.each(rows)('$name tells opensAt, endsAt and what is left', ({ state, opensAt, endsAt, left }) => {
    const instant = (ms: number | null) => (ms === null ? null : at(ms));
    const expected = {
      opensAt: instant(opensAt),
      endsAt: instant(endsAt),
      remainingMs: left,
      serverNow: at(5_000),
    };
    expect(told(state, 5_000)).toMatchObject(expected);
  });

  it('tells reason and closedAt of a closed question, and of no other', () => {
    expect(told(rooms.closed(), 5_000)).toMatchObject({ reason: 'stopped', closedAt: at(3_000) });
    expect(told(rooms.open(), 40_000)).toMatchObject({
      phase: 'closed',
      reason: 'expired',
      closedAt: at(21_000),
    });
    for (const phase of ['idle', 'lead-in', 'open', 'paused'] as const) {
      expect(told(rooms[phase](), 5_000)).not.toHaveProperty('reason');
      expect(told(rooms[phase](), 5_000)).not.toHaveProperty('closedAt');
    }
  });

  it('counts extensions into the duration', () => {
    expect(told(done(rooms.open(), a.extend(1_500), 2_000).state, 5_000)).toMatchObject({
      durationMs: 21_500,
    });
    expect(told(done(rooms.paused(), a.extend(-500), 4_000).state, 5_000)).toMatchObject({
      durationMs: 19_500,
    });
  });

  it('never says that less than nothing is left, also when told after the deadline', () => {
    expect(snapshotOf(rooms.open(), at(30_000)).remainingMs).toBe(0);
  });

  it('fits its phase in whatever happens', () => {
    fc.assert(
      fc.property(steps, idleTime, (all, idleMs) => {
        for (const { after, now, occupiedAt } of play(all, idleMs)) {
          const { phase, opensAt, endsAt, remainingMs } = snapshotOf(
            advance(after, now, occupiedAt).state,
            now,
          );
          if (phase === 'idle') expect([opensAt, endsAt, remainingMs]).toEqual([null, null, null]);
          else expect(remainingMs).toBeGreaterThanOrEqual(0);
          if (phase === 'lead-in') expect(opensAt).toBeGreaterThan(now);
          if (phase === 'open' || phase === 'paused') expect(opensAt).toBeLessThanOrEqual(now);
          if (phase === 'open') expect(remainingMs).toBe(Number(endsAt) - now);
          expect(endsAt === null).toBe(phase === 'idle' || phase === 'paused');
        }
      }),
    );
  });
});

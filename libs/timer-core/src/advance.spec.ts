import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  a,
  at,
  done,
  emptyRoom,
  frozen,
  idleTime,
  NOBODY,
  play,
  roomAfter,
  rooms,
  steps,
} from '../test/room.arbitrary.js';
import {
  advance,
  decide,
  decideDue,
  epochMs,
  isActive,
  nextAt,
  notAfterAt,
  type RoomState,
} from './index.js';

/** States that a room may really be in, each with the instant from which it is. */
const reached = fc
  .tuple(steps, idleTime)
  .map(([all, idleMs]) => play(all, idleMs).map(({ after, now }) => ({ state: after, now })));

const someMs = fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 10_000_000 }));
const observed = ({ question, closed, version }: RoomState) => ({ question, closed, version });

describe('time alone', () => {
  it('changes nothing before nextAt, and something at it, with nobody connected', () => {
    fc.assert(
      fc.property(reached, someMs, (states, sooner) => {
        for (const { state } of states) {
          const next = nextAt(state);
          if (next === null) {
            const paused = state.question?.phase === 'paused';
            expect(paused || state.closed !== null).toBe(true);
            expect(advance(state, at(1e12), NOBODY).state).toBe(state);
            continue;
          }
          expect(advance(state, epochMs(next - 1), NOBODY).state).toBe(state);
          expect(advance(state, epochMs(next - 1 - sooner), NOBODY).events).toEqual([]);
          expect(advance(state, next, NOBODY).events).not.toEqual([]);
          // Presence only ever matters to a room's idle end.
          if (isActive(state.question)) expect(advance(state, next, next).events).not.toEqual([]);
        }
      }),
    );
  });

  // A gateway that told a passed deadline before the owner committed it told a higher version than the commit's: then
  // players who had asked in between did not adopt the closing.
  it('passes the same in one step or in two, versions included', () => {
    fc.assert(
      fc.property(reached, someMs, someMs, (states, first, second) => {
        for (const { state, now } of states) {
          const between = epochMs(now + first);
          const end = epochMs(between + second);
          const once = advance(state, end, NOBODY);
          const half = advance(state, between, NOBODY);
          const rest = advance(half.state, end, NOBODY);
          expect(observed(rest.state)).toEqual(observed(once.state));
          expect([...half.events, ...rest.events].map(({ type }) => type)).toEqual(
            once.events.map(({ type }) => type),
          );
          // And a second time at the same instant does nothing.
          expect(advance(once.state, end, NOBODY).state).toBe(once.state);
        }
      }),
    );
  });

  it('opens after the lead-in and closes at the deadline, to the millisecond', () => {
    const state = rooms['lead-in']();
    expect(advance(state, at(10_999), NOBODY).events).toEqual([]);
    const opened = advance(state, at(11_000), NOBODY);
    expect(opened).toMatchObject({ events: [{ type: 'question:opened' }], notBeforeAt: at(11_000) });
    expect(opened.state.question).toMatchObject({ phase: 'open', opensAt: at(11_000), endsAt: at(31_000) });
    expect(advance(opened.state, at(30_999), NOBODY).events).toEqual([]);
    const closed = advance(opened.state, at(31_000), NOBODY);
    expect(closed).toMatchObject({ events: [{ type: 'question:closed' }], notBeforeAt: at(31_000) });
  });

  it('that is let pass late opens and closes in one change, at the instants that were meant', () => {
    const late = advance(rooms['lead-in'](), at(99_000), NOBODY);
    expect(late.events.map(({ type }) => type)).toEqual(['question:opened', 'question:closed']);
    expect(late).toMatchObject({ notBeforeAt: at(31_000), runs: [{ closedAt: at(31_000) }] });
    expect(late.state.question).toMatchObject({
      opensAt: at(11_000),
      endsAt: at(31_000),
      closedAt: at(31_000),
    });
  });

  it('does nothing to a paused question', () => {
    expect(nextAt(rooms.paused())).toBeNull();
    expect(advance(rooms.paused(), at(1e9), NOBODY).events).toEqual([]);
  });
});

describe('the idle end of a room', () => {
  const atIdleEnd = (state: RoomState, ms: number, occupiedAt = NOBODY) =>
    advance(state, at(ms), occupiedAt).state.closed;

  it('comes idleMs after its making when nobody ever comes', () => {
    expect(nextAt(emptyRoom(5_000))).toBe(at(5_000));
    expect(atIdleEnd(emptyRoom(5_000), 4_999)).toBeNull();
    expect(atIdleEnd(emptyRoom(5_000), 5_000)).toEqual({ at: at(5_000), reason: 'idle' });
  });

  it('comes idleMs after the last question closed', () => {
    const closed = done(done(emptyRoom(5_000), a.start(), 1_000).state, a.stop(), 4_000).state;
    expect(nextAt(closed)).toBe(at(9_000));
    expect(atIdleEnd(closed, 8_999)).toBeNull();
    expect(atIdleEnd(closed, 9_000)).toMatchObject({ reason: 'idle' });
  });

  it('waits until the last run may settle', () => {
    const started = done(emptyRoom(1_000), a.start({ graceMs: 7_000 }), 0).state;
    const closed = advance(started, at(20_000), NOBODY).state;
    expect(nextAt(closed)).toBe(at(28_000));
    expect(atIdleEnd(closed, 27_999)).toBeNull();
    expect(atIdleEnd(closed, 28_000)).toMatchObject({ reason: 'idle' });
  });

  it('waits for an earlier run with a longer grace too', () => {
    const first = done(emptyRoom(1_000), a.start({ durationMs: 100, graceMs: 9_000 }), 0).state;
    const second = done(first, a.start({ durationMs: 100 }), 200).state;
    expect(nextAt(advance(second, at(300), NOBODY).state)).toBe(at(100 + 9_000 + 1_000));
  });

  it('never comes while a run is live or may not settle yet, nor sooner than idleMs after somebody was there', () => {
    fc.assert(
      fc.property(steps, idleTime, (all, idleMs) => {
        let settledAt = 0;
        for (const { change, now, occupiedAt } of play(all, idleMs)) {
          for (const { settlesAt } of change?.runs ?? []) settledAt = Math.max(settledAt, settlesAt ?? 0);
          if (change?.events.at(-1)?.type !== 'room:closed' || change.state.closed?.reason !== 'idle')
            continue;
          expect(isActive(change.state.question)).toBe(false);
          expect(now).toBeGreaterThanOrEqual(settledAt);
          expect(now).toBeGreaterThanOrEqual(occupiedAt + idleMs);
        }
      }),
    );
  });

  it('is put off by presence: idleMs from when somebody was last there', () => {
    expect(atIdleEnd(emptyRoom(5_000), 6_000, at(1_001))).toBeNull();
    expect(atIdleEnd(emptyRoom(5_000), 6_000, at(1_000))).toMatchObject({ reason: 'idle' });
    expect(atIdleEnd(emptyRoom(5_000), 6_000, at(6_000))).toBeNull();
  });
});

describe('what an owner commits at a due instant', () => {
  it('is nothing before that instant', () => {
    expect(decideDue(rooms.open(), at(20_999), NOBODY)).toBeNull();
    expect(decideDue(rooms.paused(), at(1e9), NOBODY)).toBeNull();
    expect(decideDue(done(rooms.open(), a.close(), 2_000).state, at(1e9), NOBODY)).toBeNull();
  });

  it('is the expiry, also with somebody connected', () => {
    const change = decideDue(rooms.open(), at(21_000), at(21_000));
    expect(change).toMatchObject({ events: [{ type: 'question:closed' }], notBeforeAt: at(21_000) });
  });

  it('is a later idle end under a new version, and no event, when somebody has been there', () => {
    const room = emptyRoom(5_000);
    const change = decideDue(room, at(5_000), at(3_000));
    expect(change).toMatchObject({ events: [], runs: [], notBeforeAt: null });
    expect(change?.state.version).toBeGreaterThan(room.version);
    expect(nextAt(change?.state ?? room)).toBe(at(8_000));
  });

  it('leaves nothing due, or only the idle end that presence puts off next', () => {
    fc.assert(
      fc.property(reached, someMs, fc.boolean(), (states, later, occupied) => {
        for (const { state, now: from } of states) {
          const now = epochMs(Math.max(from, nextAt(state) ?? 0) + later);
          const occupiedAt = occupied ? now : NOBODY;
          const first = decideDue(state, now, occupiedAt);
          expect(first === null).toBe(nextAt(state) === null);
          if (first === null) continue;
          expect(first.state.version).toBeGreaterThan(state.version);
          const second = decideDue(frozen(first.state), now, occupiedAt);
          if (second === null) continue;
          expect(occupied).toBe(true);
          expect(second.events).toEqual([]);
          expect(decideDue(frozen(second.state), now, occupiedAt)).toBeNull();
        }
      }),
    );
  });
});

describe('a decision holds', () => {
  it('until the next instant of the room before or after it, and never longer than it is told', () => {
    const open = rooms.open();
    const extended = done(open, a.extend(60_000), 20_500).state;
    expect(notAfterAt(open, extended, at(20_500), 1_000)).toBe(at(21_000));
    const short = done(rooms.closed(), a.start({ durationMs: 300 }), 5_000).state;
    expect(notAfterAt(rooms.closed(), short, at(5_000), 1_000)).toBe(at(5_300));
    expect(notAfterAt(open, done(open, a.pause(), 5_000).state, at(5_000), 1_000)).toBe(at(6_000));
  });

  it('in an idle room whose end was put off by presence', () => {
    const room = emptyRoom(5_000);
    expect(notAfterAt(room, roomAfter([5_500, a.start()]), at(5_500), 1_000)).toBe(at(6_500));
  });

  it('at every instant before that: nothing has happened to the room meanwhile', () => {
    fc.assert(
      fc.property(steps, idleTime, fc.nat({ max: 1_000 }), (all, idleMs, delay) => {
        for (const { before, command, decision, change, now } of play(all, idleMs)) {
          if (command === null || decision?.kind !== 'change' || change === null) continue;
          const passed = frozen(advance(before, now, now).state);
          const until = notAfterAt(passed, change.state, now, 1_000);
          expect(until).toBeGreaterThan(now);
          expect(until).toBeLessThanOrEqual(now + 1_000);
          const committedAt = epochMs(Math.min(now + delay, until - 1));
          expect(advance(passed, committedAt, committedAt).state).toBe(passed);
          expect(advance(change.state, committedAt, committedAt).state).toBe(change.state);
          // Decided at the commit it would say the same, as far as it says yes at all.
          expect(decide(before, command, committedAt, committedAt).kind).toBe(
            startsTooLate(command, committedAt) ? 'refused' : 'change',
          );
        }
      }),
    );
  });
});

const startsTooLate = (command: object, now: number): boolean =>
  'startAt' in command && typeof command.startAt === 'number' && command.startAt < now;

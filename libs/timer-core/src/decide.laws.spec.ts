import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { a, at, done, heard, idleTime, NOBODY, play, roomAfter, steps } from '../test/room.arbitrary.js';
import {
  advance,
  decide,
  durationMs,
  type EpochMs,
  epochMs,
  type QuestionEvent,
  type RoomEvent,
  type RunId,
  versionOf,
} from './index.js';

const always = (law: (history: ReturnType<typeof play>) => void, runs = 300): void => {
  fc.assert(
    fc.property(steps, idleTime, (all, idleMs) => law(play(all, idleMs))),
    { numRuns: runs },
  );
};

const isQuestionEvent = (event: RoomEvent): event is QuestionEvent => event.type !== 'room:closed';

/** What time alone changes has the instant at which it was due, however late it was noticed. */
function happenedAt(event: RoomEvent, now: EpochMs): number {
  if (event.type === 'room:closed') return event.reason === 'idle' ? 0 : now;
  const { view } = event;
  if (event.type === 'question:opened') return Number(view.opensAt);
  return event.type === 'question:closed' && view.reason === 'expired' ? Number(view.endsAt) : now;
}

/** Long after everything that may still happen to a room of these tests, short of its idle end. */
const LONG_AFTER = 86_400_000;

describe('whatever hosts do and however late time is let pass', () => {
  it('each started run closes exactly once', () => {
    always((history) => {
      const last = history.at(-1);
      if (last === undefined) return;
      const resumed =
        last.after.question?.phase === 'paused' ? done(last.after, a.resume(), last.now - at(0)) : null;
      const rest = advance(resumed?.state ?? last.after, epochMs(last.now + LONG_AFTER), NOBODY);
      const events = [...heard(history).map(({ event }) => event), ...rest.events].filter(isQuestionEvent);
      const runsOf = (type: RoomEvent['type']) =>
        events.filter((event) => event.type === type).map((event) => event.view.runId);
      expect(runsOf('question:closed')).toEqual(runsOf('question:started'));
    });
  });

  it('no run expires before the deadline in force, and each that does says that deadline', () => {
    always((history) => {
      let deadline = Number.NaN;
      for (const { event, now } of heard(history)) {
        if (!isQuestionEvent(event)) continue;
        const { view } = event;
        if (event.type !== 'question:closed') {
          // While paused the deadline would be what is left from now on.
          deadline = view.endsAt ?? now + Number(view.remaining);
          continue;
        }
        if (view.reason !== 'expired') continue;
        expect(now).toBeGreaterThanOrEqual(Number(view.endsAt));
        expect(view.closedAt).toBe(view.endsAt);
        // A lead-in that is shortened to nothing closes at once: its deadline was never reached by time.
        if (view.opensAt !== null) expect(view.endsAt).toBe(deadline);
      }
    });
  });

  it('a change rests on no instant that has not passed, and on the deadline when it expires a run', () => {
    always((history) => {
      for (const { change, now, before } of history) {
        if (change === null) continue;
        expect(change.notBeforeAt ?? 0).toBeLessThanOrEqual(now);
        const isExpiry = before.question?.phase === 'open' && now >= before.question.endsAt;
        if (
          isExpiry &&
          before.closed === null &&
          change.events.length > 0 &&
          before.question?.phase === 'open'
        ) {
          expect(change.notBeforeAt).toBeGreaterThanOrEqual(before.question.endsAt);
        }
      }
    });
  });

  it('versions only grow, each event has its own, none is below the instant of what happened', () => {
    always((history) => {
      let last = 0;
      for (const { change, now, before, after } of history) {
        expect(after.version).toBeGreaterThanOrEqual(before.version);
        for (const event of change?.events ?? []) {
          expect(versionOf(event)).toBeGreaterThan(Math.max(last, before.version));
          expect(versionOf(event)).toBeGreaterThanOrEqual(happenedAt(event, now));
          last = versionOf(event);
        }
        if (change !== null && change.events.length > 0) expect(after.version).toBe(last);
      }
    });
  });

  it('a run is named by the version of its question:started, in every later event and record', () => {
    always((history) => {
      let current: RunId | null = null;
      for (const { event } of heard(history)) {
        if (!isQuestionEvent(event)) continue;
        if (event.type === 'question:started') current = event.view.version;
        expect(event.view.runId).toBe(current);
      }
      const names = heard(history).flatMap(({ event }) =>
        event.type === 'question:started' ? [versionOf(event)] : [],
      );
      for (const { change } of history)
        for (const { runId } of change?.runs ?? []) expect(names).toContain(runId);
    });
  });

  it('what is left, what has passed and the pauses add up to the duration', () => {
    always((history) => {
      for (const { question } of history.map(({ after }) => after)) {
        if (question === null || question.opensAt === null) continue;
        const { opensAt, pausedMs } = question;
        const openUntil =
          question.phase === 'paused' ? question.pausedAt + question.remainingMs : question.endsAt;
        if (question.phase === 'closed' && question.reason === 'expired' && question.durationMs === 0)
          continue;
        expect(openUntil - opensAt - pausedMs).toBe(question.durationMs);
      }
    });
  });

  it('a command that is refused, repeated or already fulfilled leaves the room as it was', () => {
    always((history) => {
      for (const { decision, before, after } of history) {
        if (decision === null || decision.kind === 'change') continue;
        // Frozen states show that nothing was changed in place; there is also nothing to commit.
        expect(after).toBe(before);
        expect(decision).not.toHaveProperty('events');
        if (decision.kind === 'refused') expect(decision).not.toHaveProperty('state');
      }
    });
  });

  it('the same inputs give the same decision', () => {
    always((history) => {
      for (const { before, command, now, occupiedAt, decision } of history) {
        if (command !== null) expect(decide(before, command, now, occupiedAt)).toEqual(decision);
      }
    }, 50);
  });

  it('a closed room never changes again', () => {
    always((history) => {
      for (const { before, after } of history) if (before.closed !== null) expect(after).toBe(before);
    });
  });
});

describe('pause and resume', () => {
  it('keep what is left to the millisecond, however long and often', () => {
    const rest = fc.record({ openMs: fc.nat({ max: 1_000 }), pausedMs: fc.nat({ max: 100_000 }) });
    fc.assert(
      fc.property(fc.array(rest, { minLength: 1, maxLength: 12 }), (rests) => {
        let ms = 0;
        let state = roomAfter([0, a.start({ durationMs: 20_000 })]);
        let left = 20_000;
        for (const { openMs, pausedMs } of rests) {
          ms += openMs;
          left -= openMs;
          state = done(state, a.pause(), ms).state;
          expect(state.question).toMatchObject({ phase: 'paused', remainingMs: left });
          ms += pausedMs;
          state = done(state, a.resume(), ms).state;
          expect(state.question).toMatchObject({ phase: 'open', endsAt: at(ms + left), durationMs: 20_000 });
        }
      }),
    );
  });
});

describe('extend', () => {
  const byMs = fc.integer({ min: -30_000, max: 30_000 }).filter((ms) => ms !== 0);
  const openFor = fc.integer({ min: 0, max: 19_999 });

  it('moves an open deadline by exactly its amount, but not before now, where it closes as expired', () => {
    fc.assert(
      fc.property(openFor, byMs, (ms, by) => {
        const { state, events } = done(roomAfter([0, a.start()]), a.extend(by), ms);
        const endsAt = at(Math.max(20_000 + by, ms));
        expect(events[0]).toMatchObject({ type: 'question:extended', view: { phase: 'open', endsAt } });
        expect(state.question?.durationMs).toBe(endsAt - at(0));
        if (endsAt > at(ms)) {
          expect(events).toHaveLength(1);
          expect(state.question).toMatchObject({ phase: 'open', endsAt });
        } else {
          expect(events.map(({ type }) => type)).toEqual(['question:extended', 'question:closed']);
          expect(state.question).toMatchObject({
            reason: 'expired',
            endsAt,
            closedAt: at(ms),
            remainingMs: 0,
          });
        }
      }),
    );
  });

  it('changes what is left of a paused run, not below 0, where it closes as expired', () => {
    fc.assert(
      fc.property(openFor, fc.nat({ max: 50_000 }), byMs, (ms, pausedMs, by) => {
        const paused = roomAfter([0, a.start()], [ms, a.pause()]);
        const { state, events } = done(paused, a.extend(by), ms + pausedMs);
        const remainingMs = Math.max(20_000 - ms + by, 0);
        expect(events[0]).toMatchObject({
          type: 'question:extended',
          view: { phase: 'paused', remaining: remainingMs },
        });
        expect(state.question?.durationMs).toBe(ms + remainingMs);
        if (remainingMs > 0) expect(state.question).toMatchObject({ phase: 'paused', remainingMs });
        else
          expect(state.question).toMatchObject({
            reason: 'expired',
            closedAt: at(ms + pausedMs),
            remainingMs,
          });
        expect(events).toHaveLength(remainingMs > 0 ? 1 : 2);
      }),
    );
  });

  it('changes the duration of a run in its lead-in, and closes it at once when nothing would be left', () => {
    fc.assert(
      fc.property(fc.nat({ max: 999 }), byMs, (ms, by) => {
        const leading = roomAfter([0, a.start({ leadInMs: 1_000 })]);
        const { state, events } = done(leading, a.extend(by), ms);
        if (by > -20_000) {
          const question = {
            phase: 'lead-in',
            opensAt: at(1_000),
            endsAt: at(21_000 + by),
            durationMs: 20_000 + by,
          };
          expect(state.question).toMatchObject(question);
          expect(events.map(({ type }) => type)).toEqual(['question:extended']);
        } else {
          expect(state.question).toMatchObject({ reason: 'expired', opensAt: null, closedAt: at(ms) });
          expect(events.map(({ type }) => type)).toEqual(['question:extended', 'question:closed']);
        }
      }),
    );
  });

  it('adds up: two extensions are one of their sum while something is left', () => {
    const longer = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(longer, longer, openFor, (first, second, ms) => {
        const open = roomAfter([0, a.start()]);
        const twice = done(done(open, a.extend(first), ms).state, a.extend(second), ms).state;
        const once = done(open, a.extend(durationMs(first + second)), ms).state;
        expect(twice.question).toEqual(once.question);
      }),
    );
  });
});

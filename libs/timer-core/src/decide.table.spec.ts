import { describe, expect, it } from '@jest/globals';
import { a, at, done, emptyRoom, NOBODY, roomAfter, rooms, T0 } from '../test/room.arbitrary.js';
import {
  type Command,
  decide,
  MAX_START_AHEAD_MS,
  phaseOf,
  type RoomState,
  version,
  versionOf,
} from './index.js';

const NOW_MS = 5_000;
const decideAt = (state: RoomState, command: Command, ms = NOW_MS) => decide(state, command, at(ms), NOBODY);
const runIdOf = (state: RoomState) => state.question?.runId ?? version(0);

describe('the command table', () => {
  const commands = {
    start: a.start(),
    pause: a.pause(),
    resume: a.resume(),
    extend: a.extend(1_000),
    stop: a.stop(),
  };
  const WRONG = 'wrong_phase';
  const ACTIVE = 'question_active';
  type Row = Record<keyof typeof rooms, string>;
  // A cell is the event that the command makes, or the code of its refusal.
  const table: Record<keyof typeof commands, Row> = {
    start: {
      idle: 'question:started',
      closed: 'question:started',
      'lead-in': ACTIVE,
      open: ACTIVE,
      paused: ACTIVE,
    },
    pause: { idle: WRONG, closed: WRONG, 'lead-in': WRONG, open: 'question:paused', paused: WRONG },
    resume: { idle: WRONG, closed: WRONG, 'lead-in': WRONG, open: WRONG, paused: 'question:resumed' },
    extend: {
      idle: WRONG,
      closed: WRONG,
      'lead-in': 'question:extended',
      open: 'question:extended',
      paused: 'question:extended',
    },
    stop: {
      idle: WRONG,
      closed: WRONG,
      'lead-in': 'question:closed',
      open: 'question:closed',
      paused: 'question:closed',
    },
  };
  const cells = (Object.keys(table) as (keyof typeof table)[]).flatMap((name) =>
    (Object.keys(rooms) as (keyof typeof rooms)[]).map((phase) => ({
      name,
      phase,
      answer: table[name][phase],
    })),
  );

  it.each(cells)('$name while $phase: $answer', ({ name, phase, answer }) => {
    const state = rooms[phase]();
    expect(phaseOf(state)).toBe(phase);
    const decision = decideAt(state, commands[name]);
    if (decision.kind === 'change') expect(decision.events.map(({ type }) => type)).toEqual([answer]);
    else expect(decision).toMatchObject({ kind: 'refused', code: answer });
  });

  it.each(['lead-in', 'open', 'paused'] as const)('closes the question, then the room, while %s', (phase) => {
    const { state, events, runs } = done(rooms[phase](), a.close(), NOW_MS);
    expect(events).toMatchObject([
      { type: 'question:closed', view: { reason: 'room-closed', closedAt: at(NOW_MS) } },
      { type: 'room:closed', reason: 'host', roomId: state.roomId },
    ]);
    expect(runs).toMatchObject([{ reason: 'room-closed', closedAt: at(NOW_MS) }]);
    expect(state).toMatchObject({
      closed: { at: at(NOW_MS), reason: 'host' },
      question: { phase: 'closed' },
    });
  });

  it.each(['idle', 'closed'] as const)('closes the room alone while %s', (phase) => {
    const { events, runs } = done(rooms[phase](), a.close(), NOW_MS);
    expect(events.map(({ type }) => type)).toEqual(['room:closed']);
    expect(runs).toEqual([]);
  });

  it.each([...Object.values(commands), a.close()])(
    'answers room_not_found in a closed room: $type',
    (command) => {
      const closed = done(rooms.open(), a.close(), 2_000).state;
      expect(decideAt(closed, command)).toMatchObject({ kind: 'refused', code: 'room_not_found' });
    },
  );

  it('answers room_not_found once the idle end has passed, also when nobody committed it yet', () => {
    expect(decideAt(emptyRoom(1_000), a.start(), 999)).toMatchObject({ kind: 'change' });
    expect(decideAt(emptyRoom(1_000), a.start(), 1_000)).toMatchObject({ code: 'room_not_found' });
  });
});

describe('a start', () => {
  it('without a lead-in opens at once, with one event', () => {
    const { state, events } = done(emptyRoom(), a.start({ durationMs: 20_000 }), NOW_MS);
    expect(events).toMatchObject([{ type: 'question:started', view: { phase: 'open' } }]);
    expect(state.question).toMatchObject({
      opensAt: at(NOW_MS),
      endsAt: at(NOW_MS + 20_000),
      runId: state.version,
    });
  });

  it('with a lead-in opens after it', () => {
    const { question } = done(emptyRoom(), a.start({ leadInMs: 3_000 }), NOW_MS).state;
    expect(question).toMatchObject({ phase: 'lead-in', opensAt: at(8_000), endsAt: at(28_000) });
  });

  it('at an instant opens then, whatever the lead-in says', () => {
    const { question } = done(emptyRoom(), a.start({ leadInMs: 3_000, startAt: T0 + 60_000 }), NOW_MS).state;
    expect(question).toMatchObject({ phase: 'lead-in', opensAt: at(60_000), endsAt: at(80_000) });
  });

  it.each([
    [-1, 'refused'],
    [0, 'change'],
    [MAX_START_AHEAD_MS, 'change'],
    [MAX_START_AHEAD_MS + 1, 'refused'],
  ])('at an instant %i ms from now: %s', (ahead, kind) => {
    const decision = decideAt(emptyRoom(), a.start({ startAt: T0 + NOW_MS + ahead }));
    expect(decision).toMatchObject({ kind });
    if (kind === 'refused') expect(decision).toMatchObject({ code: 'invalid_payload', field: 'startAt' });
  });

  it('plays the same question again as a new run', () => {
    const first = rooms.closed();
    const second = done(first, a.start(), NOW_MS).state;
    expect(second.question).toMatchObject({ questionId: 'q1', pauses: [], pausedMs: 0 });
    expect(runIdOf(second)).toBeGreaterThan(runIdOf(first));
  });
});

describe('a command that names a run', () => {
  const forRun = {
    pause: a.pause,
    resume: a.resume,
    extend: (run: object) => a.extend(500, run),
    stop: a.stop,
  };
  const fitting = { pause: 'open', resume: 'paused', extend: 'open', stop: 'open' } as const;

  it.each(Object.keys(forRun) as (keyof typeof forRun)[])('%s is done for the current run only', (name) => {
    const state = rooms[fitting[name]]();
    expect(decideAt(state, forRun[name]({ runId: runIdOf(state) }))).toMatchObject({ kind: 'change' });
    for (const off of [-1, 1]) {
      const another = forRun[name]({ runId: version(runIdOf(state) + off) });
      expect(decideAt(state, another)).toMatchObject({ kind: 'refused', code: 'wrong_phase' });
    }
  });
});

describe('a stop that comes with the expiry', () => {
  const open = rooms.open();
  const runId = runIdOf(open);
  const expired = done(open, a.start({ questionId: 'q2' }), 21_000).state;

  it('is answered with the expiry, which it commits, and is remembered', () => {
    const { state, events } = done(open, a.stop({ runId, commandId: 's' }), 21_000);
    expect(events).toMatchObject([{ type: 'question:closed', view: { reason: 'expired' } }]);
    expect(decideAt(state, a.stop({ runId, commandId: 's' }), 21_001)).toMatchObject({ kind: 'repeated' });
  });

  it('changes nothing when the expiry is committed already', () => {
    const { state } = done(open, a.stop({ runId }), 21_000);
    expect(decideAt(state, a.stop({ runId }), 21_500)).toEqual({ kind: 'unchanged', state });
  });

  it('is refused without naming the run', () => {
    expect(decideAt(open, a.stop(), 21_000)).toMatchObject({ kind: 'refused', code: 'wrong_phase' });
  });

  it('is refused when that run was stopped, or is no longer the current one', () => {
    const stopped = rooms.closed();
    expect(decideAt(stopped, a.stop({ runId: runIdOf(stopped) }))).toMatchObject({ code: 'wrong_phase' });
    expect(decideAt(expired, a.stop({ runId }), 21_500)).toMatchObject({ code: 'wrong_phase' });
  });
});

describe('a command after a passed instant', () => {
  it('commits the expiry together with the next start', () => {
    const { state, events, runs, notBeforeAt } = done(rooms.open(), a.start({ questionId: 'q2' }), 30_000);
    expect(events.map(({ type }) => type)).toEqual(['question:closed', 'question:started']);
    expect(new Set(events.map(versionOf)).size).toBe(2);
    expect(runs).toMatchObject([
      { questionId: 'q1', reason: 'expired', closedAt: at(21_000) },
      { questionId: 'q2', closedAt: null, runId: state.question?.runId },
    ]);
    expect(notBeforeAt).toBe(at(21_000));
  });

  it('commits the opening together with a pause, with one record of the run', () => {
    const { events, runs, notBeforeAt } = done(rooms['lead-in'](), a.pause(), 12_000);
    expect(events.map(({ type }) => type)).toEqual(['question:opened', 'question:paused']);
    expect(runs).toMatchObject([{ pausedAt: at(12_000), endsAt: null }]);
    expect(notBeforeAt).toBe(at(11_000));
  });

  it('is refused at the deadline itself, and done 1 ms before it', () => {
    const open = roomAfter([1_000, a.start()]);
    expect(decideAt(open, a.pause(), 20_999)).toMatchObject({ kind: 'change' });
    expect(decideAt(open, a.pause(), 21_000)).toMatchObject({ kind: 'refused', code: 'wrong_phase' });
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RoomState } from '../client.types.js';
import type { OwnAnswer, Phase, QuestionClosed, Snapshot, Verdict } from '../wire.types.js';
import { EventGate } from './event.gate.js';
import { closedSnapshot, openSnapshot, PIN, ROOM_ID, snapshotOf } from './fake.gateway.spec-helper.js';
import {
  fitsVerdict,
  INITIAL_STATE,
  withAnswer,
  withClock,
  withCount,
  withFields,
  withJoined,
  withPresence,
  withQuestion,
} from './room.state.js';
import type { ServerEvent } from './wire.reader.js';

const LAWS = { numRuns: 500 };

const joined = (snapshot: Snapshot, answer?: OwnAnswer) => ({
  roomId: ROOM_ID,
  pin: PIN,
  playerId: 'p1',
  role: 'player' as const,
  name: 'Ada',
  token: 't',
  snapshot,
  ...(answer === undefined ? {} : { answer }),
});

const answerOf = (verdict: Verdict, more: Partial<OwnAnswer> = {}): OwnAnswer => ({
  verdict,
  receivedAt: 1_000,
  elapsedMs: 10,
  questionId: 'q1',
  runId: 10,
  choice: 'a',
  ...more,
});

/** A change of a room, as a broadcast tells it. */
type Change = Exclude<
  ServerEvent,
  { event: 'room:presence' | 'answers:count' | 'member:removed' | 'server:draining' }
>;
type QuestionEvent = Extract<Change, { readonly event: `question:${string}` }>;

/** A room's whole history: so many runs, each started, changed a few times, and closed, each with a version of its own. */
const histories = fc
  .array(fc.array(fc.constantFrom('paused', 'resumed', 'extended'), { maxLength: 3 }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((runs) => {
    const events: QuestionEvent[] = [];
    let version = 1;
    for (const changes of runs) {
      version += 2;
      const runId = version;
      const content = { of: runId };
      const at = (phase: Phase) =>
        openSnapshot(version, 9_000, { runId, phase, content, serverNow: version * 10 });
      events.push({ event: 'question:started', payload: at('open') });
      for (const change of changes) {
        version += 3;
        events.push({
          event: `question:${change}` as 'question:paused',
          payload: at(change === 'paused' ? 'paused' : 'open'),
        });
      }
      version += 1;
      const closed = closedSnapshot(version, { runId, content, serverNow: version * 10 });
      events.push({ event: 'question:closed', payload: closed as QuestionClosed });
    }
    return events;
  });

/** What of a history arrives: some of it twice, some out of order, some never. */
const deliveries = histories.chain((events) =>
  fc.array(fc.nat({ max: events.length - 1 }), { maxLength: 30 }).map((order) => ({
    events,
    delivered: order.map((i) => events[i] as QuestionEvent),
  })),
);

describe('a state', () => {
  it('is the newest that was told, however often and in which order: its version never goes back', () => {
    fc.assert(
      fc.property(deliveries, ({ delivered }) => {
        let state: RoomState = INITIAL_STATE;
        let newest = 0;
        for (const { payload } of delivered) {
          state = withQuestion(state, payload);
          newest = Math.max(newest, payload.version);
          expect(state.question?.version).toBe(newest);
          expect(state.question?.content).toEqual({ of: state.question?.runId });
        }
      }),
      LAWS,
    );
  });

  it('keeps content over ticks, and content and answer no longer than their run', () => {
    fc.assert(
      fc.property(deliveries, fc.array(fc.boolean()), ({ delivered }, asTicks) => {
        let state: RoomState = INITIAL_STATE;
        let content: unknown;
        for (const [i, { payload }] of delivered.entries()) {
          const { content: given, ...tick } = payload as Snapshot;
          const before = state;
          state = withQuestion(state, asTicks[i] ? tick : payload);
          if (state === before) continue;
          const isSameRun = before.question?.runId === payload.runId;
          content = (isSameRun ? content : undefined) ?? (asTicks[i] ? undefined : given);
          expect(state.question?.content).toEqual(content);
          expect(state.answer).toBe(isSameRun ? before.answer : null);
          state = withAnswer(state, answerOf('accepted', { runId: payload.runId ?? 0 }));
        }
      }),
      LAWS,
    );
  });

  it('is the same object as long as nothing changed', () => {
    const presence = { roomId: ROOM_ID, players: 1, spectators: 0, hostConnected: true, serverNow: 1 };
    const snapshot = openSnapshot(12, 9_000, { content: { a: 1 } });
    const full = withCount(
      withPresence(withJoined(INITIAL_STATE, joined(snapshot, answerOf('accepted'))), presence),
      { roomId: ROOM_ID, questionId: 'q1', count: 3, serverNow: 1 },
    );
    const again = structuredClone(joined(snapshot, answerOf('accepted')));
    const { content: _, ...tick } = snapshot;
    for (const same of [
      withJoined(full, again),
      withQuestion(full, structuredClone(snapshot)),
      withQuestion(full, tick),
      withQuestion(full, openSnapshot(11)),
      withQuestion(full, { ...snapshot, serverNow: snapshot.serverNow - 1 }),
      withQuestion(full, openSnapshot(99, 9_000, { roomId: 'another' })),
      withAnswer(full, answerOf('accepted', { receivedAt: 900 })),
      withAnswer(full, answerOf('late', { receivedAt: 2_000 })),
      withAnswer(full, answerOf('duplicate', { receivedAt: 2_000 })),
      withAnswer(full, answerOf('accepted', { runId: 9, receivedAt: 2_000 })),
      withCount(full, { roomId: ROOM_ID, questionId: 'q1', count: 3, serverNow: 2 }),
      withClock(full, { ...full.clock }),
      withFields(full, { connection: full.connection, end: null }),
    ]) {
      expect(same).toBe(full);
    }
  });

  it('takes a later look at the same version: time alone closes a question before that has a version', () => {
    const state = withQuestion(INITIAL_STATE, openSnapshot(12, 9_000, { serverNow: 100 }));
    const closed = closedSnapshot(12, { serverNow: 200 });
    expect(withQuestion(state, closed).question).toEqual(closed);
    expect(
      withQuestion(withQuestion(state, closed), openSnapshot(12, 9_000, { serverNow: 150 })).question,
    ).toEqual(closed);
  });

  it('has the accepted answer, else the last refused one', () => {
    const state = withQuestion(INITIAL_STATE, openSnapshot(12));
    const refused = withAnswer(withAnswer(state, answerOf('not_open')), answerOf('paused'));
    expect(refused.answer?.verdict).toBe('paused');
    const accepted = withAnswer(refused, answerOf('accepted'));
    expect(accepted.answer?.verdict).toBe('accepted');
    expect(
      withAnswer(accepted, answerOf('accepted', { receivedAt: 1_001, choice: 'b' })).answer?.choice,
    ).toBe('b');
    expect(withAnswer(state, answerOf('wrong_question')).answer).toBeNull();
  });

  it('has no answer of the player that this member was before', () => {
    const before = withJoined(INITIAL_STATE, joined(openSnapshot(12), answerOf('accepted')));
    const after = withJoined(before, { ...joined(openSnapshot(12)), playerId: 'p2' });
    expect(after.answer).toBeNull();
    expect(withJoined(before, { ...joined(openSnapshot(12)), name: 'Ada 2' }).answer).not.toBeNull();
  });
});

describe('handlers', () => {
  it('are told each event once for its version, in growing order, and each closing once for its run', () => {
    fc.assert(
      fc.property(deliveries, ({ delivered }) => {
        const gate = new EventGate();
        const told = delivered.filter((heard) => gate.pass(heard));
        const versions = told.map(({ payload }) => payload.version);
        expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
        const closed = told
          .filter(({ event }) => event === 'question:closed')
          .map(({ payload }) => payload.runId);
        expect(closed).toEqual([...new Set(closed)]);
        // Nothing is kept back that came in order.
        const inOrder = delivered.filter(({ payload }, i) =>
          delivered.slice(0, i).every((before) => before.payload.version < payload.version),
        );
        expect(told).toEqual(inOrder);
      }),
      LAWS,
    );
  });

  it('are told the closing of a run once, whether a state or the event told it first', () => {
    const gate = new EventGate();
    const learned = closedSnapshot(12) as QuestionClosed;
    expect(gate.pass({ event: 'question:extended', payload: openSnapshot(12) })).toBe(true);
    expect(gate.pass({ event: 'question:closed', payload: learned })).toBe(true);
    expect(gate.pass({ event: 'question:closed', payload: { ...learned, version: 13 } })).toBe(false);
    expect(gate.pass({ event: 'question:closed', payload: { ...learned, version: 20, runId: 14 } })).toBe(
      true,
    );
  });

  it('are told all ticks, though they have the version of the last change, but none that is old', () => {
    const gate = new EventGate();
    const tick = (version: number, serverNow: number) =>
      gate.pass({ event: 'question:tick', payload: openSnapshot(version, 9_000, { serverNow }) });
    gate.pass({ event: 'question:started', payload: openSnapshot(12) });
    expect([tick(12, 1), tick(12, 2), tick(12, 2), tick(11, 3), tick(12, 3)]).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });
});

describe('a verdict', () => {
  const inPhase = (phase: Phase, more: Partial<Snapshot> = {}): RoomState => ({
    ...INITIAL_STATE,
    question: snapshotOf({ ...openSnapshot(12), phase, opensAt: 1_000, endsAt: 2_000, ...more }),
  });
  const fitting = (state: RoomState, now: number | null): Verdict[] => {
    const all: Verdict[] = [
      'wrong_question',
      'not_eligible',
      'duplicate',
      'not_open',
      'paused',
      'late',
      'accepted',
    ];
    return all.filter((verdict) => fitsVerdict(state, verdict, now));
  };

  it('fits the phase that is known, or something was missed', () => {
    expect(fitting(inPhase('idle'), 1_500)).toEqual(['not_open']);
    expect(fitting(inPhase('lead-in'), 500)).toEqual(['not_open']);
    expect(fitting(inPhase('lead-in'), 1_000)).toEqual(['not_open', 'accepted']);
    expect(fitting(inPhase('open'), 1_500)).toEqual(['accepted']);
    expect(fitting(inPhase('open'), 2_000)).toEqual(['late', 'accepted']);
    expect(fitting(inPhase('open'), null)).toEqual(['accepted']);
    expect(fitting(inPhase('paused'), 1_500)).toEqual(['not_open', 'paused']);
    expect(fitting(inPhase('closed'), 2_500)).toEqual(['not_open', 'late', 'accepted']);
    expect(fitting({ ...inPhase('open'), answer: answerOf('accepted') }, 1_500)).toEqual([
      'duplicate',
      'accepted',
    ]);
    expect(fitting(INITIAL_STATE, null)).toHaveLength(7);
  });
});

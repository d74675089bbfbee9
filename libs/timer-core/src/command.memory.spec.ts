import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { a, at, done, emptyRoom, NOBODY, play, roomAfter, rooms, steps } from '../test/room.arbitrary.js';
import { type Command, decide, MAX_COMMANDS_REMEMBERED, type RoomState } from './index.js';

const decideAt = (state: RoomState, command: Command, ms: number) => decide(state, command, at(ms), NOBODY);
const MISUSED = { kind: 'refused', code: 'invalid_payload', field: 'commandId' };

describe('a repeated command', () => {
  const started = roomAfter([1_000, a.start({ commandId: 'c1' })]);

  it('is answered as repeated, with the room as it is now', () => {
    const decision = decideAt(started, a.start({ commandId: 'c1' }), 25_000);
    expect(decision).toMatchObject({
      kind: 'repeated',
      state: { question: { phase: 'closed', reason: 'expired' } },
    });
  });

  it('has no second effect, however the phase has changed', () => {
    const paused = done(started, a.pause({ commandId: 'c2' }), 2_000).state;
    const resumed = done(paused, a.resume({ commandId: 'c3' }), 3_000).state;
    expect(decideAt(resumed, a.pause({ commandId: 'c2' }), 4_000)).toEqual({
      kind: 'repeated',
      state: resumed,
    });
    const extended = done(resumed, a.extend(500, { commandId: 'c4' }), 4_000).state;
    expect(decideAt(extended, a.extend(500, { commandId: 'c4' }), 4_001)).toEqual({
      kind: 'repeated',
      state: extended,
    });
  });

  it('is one of the same actor only', () => {
    const another = decideAt(started, a.extend(500, { actor: 'co-host', commandId: 'c1' }), 2_000);
    expect(another).toMatchObject({ kind: 'change' });
  });

  it('is told from another command under the same id, of another type or with other values', () => {
    expect(decideAt(started, a.stop({ commandId: 'c1' }), 2_000)).toMatchObject(MISUSED);
    expect(decideAt(started, a.start({ commandId: 'c1', questionId: 'q2' }), 2_000)).toMatchObject(MISUSED);
    expect(decideAt(started, a.start({ commandId: 'c1', durationMs: 20_001 }), 2_000)).toMatchObject(MISUSED);
    const extended = done(started, a.extend(500, { commandId: 'c2' }), 2_000).state;
    expect(decideAt(extended, a.extend(501, { commandId: 'c2' }), 2_000)).toMatchObject(MISUSED);
  });

  it('is known by an actor whose name has spaces, and by no part of that name', () => {
    const state = roomAfter([1_000, a.start({ actor: 'the quiz app', commandId: 'c1' })]);
    expect(decideAt(state, a.start({ actor: 'the quiz app', commandId: 'c1' }), 2_000)).toMatchObject({
      kind: 'repeated',
    });
    expect(decideAt(state, a.start({ actor: 'app', commandId: 'c1' }), 2_000)).toMatchObject({
      code: 'question_active',
    });
    expect(decideAt(state, a.start({ actor: 'the quiz', commandId: 'c1' }), 2_000)).toMatchObject({
      kind: 'refused',
    });
  });

  it('is known after the room was closed by it', () => {
    const closed = done(started, a.close({ commandId: 'c9' }), 2_000).state;
    expect(decideAt(closed, a.close({ commandId: 'c9' }), 3_000)).toEqual({
      kind: 'repeated',
      state: closed,
    });
    expect(decideAt(closed, a.start({ commandId: 'c1' }), 3_000)).toEqual({
      kind: 'repeated',
      state: closed,
    });
    expect(decideAt(closed, a.close({ commandId: 'c8' }), 3_000)).toMatchObject({ code: 'room_not_found' });
  });
});

describe('the memory of commands', () => {
  it('keeps no refused command', () => {
    const open = rooms.open();
    expect(decideAt(open, a.resume({ commandId: 'c1' }), 2_000)).toMatchObject({ code: 'wrong_phase' });
    const paused = done(open, a.pause(), 3_000).state;
    expect(decideAt(paused, a.resume({ commandId: 'c1' }), 4_000)).toMatchObject({ kind: 'change' });
  });

  it('keeps no command without an id', () => {
    expect(rooms.paused().commands).toEqual([]);
  });

  it('keeps the newest 32', () => {
    let state = rooms.open();
    const extendBy1 = (i: number) => a.extend(1, { commandId: `c${i}` });
    for (let i = 0; i <= MAX_COMMANDS_REMEMBERED; i++) state = done(state, extendBy1(i), 2_000).state;
    expect(MAX_COMMANDS_REMEMBERED).toBe(32);
    expect(state.commands).toHaveLength(32);
    for (let i = 1; i <= 32; i++) expect(decideAt(state, extendBy1(i), 2_000).kind).toBe('repeated');
    expect(decideAt(state, extendBy1(0), 2_000).kind).toBe('change');
  });

  it('never lets an id of an actor have two effects, in whatever happens', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const effects: string[] = [];
        for (const { command, decision } of play(all)) {
          if (command?.commandId === undefined || decision === null) continue;
          const name = `${command.actor}/${command.commandId}`;
          // There are at most 30 commands, so none is forgotten.
          if (effects.includes(name))
            expect(decision).toMatchObject(decision.kind === 'repeated' ? {} : MISUSED);
          else expect(decision.kind).not.toBe('repeated');
          if (decision.kind === 'change') effects.push(name);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the state', () => {
  it('is at most 4 KiB with the longest ids, all commands and all pauses', () => {
    const id = (i: number) => `${i}`.padStart(64, 'x');
    const actor = 'h'.repeat(16);
    let state = emptyRoom(604_800_000);
    let ms = 99_000_000;
    const act = (command: Command) => {
      state = done(state, command, ms).state;
      // Long pauses, short open times: many digits everywhere.
      ms += state.question?.phase === 'paused' ? 80_000_000 : 1_000;
    };
    const start = { questionId: id(0), durationMs: 86_400_000, graceMs: 10_000, tickMs: 60_000 };
    act(a.start({ ...start, actor, commandId: id(1) }));
    for (let i = 2; i < 40; i += 3) {
      const runId = state.question?.runId;
      const named = (n: number) => ({ actor, commandId: id(n), ...(runId === undefined ? {} : { runId }) });
      act(a.extend(86_400_000, named(i)));
      act(a.pause(named(i + 1)));
      act(a.resume(named(i + 2)));
    }
    const whole = () => new TextEncoder().encode(JSON.stringify(state)).length;
    expect(state).toMatchObject({ question: { pauses: { length: 8 } }, commands: { length: 32 } });
    expect(whole()).toBeLessThanOrEqual(4_096);
    act(a.close({ actor, commandId: id(99) }));
    expect(whole()).toBeLessThanOrEqual(4_096);
    expect(whole()).toBeGreaterThan(3_800);
  });

  it('survives being written as JSON', () => {
    fc.assert(
      fc.property(steps, (all) => {
        for (const { after } of play(all)) expect(JSON.parse(JSON.stringify(after))).toEqual(after);
      }),
      { numRuns: 50 },
    );
  });
});

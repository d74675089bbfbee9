import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '#libs/testing';
import { closedSnapshot, FakeGateway, openSnapshot, PIN, refusal } from './fake.gateway.spec-helper.js';
import { Scene } from './room.scene.spec-helper.js';

let scene: Scene;
let gateway: FakeGateway;

beforeEach(async () => {
  scene = new Scene();
  gateway = await scene.gateway();
  gateway.snapshot = openSnapshot(12, 60_000);
});
afterEach(() => scene.end());

const judged = (verdict: string, more: object = {}) => ({
  ok: true,
  verdict,
  receivedAt: 1_000,
  elapsedMs: 500,
  ...more,
});

/** All payloads of an event: one command sent several times. */
function theOne(event: string, times: number) {
  const payloads = gateway.payloadsOf(event);
  expect(payloads).toHaveLength(times);
  expect(new Set(payloads.map((payload) => JSON.stringify(payload))).size).toBe(1);
  return payloads[0];
}

describe('a command', () => {
  it('carries an id of its own and the run that is on, and its state is adopted', async () => {
    const room = await scene.join();
    const ok = (version: number) => () => ({ ok: true, snapshot: openSnapshot(version) });
    for (const [i, event] of ['start', 'pause', 'resume', 'extend', 'stop'].entries()) {
      gateway.answer(`question:${event}`, ok(20 + i));
    }
    await room.start({ questionId: 'q1', durationMs: 5_000, content: [1] });
    await room.pause();
    await room.resume();
    await room.extend(-10_000);
    const stopped = await room.stop();
    expect(stopped.version).toBe(24);
    expect(room.state.question?.version).toBe(24);
    const commandId = expect.stringMatching(/^[A-Za-z0-9_.-]{16,64}$/);
    expect(gateway.payloadsOf('question:start')).toEqual([
      { questionId: 'q1', durationMs: 5_000, content: [1], commandId },
    ]);
    expect(gateway.payloadsOf('question:pause')).toEqual([{ runId: 10, commandId }]);
    expect(gateway.payloadsOf('question:extend')).toEqual([{ runId: 10, byMs: -10_000, commandId }]);
    const ids = gateway.heard.flatMap(({ payload }) => payload.commandId ?? []);
    expect(new Set(ids).size).toBe(5);
  });

  it('that is refused for good rejects with the refusal', async () => {
    const room = await scene.join();
    gateway.answer('question:start', () => refusal('invalid_payload', { field: 'durationMs' }));
    await expect(room.start({ questionId: 'q1', durationMs: 5 })).rejects.toMatchObject({
      name: 'QuizbellError',
      code: 'invalid_payload',
      field: 'durationMs',
      retryable: false,
      message: 'refused: invalid_payload',
    });
    expect(gateway.of('question:start')).toHaveLength(1);
  });

  it('that is refused for now is sent again under the same id, not before the server said', async () => {
    const room = await scene.join();
    const refusals = [
      refusal('rate_limited', { retryable: true, retryAfterMs: 400 }),
      refusal('conflict', { retryable: true }),
    ];
    gateway.answer('question:stop', () => refusals.shift() ?? { ok: true, snapshot: closedSnapshot(13) });
    await room.stop();
    theOne('question:stop', 3);
    const [first, second] = gateway.of('question:stop');
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(395);
  });

  it('that is not answered is sent again under the same id', async () => {
    const room = await scene.join({ timeoutMs: 300 });
    let asked = 0;
    gateway.answer('question:pause', () =>
      asked++ < 2 ? undefined : { ok: true, snapshot: openSnapshot(13) },
    );
    await room.pause();
    theOne('question:pause', 3);
  });

  it('that is under way when the connection is lost is sent again over the next one, after the join', async () => {
    const room = await scene.join();
    let asked = 0;
    gateway.answer('question:pause', () => {
      if (asked++ > 0) return { ok: true, repeated: true, snapshot: openSnapshot(13) };
      gateway.drop();
      return undefined;
    });
    await room.pause();
    theOne('question:pause', 2);
    const order = gateway.heard.map(({ event }) => event).filter((event) => event !== 'clock:sync');
    expect(order).toEqual(['room:join', 'question:pause', 'room:join', 'question:pause']);
  });

  it('that may have been done is never refused for too many that wait', async () => {
    const room = await scene.join();
    gateway.answer('question:pause', () => undefined);
    const paused = Promise.all(Array.from({ length: 20 }, () => room.pause()));
    await gateway.hears('question:pause', 20);
    gateway.answer('question:pause', () => ({ ok: true, repeated: true, snapshot: openSnapshot(13) }));
    gateway.drop();
    await expect(paused).resolves.toHaveLength(20);
  });

  it('that comes before the first join waits for it', async () => {
    gateway.answer('question:start', () => ({ ok: true, snapshot: openSnapshot(13) }));
    const room = scene.open();
    await room.start({ questionId: 'q1', durationMs: 5_000 });
    expect(gateway.of('question:start')).toHaveLength(1);
  });

  it('is given up after its time: what became of it is unknown', async () => {
    scene.environment.longMs = 10_000;
    scene.environment.shortenedMs = 60_000;
    const room = await scene.join();
    await gateway.stop();
    await eventually(() => room.state.connection === 'reconnecting');
    // Waits are shortened from now on, so the command's life is what the wait says.
    scene.environment.shortenedMs = 200;
    const clock = scene.environment.nowMs;
    const paused = room.pause();
    scene.environment.nowMs = () => clock() + 15_000;
    await expect(paused).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    scene.environment.nowMs = clock;
  });

  it('that the server keeps refusing for now rejects with that refusal when waiting would be too long', async () => {
    const room = await scene.join();
    gateway.answer('question:pause', () =>
      refusal('rate_limited', { retryable: true, retryAfterMs: 3_600_000 }),
    );
    await expect(room.pause()).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 3_600_000 });
  });

  it('under way at the end of the room rejects', async () => {
    const room = await scene.join();
    gateway.answer('question:pause', () => undefined);
    const paused = room.pause();
    await gateway.hears('question:pause');
    room.disconnect();
    await expect(paused).rejects.toMatchObject({ code: 'unavailable', retryable: false });
    await expect(room.pause()).rejects.toMatchObject({ code: 'unavailable', retryable: false });
  });

  it('that no gateway could read is refused here, and costs nobody the connection', async () => {
    const room = await scene.join();
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    for (const choice of [1n, circular]) {
      await expect(room.answer(choice)).rejects.toMatchObject({
        name: 'QuizbellError',
        code: 'invalid_payload',
      });
    }
    const content = 'x'.repeat(100_000);
    const started = room.start({ questionId: 'q1', durationMs: 5_000, content });
    await expect(started).rejects.toMatchObject({
      name: 'QuizbellError',
      code: 'too_large',
      retryable: false,
    });
    expect(gateway.of('answer:submit')).toEqual([]);
    expect(gateway.of('question:start')).toEqual([]);
  });

  it('that was refused at first and is then not answered may have been done', async () => {
    const room = await scene.join();
    const answers = [refusal('conflict', { retryable: true })];
    const clock = scene.environment.nowMs;
    gateway.answer('question:pause', () => {
      const answer = answers.shift();
      if (answer !== undefined) return answer;
      scene.environment.nowMs = () => clock() + 15_000;
      gateway.drop();
      return undefined;
    });
    await expect(room.pause()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    scene.environment.nowMs = clock;
  });

  it('whose acknowledgement says nothing rejects as internal', async () => {
    const room = await scene.join();
    for (const ack of ['yes', { ok: true }, { ok: false }, { ok: true, snapshot: { phase: 'open' } }]) {
      gateway.answer('question:pause', () => ack as object);
      await expect(room.pause()).rejects.toMatchObject({ code: 'internal' });
    }
    gateway.answer('room:roster', () => ({ ok: true }));
    await expect(room.roster()).rejects.toMatchObject({ code: 'internal' });
    gateway.answer('answer:submit', () => ({ ok: true, verdict: 'splendid' }));
    await expect(room.answer('a')).rejects.toMatchObject({ code: 'internal' });
  });

  it('asks for the members, with those who are away', async () => {
    const room = await scene.join();
    const members = [{ playerId: 'p1', role: 'player', name: 'Ada', connected: false }];
    gateway.answer('room:roster', () => ({ ok: true, members: [...members, { odd: true }, null] }));
    expect(await room.roster()).toEqual(members);
    await room.roster({ away: true });
    expect(gateway.payloadsOf('room:roster')).toEqual([{}, { away: true }]);
  });

  it('kicks, also when the first acknowledgement was lost and the member is gone by then', async () => {
    const room = await scene.join();
    gateway.answer('member:kick', () => refusal('not_found'));
    await expect(room.kick('p9')).rejects.toMatchObject({ code: 'not_found' });
    let asked = 0;
    gateway.answer('member:kick', () => {
      if (asked++ > 0) return refusal('not_found');
      gateway.drop();
      return undefined;
    });
    await room.kick('p9', { ban: true });
    expect(gateway.payloadsOf('member:kick')).toEqual([
      { playerId: 'p9' },
      { playerId: 'p9', ban: true },
      { playerId: 'p9', ban: true },
    ]);
  });

  it('closes the room, of which the end may be heard before the acknowledgement', async () => {
    const room = await scene.join();
    gateway.answer('room:close', () => {
      gateway.emit('room:closed', { roomId: '3-room', version: 20, reason: 'host', serverNow: 1 });
      return undefined;
    });
    await room.close();
    expect(room.state.end).toEqual({ reason: 'room-closed', by: 'host' });
    expect(gateway.payloadsOf('room:close')).toEqual([{ commandId: expect.any(String) }]);
  });
});

describe('an answer', () => {
  it('is to the run that is shown when it is given, and its verdict is the member’s', async () => {
    const room = await scene.join();
    gateway.answer('answer:submit', () => judged('accepted', { compensatedMs: 3, unknown: 1 }));
    const result = await room.answer({ id: 'a' });
    expect(result).toEqual({
      questionId: 'q1',
      choice: { id: 'a' },
      verdict: 'accepted',
      receivedAt: 1_000,
      elapsedMs: 500,
      compensatedMs: 3,
    });
    expect(gateway.payloadsOf('answer:submit')).toEqual([
      {
        questionId: 'q1',
        choice: { id: 'a' },
        runId: 10,
        answerId: expect.stringMatching(/^[\w.-]{16,64}$/),
      },
    ]);
    expect(room.state.answer).toEqual({ ...result, runId: 10 });
  });

  it('is sent again under its id over the next connection, and counts once', async () => {
    const room = await scene.join();
    let asked = 0;
    gateway.answer('answer:submit', () => {
      if (asked++ > 0) return judged('accepted');
      gateway.drop();
      return undefined;
    });
    await expect(room.answer('a', { answerId: 'mine' })).resolves.toMatchObject({ verdict: 'accepted' });
    expect(theOne('answer:submit', 2)).toEqual({
      questionId: 'q1',
      choice: 'a',
      runId: 10,
      answerId: 'mine',
    });
  });

  it('is for the server to judge, whatever the phase is here', async () => {
    gateway.snapshot = closedSnapshot(12);
    const room = await scene.join();
    gateway.answer('answer:submit', () => judged('late', { lateByMs: 70 }));
    await expect(room.answer('a')).resolves.toMatchObject({ verdict: 'late', lateByMs: 70 });
    expect(room.state.answer).toMatchObject({ verdict: 'late', lateByMs: 70, choice: 'a' });
    // It fits what is known, so nothing is asked.
    expect(gateway.of('room:join')).toHaveLength(1);
  });

  it('that was accepted stays when another one is refused', async () => {
    const room = await scene.join();
    gateway.answer('answer:submit', () => judged('accepted'));
    await room.answer('a');
    gateway.answer('answer:submit', () => judged('duplicate'));
    await expect(room.answer('b')).resolves.toMatchObject({ verdict: 'duplicate', choice: 'b' });
    gateway.answer('answer:submit', () => judged('late'));
    await room.answer('c');
    expect(room.state.answer).toMatchObject({ verdict: 'accepted', choice: 'a' });
  });

  it('is replaced by a later accepted one where answers may change', async () => {
    const room = await scene.join();
    gateway.answer('answer:submit', () => judged('accepted'));
    await room.answer('a');
    gateway.answer('answer:submit', () => judged('accepted', { receivedAt: 2_000 }));
    await room.answer('b');
    expect(room.state.answer).toMatchObject({ choice: 'b', receivedAt: 2_000 });
  });

  it('that is a duplicate of one that is not known here makes that one known', async () => {
    const room = await scene.join();
    gateway.joined = { answer: { ...judged('accepted'), questionId: 'q1', runId: 10, choice: 'first' } };
    gateway.answer('answer:submit', () => judged('duplicate'));
    await room.answer('second');
    await eventually(() => room.state.answer?.choice === 'first');
    expect(gateway.payloadsOf('room:join')[1]).toEqual({ pin: PIN, token: 'token-1', ticks: false });
  });

  it('whose verdict comes when the next question is on says nothing of that one', async () => {
    const room = await scene.join();
    gateway.answer('answer:submit', async () => {
      gateway.snapshot = openSnapshot(30, 9_000, { runId: 30, questionId: 'q2' });
      gateway.emit('question:started', gateway.snapshot);
      await eventually(() => room.state.question?.runId === 30);
      return judged('accepted');
    });
    await expect(room.answer('a')).resolves.toMatchObject({ questionId: 'q1', verdict: 'accepted' });
    expect(room.state.answer).toBeNull();
  });

  it('to no question at all is refused here', async () => {
    gateway.snapshot = { ...gateway.snapshot, phase: 'idle', questionId: null, runId: null, version: 13 };
    const room = await scene.join();
    await expect(room.answer('a')).rejects.toMatchObject({ code: 'wrong_phase' });
    expect(gateway.of('answer:submit')).toEqual([]);
    gateway.answer('answer:submit', () => judged('wrong_question'));
    await room.answer('a', { questionId: 'q9' });
    expect(gateway.payloadsOf('answer:submit')).toEqual([
      { questionId: 'q9', choice: 'a', answerId: expect.any(String) },
    ]);
  });
});

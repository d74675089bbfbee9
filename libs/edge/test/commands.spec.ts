import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { monotonicEpochMs } from '#libs/ops';
import { answerSubmitAckSchema, clockSyncAckSchema, questionAckSchema } from '#libs/protocol';
import { eventually, rest, TestClient } from '#libs/testing';
import { ReceiveClock } from '../src/socket/receive.clock.js';
import { startEdge, type TestEdge } from './edge.fixture.js';

const refused = (code: string, field?: string) => ({
  ok: false,
  error: expect.objectContaining({ code, ...(field === undefined ? {} : { field }) }),
});

describe('commands of a socket', () => {
  let edge: TestEdge;

  beforeAll(async () => {
    edge = await startEdge();
  });
  afterAll(() => edge.close());

  /** A room with a host and a player in it. */
  async function played() {
    const room = await edge.createRoom();
    const host = await edge.join({ token: room.hostToken });
    const player = await edge.join({ pin: room.pin });
    return { ...room, host, player };
  }

  it('run a question, are acknowledged with the snapshot, and reach every member', async () => {
    const { host, player } = await played();
    const content = { text: '2 + 2?' };
    const start = { questionId: 'q1', durationMs: 20_000, content, correct: 4 };
    const started = await host.call('question:start', start);
    expect(questionAckSchema.parse(started)).toEqual(started);
    expect(started).toMatchObject({ ok: true, snapshot: { phase: 'open', questionId: 'q1', content } });
    const { payload } = await player.waitFor('question:started');
    expect(payload).toEqual({
      ...started.snapshot,
      serverNow: payload.serverNow,
      remainingMs: payload.remainingMs,
    });
    expect(JSON.stringify([payload, started])).not.toContain('correct');

    expect(await host.call('question:pause')).toMatchObject({
      ok: true,
      snapshot: { phase: 'paused', content },
    });
    const longer = await host.call('question:extend', { byMs: 5_000 });
    expect(longer).toMatchObject({ snapshot: { durationMs: 25_000 } });
    expect(await host.call('question:resume')).toMatchObject({ snapshot: { phase: 'open' } });
    const { runId } = started.snapshot;
    expect(await host.call('question:stop', { runId: runId - 1 })).toEqual(refused('wrong_phase'));
    expect(await host.call('question:stop', { runId })).toMatchObject({
      snapshot: { phase: 'closed', reason: 'stopped' },
    });
    await player.waitFor('question:closed');
    const versions = player.events().map((one) => one.payload.version);
    expect([...versions].sort((a, b) => a - b)).toEqual(versions);
  });

  it('have no second effect under the same commandId', async () => {
    const { host, player } = await played();
    const start = { questionId: 'q1', durationMs: 20_000, commandId: 'c1' };
    const first = await host.call('question:start', start);
    expect(first.repeated).toBeUndefined();
    const again = await host.call('question:start', start);
    expect(again).toMatchObject({ ok: true, repeated: true, snapshot: { runId: first.snapshot.runId } });
    expect(await host.call('question:stop', { commandId: 'c1' })).toEqual(
      refused('invalid_payload', 'commandId'),
    );
    expect(player.events('question:started')).toHaveLength(1);
  });

  it('are refused before a join, and to those who may not', async () => {
    const { player } = await played();
    const stranger = await edge.connect();
    expect(await stranger.call('question:stop')).toEqual(refused('unauthorized'));
    expect(await stranger.call('room:roster')).toEqual(refused('unauthorized'));
    for (const event of ['room:roster', 'room:close', 'question:pause', 'question:stop']) {
      expect(await player.call(event)).toEqual(refused('forbidden'));
    }
  });

  it('take answers of players only', async () => {
    const { host, player } = await played();
    await host.call('question:start', { questionId: 'q1', durationMs: 60_000 });
    const answer = { questionId: 'q1', choice: 1 };
    const ack = await player.call('answer:submit', answer);
    expect(answerSubmitAckSchema.parse(ack)).toEqual(ack);
    expect(ack).toMatchObject({ ok: true, verdict: 'accepted' });
    expect(await host.call('answer:submit', answer)).toEqual(refused('forbidden'));
    expect(await player.call('answer:submit', { choice: 1 })).toEqual(
      refused('invalid_payload', 'questionId'),
    );
  });

  it('let a co-host act, and a screen only watch', async () => {
    const { hostToken, roomId } = await played();
    const tokenFor = async (role: string) =>
      (await rest(`${edge.url}/v1/rooms/${roomId}/tokens`, { key: hostToken, body: { role } })).body.token;
    const coHost = await edge.join({ token: await tokenFor('co-host') });
    const screen = await edge.join({ token: await tokenFor('spectator') });
    expect(await screen.call('question:stop')).toEqual(refused('forbidden'));
    const started = await coHost.call('question:start', { questionId: 'q', durationMs: 1_000 });
    expect(started).toMatchObject({ ok: true });
    await screen.waitFor('question:started');
  });

  it('sync the clock with anyone, and tell members the version', async () => {
    const { player, host } = await played();
    const stranger = await edge.connect();
    const before = Date.now();
    const ack = await stranger.call('clock:sync', { sentAt: -5 });
    expect(clockSyncAckSchema.parse(ack)).toEqual(ack);
    expect(ack).toEqual({ ok: true, sentAt: -5, serverNow: expect.any(Number) });
    expect(ack.serverNow).toBeGreaterThan(before - 1_000);
    expect(ack.serverNow).toBeLessThan(Date.now() + 1_000);
    const { snapshot } = await host.call('question:start', { questionId: 'q', durationMs: 60_000 });
    expect(await player.call('clock:sync', { sentAt: 1 })).toMatchObject({ version: snapshot.version });
    // As clients write it, and as only the decoder takes it: the same answer either way.
    const [plain, more] = [
      await player.call('clock:sync', { sentAt: 7 }),
      await player.call('clock:sync', { sentAt: 7, more: true }),
    ];
    expect(plain).toEqual({ ok: true, sentAt: 7, serverNow: plain.serverNow, version: snapshot.version });
    expect(more).toEqual({ ...plain, serverNow: more.serverNow });
    expect(more.serverNow).toBeGreaterThanOrEqual(plain.serverNow);
  });

  it('name the field of what is not valid, also of an event that nobody knows', async () => {
    const { host } = await played();
    expect(await host.call('question:start', { questionId: 'q', durationMs: 99 })).toEqual(
      refused('invalid_payload', 'durationMs'),
    );
    expect(await host.call('question:begin')).toEqual(refused('invalid_payload', 'event'));
    expect(await host.call('constructor')).toEqual(refused('invalid_payload', 'event'));
    const twoArguments = await host.socket.timeout(2_000).emitWithAck('question:stop', {}, {});
    expect(twoArguments).toEqual(refused('invalid_payload', ''));
    expect(await host.socket.timeout(2_000).emitWithAck('question:stop')).toEqual(
      refused('invalid_payload', ''),
    );
    expect(await host.call('question:stop', Buffer.from('x'))).toEqual(refused('invalid_payload', ''));
  });

  it('refuse a frame of more than 16 KiB, and stay connected', async () => {
    const { host } = await played();
    const start = { questionId: 'q', durationMs: 1_000, padding: 'x'.repeat(16_400) };
    expect(await host.call('question:start', start)).toEqual(refused('too_large'));
    const content = 'x'.repeat(8_180);
    expect(await host.call('question:start', { questionId: 'q', durationMs: 1_000, content })).toMatchObject({
      ok: true,
    });
  });

  it('end the connection at a frame of more than 64 KiB', async () => {
    const client = await edge.connect();
    client.send('room:join', { pin: 'x'.repeat(70_000) });
    expect(await client.ended).toMatch(/transport/);
  });

  it('are dropped and counted when refused without an ack callback', async () => {
    const { player } = await played();
    const counted = () =>
      edge.count('quizbell_refusals_dropped_total', 'event="question:stop",result="forbidden"');
    const before = await counted();
    player.send('question:stop', {});
    await eventually(async () => (await counted()) === before + 1);
    player.send('no:such:event', {});
    await eventually(() =>
      edge.count('quizbell_refusals_dropped_total', 'event="unknown",result="invalid_payload"'),
    );
  });

  it('are refused with rate_limited when too many wait', async () => {
    const { host } = await played();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    edge.storeIsReady = () => gate;
    const taken = Array.from({ length: 64 }, () => host.call('room:roster'));
    const limited = await host.call('room:roster');
    edge.storeIsReady = async () => {};
    open();
    expect(limited).toEqual(refused('rate_limited'));
    expect(limited.error).toMatchObject({ retryable: true, retryAfterMs: 1_000 });
    for (const ack of await Promise.all(taken)) expect(ack).toMatchObject({ ok: true });
    expect(await host.call('room:roster')).toMatchObject({ ok: true });
  });

  it('leave ticks out for members that want none', async () => {
    const { pin, roomId, host } = await played();
    await host.call('question:start', { questionId: 'q', durationMs: 60_000 });
    const quiet = await edge.join({ pin, ticks: false });
    const loud = await edge.join({ pin });
    const loaded = await edge.store.load(roomId);
    if (loaded === null) throw new Error('the room is gone');
    await edge.store.tickMany({ shard: 0, epoch: 1, ownerId: 'test' }, [{ state: loaded.state }]);
    await loud.waitFor('question:tick');
    // A later event of the same connection shows that no tick is under way to it.
    await quiet.call('clock:sync', { sentAt: 1 });
    expect(quiet.events('question:tick')).toEqual([]);
  });

  it('are only for the namespace /quiz', async () => {
    await expect(TestClient.connect(edge.url, { namespace: '/' })).rejects.toThrow('Token not provided');
  });
});

describe('an answer at a gateway that may have stood still for a second before it read it', () => {
  let edge: TestEdge;

  beforeAll(async () => {
    edge = await startEdge();
  });
  beforeEach(() => {
    jest.spyOn(ReceiveClock.prototype, 'stamp').mockImplementation(() => performance.now() - 1_000);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => edge.close());

  async function played() {
    const room = await edge.createRoom();
    const host = await edge.join({ token: room.hostToken });
    const player = await edge.join({ pin: room.pin });
    const start = async () => {
      const { snapshot } = await host.call('question:start', { questionId: 'q', durationMs: 20_000 });
      await player.waitFor('question:started', ({ runId }) => runId === snapshot.runId);
      // A change in the same millisecond would leave no instant at which the question was open.
      await eventually(() => monotonicEpochMs() > snapshot.opensAt + 2);
      return snapshot;
    };
    const answer = () => player.call('answer:submit', { questionId: 'q', choice: 1 });
    return { pin: room.pin, host, player, start, answer };
  }

  it('counts for the run that its player was told of last, not for an earlier one of the same question', async () => {
    const { host, start, answer } = await played();
    await start();
    expect(await answer()).toMatchObject({ verdict: 'accepted' });
    await host.call('question:stop');
    const { opensAt } = await start();
    const ack = await answer();
    expect(ack).toMatchObject({ verdict: 'accepted' });
    expect(ack.receivedAt).toBeGreaterThanOrEqual(opensAt);
  });

  it.each([
    ['question:stop', 'question:closed', 'not_open'],
    ['question:pause', 'question:paused', 'paused'],
  ])('came after %s, of which its player was told', async (command, event, verdict) => {
    const { host, player, start, answer } = await played();
    await start();
    await host.call(command);
    await player.waitFor(event);
    expect(await answer()).toMatchObject({ verdict });
  });

  it('is not bounded by what its player was told of another room', async () => {
    const [there, here] = [await played(), await played()];
    await here.start();
    await here.host.call('question:pause');
    await there.start();
    // All three are read before the first is done: what is known of the sender is still of the other room.
    const { player } = there;
    const acks = [player.call('room:leave'), player.call('room:join', { pin: here.pin }), there.answer()];
    expect((await Promise.all(acks)).at(-1)).toMatchObject({ verdict: 'accepted' });
  });

  it('may have come before a change that this gateway has not heard of', async () => {
    const { host, start, answer } = await played();
    await start();
    edge.trouble.isSilent = true;
    await host.call('question:pause');
    expect(await answer()).toMatchObject({ verdict: 'accepted' });
    edge.trouble.isSilent = false;
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventuallyPasses, type LooseJson, type ReceivedEvent } from '#libs/testing';
import { type Cluster, LATENESS_MS, startCluster } from './support/cluster.harness.js';
import { expectRefused } from './support/refusal.matcher.js';
import {
  changesOf,
  closeAllClients,
  command,
  commandSnapshot,
  createRoom,
  historyOf,
  hostOf,
  playerOf,
  startOf,
  type TestMember,
  type TestRoom,
  untilServerTime,
} from './support/room.client.js';
import { expectTicksAt } from './support/tick.matcher.js';

let cluster: Cluster;
let room: TestRoom;
/** The host is on gateway A, the player on gateway B: so nothing stays within one process. */
let host: TestMember;
let player: TestMember;

beforeAll(async () => {
  cluster = await startCluster('commands');
});
beforeEach(async () => {
  room = await createRoom(cluster.a.url);
  host = await hostOf(cluster.a.url, room);
  player = await playerOf(cluster.b.url, room, { name: '  Ada ' });
});
afterEach(closeAllClients);
afterAll(() => cluster?.stop());

/** What the player hears of the very change that the host's command was answered with. */
async function heardOf(event: string, snapshot: LooseJson): Promise<LooseJson> {
  const { payload } = await player.client.waitFor(event, ({ version }) => version === snapshot.version);
  const { remainingMs, serverNow, ...same } = snapshot;
  expect(payload).toEqual({ ...same, remainingMs: expect.any(Number), serverNow: expect.any(Number) });
  return payload;
}

describe('a host on one gateway and a player on another', () => {
  it('start a question: the player hears what the host was answered, content and all', async () => {
    const content = { text: 'Where?', choices: [{ id: 'a', text: 'Ünter 🌉' }] };
    const start = startOf('q1', { durationMs: 20_000, graceMs: 500, tickMs: 1_000, content });
    const snapshot = await commandSnapshot(host.client, 'question:start', { ...start, correct: 'a' });
    expect(snapshot).toMatchObject({
      roomId: room.roomId,
      questionId: 'q1',
      phase: 'open',
      durationMs: 20_000,
    });
    expect(snapshot).toMatchObject({ graceMs: 500, tickMs: 1_000, content, runId: snapshot.version });
    expect(snapshot.endsAt).toBe(snapshot.opensAt + 20_000);
    const heard = await heardOf('question:started', snapshot);
    expect(heard.remainingMs).toBe(heard.endsAt - heard.serverNow);
    expect(JSON.stringify(player.client.received)).not.toContain('correct');
  });

  it('count down a lead-in: started names the opening, opened comes at that instant', async () => {
    const start = startOf('q1', { leadInMs: 400, durationMs: 5_000 });
    const snapshot = await commandSnapshot(host.client, 'question:start', start);
    const started = await heardOf('question:started', snapshot);
    expect(started).toMatchObject({ phase: 'lead-in', remainingMs: 5_000, endsAt: started.opensAt + 5_000 });
    expect(started.opensAt).toBeGreaterThan(started.serverNow);
    const { payload: opened } = await player.client.waitFor('question:opened');
    const { runId, opensAt, endsAt } = snapshot;
    expect(opened).toMatchObject({ phase: 'open', runId, opensAt, endsAt });
    expect(opened.serverNow - opensAt).toBeGreaterThanOrEqual(0);
    expect(opened.serverNow - opensAt).toBeLessThan(LATENESS_MS);
    expect(opened.version).toBeGreaterThan(started.version);
  });

  it('open a question at an instant that the host names', async () => {
    const { serverNow } = await command(host.client, 'clock:sync', { sentAt: 0 });
    const startAt = serverNow + 3_000;
    await command(host.client, 'question:start', startOf('q1', { startAt, durationMs: 1_000 }));
    const { payload: opened } = await player.client.waitFor('question:opened');
    expect(opened).toMatchObject({ opensAt: startAt, endsAt: startAt + 1_000 });
    expect(opened.serverNow - startAt).toBeGreaterThanOrEqual(0);
  });

  it('hear each tick once, at its place before the deadline, unless they want none', async () => {
    const silent = await playerOf(cluster.b.url, room, { ticks: false });
    const start = startOf('q1', { durationMs: 3_500, tickMs: 1_000, content: 'long' });
    const { endsAt } = await commandSnapshot(host.client, 'question:start', start);
    await Promise.all([player, silent, host].map(({ client }) => client.waitFor('question:closed')));
    const ticks = player.client.events('question:tick').map(({ payload }) => payload);
    const places = ticks.map(({ serverNow }) => Math.ceil((endsAt - serverNow) / 1_000));
    expectTicksAt(places, [3, 2, 1]);
    for (const tick of ticks) {
      expect(tick.remainingMs).toBe(tick.endsAt - tick.serverNow);
      expect(tick).not.toHaveProperty('content');
      expect(tick).toMatchObject({
        endsAt,
        phase: 'open',
        version: changesOf(player.client)[0]?.payload.version,
      });
    }
    expect(host.client.events('question:tick').map(({ payload }) => payload)).toEqual(ticks);
    expect(silent.client.events('question:tick')).toEqual([]);
  });

  it('see the deadline fire once and on time', async () => {
    const { endsAt, runId } = await commandSnapshot(
      host.client,
      'question:start',
      startOf('q1', { durationMs: 400 }),
    );
    const { payload: closed } = await player.client.waitFor('question:closed');
    const over = { phase: 'closed', reason: 'expired', remainingMs: 0, endsAt, closedAt: endsAt, runId };
    expect(closed).toMatchObject(over);
    expect(closed.serverNow - endsAt).toBeGreaterThanOrEqual(0);
    expect(closed.serverNow - endsAt).toBeLessThan(LATENESS_MS);
    // The run has been settled by then: nothing more may come of it.
    await untilServerTime(player.client, endsAt + 1_200);
    expect(player.client.events('question:closed')).toHaveLength(1);
    expect(host.client.events('question:closed')).toHaveLength(1);
  });

  it('pause and resume: a paused question outlives its deadline and goes on with what was left', async () => {
    const started = await commandSnapshot(
      host.client,
      'question:start',
      startOf('q1', { durationMs: 4_500 }),
    );
    const paused = await heardOf('question:paused', await commandSnapshot(host.client, 'question:pause'));
    expect(paused).toMatchObject({ phase: 'paused', endsAt: null });
    expect(paused.remainingMs).toBeGreaterThanOrEqual(started.endsAt - paused.serverNow);
    expect(paused.remainingMs).toBeLessThanOrEqual(4_500);
    await untilServerTime(player.client, started.endsAt + 1_000);
    expect(player.client.events('question:closed')).toEqual([]);
    const resumed = await heardOf('question:resumed', await commandSnapshot(host.client, 'question:resume'));
    expect(resumed.phase).toBe('open');
    // Decided at most the whole way of the command before it was told.
    expect(resumed.endsAt - resumed.serverNow).toBeLessThanOrEqual(paused.remainingMs);
    expect(resumed.endsAt - resumed.serverNow).toBeGreaterThan(paused.remainingMs - LATENESS_MS);
    const { payload: closed } = await player.client.waitFor('question:closed');
    expect(closed).toMatchObject({ reason: 'expired', endsAt: resumed.endsAt });
    expect(closed.serverNow).toBeGreaterThanOrEqual(resumed.endsAt);
  });

  it('extend and shorten exactly, also while paused', async () => {
    const started = await commandSnapshot(host.client, 'question:start', startOf('q1'));
    const longer = await heardOf(
      'question:extended',
      await commandSnapshot(host.client, 'question:extend', { byMs: 5_000 }),
    );
    expect(longer).toMatchObject({ endsAt: started.endsAt + 5_000, durationMs: 65_000 });
    const shorter = await heardOf(
      'question:extended',
      await commandSnapshot(host.client, 'question:extend', { byMs: -20_000 }),
    );
    expect(shorter).toMatchObject({ endsAt: started.endsAt - 15_000, durationMs: 45_000 });
    const paused = await commandSnapshot(host.client, 'question:pause');
    const whilePaused = await heardOf(
      'question:extended',
      await commandSnapshot(host.client, 'question:extend', { byMs: 1 }),
    );
    expect(whilePaused).toMatchObject({ phase: 'paused', endsAt: null, remainingMs: paused.remainingMs + 1 });
  });

  it('shorten to nothing: extended, then closed as expired', async () => {
    await command(host.client, 'question:start', startOf('q1'));
    await command(host.client, 'question:extend', { byMs: -86_400_000 });
    const { payload: closed } = await player.client.waitFor('question:closed');
    expect(closed).toMatchObject({ reason: 'expired', remainingMs: 0 });
    expect(changesOf(player.client).map(({ event }) => event)).toEqual([
      'question:started',
      'question:extended',
      'question:closed',
    ]);
  });

  it('stop: what was left is told, and the question may be played again as a new run', async () => {
    const first = await commandSnapshot(host.client, 'question:start', startOf('q1'));
    const stopped = await heardOf('question:closed', await commandSnapshot(host.client, 'question:stop'));
    expect(stopped).toMatchObject({ phase: 'closed', reason: 'stopped', endsAt: first.endsAt });
    expect(stopped.remainingMs).toBe(first.endsAt - stopped.closedAt);
    expect(stopped.closedAt).toBeLessThanOrEqual(stopped.serverNow);
    const second = await commandSnapshot(host.client, 'question:start', startOf('q1'));
    expect(second.runId).toBeGreaterThan(first.runId);
    expectRefused(await host.client.call('question:stop', { runId: first.runId }), 'wrong_phase');
    await command(host.client, 'question:stop', { runId: second.runId });
  });

  it('a stop that names the run that has just expired is answered with the closed question', async () => {
    const { runId } = await commandSnapshot(
      host.client,
      'question:start',
      startOf('q1', { durationMs: 100 }),
    );
    const closed = await host.client.waitFor('question:closed');
    const late = await commandSnapshot(host.client, 'question:stop', { runId });
    expect(late).toMatchObject({ phase: 'closed', reason: 'expired', version: closed.payload.version });
    expectRefused(await host.client.call('question:stop'), 'wrong_phase');
  });

  it('close the room in mid-question: question closed, room closed, and everybody may go elsewhere', async () => {
    await command(host.client, 'question:start', startOf('q1'));
    await command(host.client, 'room:close');
    const { payload: end } = await player.client.waitFor('room:closed');
    const [, closed, last] = changesOf(player.client) as [unknown, ReceivedEvent, ReceivedEvent];
    expect(closed).toMatchObject({
      event: 'question:closed',
      payload: { reason: 'room-closed', phase: 'closed' },
    });
    expect(last.payload).toBe(end);
    const { roomId } = room;
    expect(end).toEqual({ roomId, version: end.version, reason: 'host', serverNow: expect.any(Number) });
    expect(end.version).toBeGreaterThan(closed.payload.version);
    await host.client.waitFor('room:closed');
    expect(historyOf(host.client)).toEqual(historyOf(player.client));

    for (const { client } of [host, player]) {
      expect(client.socket.connected).toBe(true);
      expectRefused(await client.call('room:leave'), 'unauthorized');
    }
    expectRefused(await player.client.call('room:join', { pin: room.pin }), 'room_not_found');
    expectRefused(await player.client.call('room:join', { token: player.token }), 'room_not_found');
    const other = await createRoom(cluster.b.url);
    const otherHost = await hostOf(cluster.a.url, other);
    await command(player.client, 'room:join', { pin: other.pin });
    const heardSoFar = player.client.received.length;
    await command(otherHost.client, 'question:start', startOf('q2'));
    await player.client.waitFor('question:started', ({ questionId }) => questionId === 'q2', {
      since: heardSoFar,
    });
  });

  it('all hear one order of events, and versions only grow', async () => {
    const onB = await playerOf(cluster.b.url, room);
    const onA = await playerOf(cluster.a.url, room);
    await command(host.client, 'question:start', startOf('q1'));
    for (let i = 1; i <= 10; i++) {
      await command(host.client, 'question:extend', { byMs: i });
      await command(host.client, i % 2 === 1 ? 'question:pause' : 'question:resume');
    }
    await command(host.client, 'question:stop');
    for (const { client } of [host, player, onA, onB]) await client.waitFor('question:closed');
    const versions = changesOf(host.client).map(({ payload }) => payload.version);
    expect(versions).toHaveLength(22);
    expect(versions).toEqual([...new Set(versions)].sort((x, y) => x - y));
    for (const { client } of [player, onA, onB]) expect(historyOf(client)).toEqual(historyOf(host.client));
  });

  it('a player who leaves hears no more', async () => {
    const stays = await playerOf(cluster.b.url, room);
    await command(player.client, 'room:leave');
    await command(host.client, 'question:start', startOf('q1'));
    await stays.client.waitFor('question:started');
    // The clock's answer comes behind everything that gateway B had sent before.
    await command(player.client, 'clock:sync', { sentAt: 0 });
    expect(changesOf(player.client)).toEqual([]);
    await eventuallyPasses(async () => {
      const { members } = await command(host.client, 'room:roster');
      expect(members.map(({ playerId }: LooseJson) => playerId).sort()).toEqual(
        [host.playerId, stays.playerId].sort(),
      );
    });
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type LooseJson, TestClient } from '#libs/testing';
import {
  ANSWER_ACK_FIELDS,
  acceptedRows,
  answer,
  askOutcome,
  byPlayer,
  CLOCK_TOLERANCE_MS,
  outcomeOf,
  serverNow,
} from './support/answer.client.js';
import { cheatScene } from './support/cheat.scene.js';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { expectProblem, expectRefused } from './support/refusal.matcher.js';
import {
  accepted,
  changesOf,
  closeAllClients,
  command,
  commandSnapshot,
  connect,
  join,
  memberOf,
  playerOf,
  playersOf,
  startOf,
  syncWithVersion,
  type TestMember,
  type TestRoom,
  untilServerTime,
} from './support/room.client.js';

// Somebody plays for money. Each cheat is tried at a real cluster and looked at from the outside: what it was answered,
// and what the host's outcome says when the run has settled.

/** A run settles so long after its closing and its grace (ms). */
const SETTLED_AFTER_MS = 1_000;

let cluster: Cluster;
let room: TestRoom;
let host: TestMember;
/** Who cheats, at gateway B, and who does not, at gateway A. */
let cheat: TestMember;
let honest: TestMember;
/** A client that comes back by itself until it is told not to. */
let buffering: TestClient | undefined;

beforeAll(async () => {
  cluster = await startCluster('cheats-answers');
});
beforeEach(async () => {
  ({ room, host, cheat, honest } = await cheatScene(cluster));
});
afterEach(() => {
  buffering?.close();
  closeAllClients();
});
afterAll(() => cluster?.stop());

const start = (questionId: string, more: object = {}) =>
  commandSnapshot(host.client, 'question:start', startOf(questionId, more));
const stop = () => commandSnapshot(host.client, 'question:stop');
const outcome = (questionId: string, runId?: number) => outcomeOf(cluster.a.url, room, questionId, runId);

/**
 * Lets so much of the server's time pass at both gateways that no stall of a busy machine makes an answer from now on one of
 * before: a player gets the benefit of that doubt.
 */
async function beyondDoubt(): Promise<void> {
  const clients = [host.client, cheat.client];
  const now = Math.max(...(await Promise.all(clients.map(serverNow))));
  for (const client of clients) await untilServerTime(client, now + 400);
}

describe('an answer that comes too late', () => {
  it('after the deadline is late, is told by how much, and counts nothing', async () => {
    const { endsAt } = await start('q', { durationMs: 1_500 });
    await answer(honest.client, 'q', 'right');
    await cheat.client.waitFor('question:closed');
    await beyondDoubt();
    const told = await answer(cheat.client, 'q', 'right');
    expect(told).toMatchObject({ verdict: 'late', elapsedMs: 1_500, lateByMs: told.receivedAt - endsAt });
    expect(told.lateByMs).toBeGreaterThanOrEqual(0);
    const settled = await outcome('q');
    expect(acceptedRows(settled)).toEqual([{ playerId: honest.playerId, choice: 'right' }]);
    expect(settled.counts).toMatchObject({ accepted: 1 });
  });

  it('within the grace counts, with no more than the time of the question; after the grace it is late', async () => {
    const { endsAt } = await start('q', { durationMs: 300, graceMs: 5_000 });
    await cheat.client.waitFor('question:closed');
    await beyondDoubt();
    const inGrace = await answer(honest.client, 'q', 'slow');
    expect(inGrace).toMatchObject({ verdict: 'accepted', elapsedMs: 300 });
    await untilServerTime(host.client, endsAt + 5_000);
    await beyondDoubt();
    const told = await answer(cheat.client, 'q', 'slower');
    expect(told).toMatchObject({ verdict: 'late', elapsedMs: 300, lateByMs: told.receivedAt - endsAt });
    expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: honest.playerId, choice: 'slow' }]);
  });

  it('after a stop finds the question not open', async () => {
    await start('q', { graceMs: 5_000 });
    expect(await answer(honest.client, 'q', 1)).toMatchObject({ verdict: 'accepted' });
    await stop();
    await beyondDoubt();
    expect(await answer(cheat.client, 'q', 1)).toMatchObject({ verdict: 'not_open' });
    expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: honest.playerId, choice: 1 }]);
  });

  it('after the room was closed finds no room', async () => {
    await start('q', { graceMs: 5_000 });
    await answer(honest.client, 'q', 1);
    await command(host.client, 'room:close');
    await cheat.client.waitFor('room:closed');
    expectRefused(await cheat.client.call('answer:submit', { questionId: 'q', choice: 1 }), 'unauthorized');
    expectRefused(await cheat.client.call('room:join', { token: cheat.token }), 'room_not_found');
    expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: honest.playerId, choice: 1 }]);
  });

  it('after the run was settled changes not a letter of the outcome', async () => {
    await start('q', { durationMs: 1_500, correct: 'b' });
    await answer(honest.client, 'q', 'b');
    await answer(cheat.client, 'q', 'a', { answerId: 'once' });
    const settled = await outcome('q');
    expect(await answer(cheat.client, 'q', 'b')).toMatchObject({ verdict: 'duplicate' });
    await answer(cheat.client, 'q', 'b', { answerId: 'once' });
    const third = await playerOf(cluster.b.url, room);
    expect(await answer(third.client, 'q', 'b')).toMatchObject({ verdict: 'late' });
    expect(await outcome('q')).toEqual(settled);
    expect(acceptedRows(settled)).toHaveLength(2);
  });
});

describe('a second answer', () => {
  it('is a duplicate that carries the times of the first, under whatever id it comes', async () => {
    await start('q');
    const first = await answer(cheat.client, 'q', 'a', { answerId: 'one' });
    for (const more of [{}, { answerId: 'two' }, { answerId: 'three', runId: undefined }]) {
      expect(await answer(cheat.client, 'q', 'b', more)).toEqual({ ...first, verdict: 'duplicate' });
    }
    await stop();
    expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: cheat.playerId, choice: 'a' }]);
  });

  it('under the id of the first is answered like the first, and its choice is dropped', async () => {
    await start('q');
    const first = await answer(cheat.client, 'q', 'a', { answerId: 'one' });
    expect(await answer(cheat.client, 'q', 'b', { answerId: 'one' })).toEqual(first);
    await stop();
    expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: cheat.playerId, choice: 'a' }]);
  });

  it('after a reconnect to the other gateway is a duplicate', async () => {
    await start('q');
    const first = await answer(cheat.client, 'q', 'a');
    cheat.client.dropConnection();
    const back = await join(cluster.a.url, { token: cheat.token });
    expect(back.playerId).toBe(cheat.playerId);
    expect(await answer(back.client, 'q', 'b')).toEqual({ ...first, verdict: 'duplicate' });
    await stop();
    expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: cheat.playerId, choice: 'a' }]);
  });

  it('that is the very same frame sent again after a reconnect is told the same, and counts once', async () => {
    const { runId } = await start('q');
    const frame = { questionId: 'q', runId, choice: { pick: ['a', 2] }, answerId: 'a-1' };
    const first = await command(cheat.client, 'answer:submit', frame);
    for (const url of [cluster.a.url, cluster.b.url]) {
      const back = await join(url, { token: cheat.token });
      expect(await command(back.client, 'answer:submit', frame)).toEqual(first);
    }
    await stop();
    const settled = await outcome('q');
    expect(acceptedRows(settled)).toEqual([{ playerId: cheat.playerId, choice: frame.choice }]);
    expect(settled.timeline.filter(({ event }: LooseJson) => event === 'verdict')).toHaveLength(1);
  });

  it('at the other gateway at the same instant: one of both counts, fifty times of fifty', async () => {
    await start('q');
    const players = await playersOf(cluster.a.url, room, 50);
    const races = await Promise.all(
      players.map(async ({ client, token, playerId }) => {
        const other = await connect(cluster.b.url);
        // Raw, without waiting for anything: the join takes the seat while the first connection is answering.
        const joined = other.call('room:join', { token });
        const [one, two] = await Promise.allSettled([
          client.call('answer:submit', { questionId: 'q', choice: 'first gateway' }),
          other.call('answer:submit', { questionId: 'q', choice: 'second gateway' }),
        ]);
        accepted(await joined);
        const told = [one, two].map((ack) =>
          ack.status === 'fulfilled' ? (ack.value.verdict ?? ack.value.error?.code) : 'connection ended',
        );
        return { playerId, told };
      }),
    );
    await stop();
    const rows = acceptedRows(await outcome('q'));
    for (const { playerId, told } of races) {
      const counted = rows.filter((row) => row.playerId === playerId).map(({ choice }) => choice);
      expect(counted).toHaveLength(1);
      const acceptedAt = ['first gateway', 'second gateway'].filter((_, i) => told[i] === 'accepted');
      expect(acceptedAt.length).toBeLessThanOrEqual(1);
      // Whoever was told that it counts is the one that counts.
      expect(acceptedAt.every((choice) => choice === counted[0])).toBe(true);
    }
    expect(rows).toHaveLength(50);
  });

  it('while the seat moves to and fro between the gateways never counts as well', async () => {
    await start('q');
    const answers: Promise<LooseJson>[] = [];
    for (let i = 0; i < 10; i++) {
      const { client } = await join(i % 2 === 0 ? cluster.a.url : cluster.b.url, { token: cheat.token });
      answers.push(client.call('answer:submit', { questionId: 'q', choice: i }).catch(() => ({ ok: false })));
    }
    const verdicts = (await Promise.all(answers)).map(({ verdict }) => verdict);
    const told = verdicts.flatMap((verdict, choice) => (verdict === 'accepted' ? [choice] : []));
    await stop();
    const rows = acceptedRows(await outcome('q'));
    expect(rows).toEqual([{ playerId: cheat.playerId, choice: expect.any(Number) }]);
    // The acknowledgement of the one that counts may be lost with its connection; no other is told that it counts.
    expect(told.filter((choice) => choice !== rows[0]?.choice)).toEqual([]);
    expect(told.length).toBeLessThanOrEqual(1);
  });

  it('two hundred at once after a time without a connection: one counts, nobody else is hurt', async () => {
    await start('q');
    const client = await TestClient.connect(cluster.b.url, { reconnection: true });
    buffering = client;
    const neighbour = await playerOf(cluster.b.url, room);
    client.dropConnection();
    await client.ended;
    const { socket } = client;
    // The client library keeps them and sends them in one burst as soon as it is connected again.
    const joined = socket.emitWithAck('room:join', { token: cheat.token });
    const burst = Array.from({ length: 200 }, (_, i) =>
      socket.emitWithAck('answer:submit', { questionId: 'q', choice: i, answerId: `burst-${i}` }),
    );
    const told = (await Promise.all(burst)).map((ack) => ack.verdict ?? ack.error.code);
    accepted(await joined);
    expect(told.filter((one) => one === 'accepted')).toHaveLength(1);
    // How many are too many at once depends on how fast they come; that there is a limit is for `refusals` to show.
    expect(told.filter((one) => !['accepted', 'duplicate', 'rate_limited'].includes(one))).toEqual([]);
    expect(socket.connected).toBe(true);
    expect(await answer(neighbour.client, 'q', 'calm')).toMatchObject({ verdict: 'accepted' });
    expect(await answer(honest.client, 'q', 'calm')).toMatchObject({ verdict: 'accepted' });
    await stop();
    const rows = acceptedRows(await outcome('q'));
    expect(rows).toHaveLength(3);
    expect(rows).toContainEqual({ playerId: cheat.playerId, choice: told.indexOf('accepted') });
  });
});

describe('an answer to something else', () => {
  const ROUNDS = 5;

  /** Answers q1 when q2 has begun; not in time when that took so long that q1 may have been settled before. */
  async function answerTheOneBefore() {
    const first = await start('q1', { durationMs: 1_500 });
    await answer(honest.client, 'q1', 'a');
    await cheat.client.waitFor('question:closed');
    await beyondDoubt();
    const second = await start('q2');
    const told = await answer(cheat.client, 'q1', 'a');
    const isInTime = (await serverNow(cheat.client)) < first.endsAt + SETTLED_AFTER_MS - CLOCK_TOLERANCE_MS;
    return { first, second, told, isInTime };
  }

  it('to the question before is late, and when that is settled it is for no question at all', async () => {
    let played = await answerTheOneBefore();
    for (let round = 1; !played.isInTime && round < ROUNDS; round++) {
      ({ room, host, cheat, honest } = await cheatScene(cluster));
      played = await answerTheOneBefore();
    }
    const { first, second, told } = played;
    expect(told).toMatchObject({ verdict: 'late' });
    const settled = await outcome('q1');
    expect(acceptedRows(settled)).toEqual([{ playerId: honest.playerId, choice: 'a' }]);
    for (const more of [{}, { runId: first.runId }, { runId: second.runId }]) {
      expect(await answer(cheat.client, 'q1', 'a', more)).toMatchObject({ verdict: 'wrong_question' });
    }
    expect(await outcome('q1')).toEqual(settled);
    await stop();
    expect((await outcome('q2')).answers).toEqual([]);
  });

  it('to the next question, before it opens, is not open; to one that nobody started is for no question', async () => {
    const { runId, opensAt } = await start('q1', { leadInMs: 1_500, durationMs: 5_000 });
    expect(await answer(cheat.client, 'q1', 'a', { answerId: 'early' })).toMatchObject({
      verdict: 'not_open',
      elapsedMs: 0,
    });
    for (const more of [{}, { runId }]) {
      expect(await answer(cheat.client, 'q2', 'a', more)).toMatchObject({ verdict: 'wrong_question' });
    }
    await untilServerTime(host.client, opensAt);
    // The early answer does not lie in wait until the question opens.
    expect(await answer(cheat.client, 'q1', 'a', { answerId: 'early' })).toMatchObject({
      verdict: 'not_open',
    });
    expect(await answer(honest.client, 'q1', 'b')).toMatchObject({ verdict: 'accepted' });
    await stop();
    expect(acceptedRows(await outcome('q1'))).toEqual([{ playerId: honest.playerId, choice: 'b' }]);
  });

  it('to a run of another question, or to an earlier run of this one, does not count for the present run', async () => {
    const first = await start('q');
    await stop();
    const other = await start('other');
    await stop();
    const present = await start('q');
    expect(await answer(cheat.client, 'q', 'a', { runId: first.runId })).toMatchObject({
      verdict: 'not_open',
    });
    for (const runId of [other.runId, present.runId + 1, 0]) {
      expect(await answer(cheat.client, 'q', 'a', { runId })).toMatchObject({ verdict: 'wrong_question' });
    }
    await stop();
    for (const { questionId, runId } of [first, other, present]) {
      expect(acceptedRows(await outcome(questionId, runId))).toEqual([]);
    }
  });

  it('in a pause is told so and does not count, nor does the time of the pause', async () => {
    await start('q');
    const paused = await commandSnapshot(host.client, 'question:pause');
    await beyondDoubt();
    expect(await answer(cheat.client, 'q', 'a', { answerId: 'in-pause' })).toMatchObject({
      verdict: 'paused',
      elapsedMs: 60_000 - paused.remainingMs,
    });
    await commandSnapshot(host.client, 'question:resume');
    expect(await answer(cheat.client, 'q', 'a', { answerId: 'in-pause' })).toMatchObject({
      verdict: 'paused',
    });
    await stop();
    const settled = await outcome('q');
    expect(acceptedRows(settled)).toEqual([]);
    expect(settled.counts).toMatchObject({ accepted: 0, paused: 1 });
  });
});

describe('times that a client sends', () => {
  it('beside an answer are ignored: the gateway stamps it', async () => {
    const { opensAt, endsAt } = await start('q', { durationMs: 1_500 });
    const before = await serverNow(cheat.client);
    const told = await answer(cheat.client, 'q', 'a', {
      receivedAt: opensAt,
      sentAt: opensAt,
      serverNow: opensAt,
      elapsedMs: 0,
      remainingMs: 1_500,
      verdict: 'accepted',
      lateByMs: 0,
      compensatedMs: 60_000,
      endsAt: endsAt + 60_000,
    });
    const after = await serverNow(cheat.client);
    expect(Object.keys(told).every((field) => ANSWER_ACK_FIELDS.includes(field))).toBe(true);
    expect(told.receivedAt).toBeGreaterThanOrEqual(before - CLOCK_TOLERANCE_MS);
    expect(told.receivedAt).toBeLessThanOrEqual(after + CLOCK_TOLERANCE_MS);
    expect(told).toMatchObject({ verdict: 'accepted', elapsedMs: told.receivedAt - opensAt });
    await honest.client.waitFor('question:closed');
    await beyondDoubt();
    const late = { receivedAt: opensAt, sentAt: opensAt, elapsedMs: 1, compensatedMs: 60_000 };
    expect(await answer(honest.client, 'q', 'a', late)).toMatchObject({ verdict: 'late' });
    expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: cheat.playerId, choice: 'a' }]);
  });

  it('in a clock:sync, however absurd, move nothing for anybody', async () => {
    const started = await start('q');
    // From now on its gateway has read the version.
    const { version } = await syncWithVersion(cheat.client);
    expect(version).toBe(started.version);
    const absurd = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0, -1, started.endsAt + 86_400_000];
    for (const sentAt of absurd) {
      const before = Date.now();
      const told = await command(cheat.client, 'clock:sync', { sentAt });
      expect(told).toMatchObject({ sentAt, version });
      const instants = [told.serverNow, await serverNow(honest.client)];
      const after = Date.now();
      for (const instant of instants) {
        expect(instant).toBeGreaterThan(before - 1_000);
        expect(instant).toBeLessThan(after + 1_000);
      }
    }
    const { endsAt } = await commandSnapshot(host.client, 'question:extend', { byMs: -59_000 });
    expect(endsAt).toBe(started.endsAt - 59_000);
    const { payload } = await honest.client.waitFor('question:closed');
    expect(payload).toMatchObject({ endsAt, reason: 'expired' });
    await beyondDoubt();
    expect(await answer(cheat.client, 'q', 'a')).toMatchObject({ verdict: 'late' });
  });
});

describe('changing an answer', () => {
  it('where it is allowed: the last one in time counts, a late change does not', async () => {
    await start('q', { durationMs: 2_500, mayChangeAnswer: true });
    for (const choice of ['a', 'b', 'c']) {
      expect(await answer(cheat.client, 'q', choice)).toMatchObject({ verdict: 'accepted' });
    }
    await cheat.client.waitFor('question:closed');
    await beyondDoubt();
    expect(await answer(cheat.client, 'q', 'd')).toMatchObject({ verdict: 'late' });
    const settled = await outcome('q');
    expect(acceptedRows(settled)).toEqual([{ playerId: cheat.playerId, choice: 'c' }]);
    expect(settled.counts).toMatchObject({ accepted: 1, late: 0 });
  });

  it('where it is allowed: a repeat of an earlier answer by its id brings that one not back', async () => {
    await start('q', { mayChangeAnswer: true });
    await answer(cheat.client, 'q', 'a', { answerId: 'first' });
    await answer(cheat.client, 'q', 'b', { answerId: 'second' });
    expect(await answer(cheat.client, 'q', 'a', { answerId: 'first' })).toMatchObject({
      verdict: 'accepted',
    });
    await stop();
    expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: cheat.playerId, choice: 'b' }]);
  });

  it('where it is not allowed is a duplicate, whatever the payload claims', async () => {
    await start('q');
    const first = await answer(cheat.client, 'q', 'a');
    expect(await answer(cheat.client, 'q', 'b', { mayChangeAnswer: true })).toEqual({
      ...first,
      verdict: 'duplicate',
    });
    await stop();
    expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: cheat.playerId, choice: 'a' }]);
  });
});

describe('answering for somebody else', () => {
  it('by a playerId in the payload counts for the sender', async () => {
    await start('q');
    const { playerId } = honest;
    const stolen = {
      playerId,
      sub: playerId,
      name: 'Ada',
      role: 'player',
      token: honest.token,
      as: playerId,
    };
    expect(await answer(cheat.client, 'q', 'wrong', stolen)).toMatchObject({ verdict: 'accepted' });
    // The victim has still an answer to give.
    expect(await answer(honest.client, 'q', 'right')).toMatchObject({ verdict: 'accepted' });
    await stop();
    const { answers }: { answers: { playerId: string }[] } = await outcome('q');
    expect(byPlayer(answers)).toMatchObject(
      byPlayer([
        { playerId: cheat.playerId, name: 'Mallory', choice: 'wrong' },
        { playerId: honest.playerId, name: 'Ada', choice: 'right' },
      ]),
    );
  });

  it('by an answerId of theirs changes nothing of theirs', async () => {
    await start('q');
    const first = await answer(honest.client, 'q', 'right', { answerId: 'shared' });
    const told = await answer(cheat.client, 'q', 'wrong', { answerId: 'shared' });
    expect(told.verdict).toBe('accepted');
    expect(await answer(honest.client, 'q', 'right', { answerId: 'shared' })).toEqual(first);
    await stop();
    expect(acceptedRows(await outcome('q'))).toEqual(
      byPlayer([
        { playerId: honest.playerId, choice: 'right' },
        { playerId: cheat.playerId, choice: 'wrong' },
      ]),
    );
  });

  it.each(['spectator', 'co-host', 'host'])('as a %s is forbidden', async (role) => {
    await start('q');
    const other = role === 'host' ? host : await memberOf(cluster.b.url, room, role);
    const payload = { questionId: 'q', choice: 'a', playerId: honest.playerId };
    expectRefused(await other.client.call('answer:submit', payload), 'forbidden');
    await stop();
    expect((await outcome('q')).answers).toEqual([]);
  });
});

describe('the right answer', () => {
  it('is in nothing that anybody hears or may read before the run is settled', async () => {
    const secret = 'the-right-answer-is-42';
    const screen = await memberOf(cluster.b.url, room, 'spectator');
    // With so much grace that it is not settled before it has been asked for.
    const timing = { durationMs: 3_000, tickMs: 200, leadInMs: 200, graceMs: 3_000 };
    await start('q', { ...timing, correct: { secret }, content: 'Why?' });
    const said: unknown[] = [];
    said.push(await cheat.client.call('clock:sync', { sentAt: 0 }));
    said.push(await cheat.client.call('room:join', { token: cheat.token }));
    said.push(await playerOf(cluster.a.url, room).then(({ ack }) => ack));
    await cheat.client.waitFor('question:opened');
    // Nor does the acknowledgement tell a right answer from a wrong one.
    for (const [{ client }, choice] of [
      [cheat, 'wrong'],
      [honest, { secret }],
    ] as const) {
      const told = await answer(client, 'q', choice);
      expect(Object.keys(told).sort()).toEqual(['elapsedMs', 'ok', 'receivedAt', 'verdict']);
      said.push(told);
    }
    said.push(await commandSnapshot(host.client, 'question:extend', { byMs: 100 }));
    await cheat.client.waitFor('question:closed');
    for (const key of [host, cheat, honest, screen].map(({ token }) => token)) {
      for (const url of [cluster.a.url, cluster.b.url]) {
        const early = await askOutcome(url, room, 'q', { key });
        said.push(early.body);
        expect([403, 409]).toContain(early.status);
      }
    }
    for (const { client } of [host, cheat, honest, screen]) said.push(client.received);
    expect(JSON.stringify(said)).not.toContain(secret);
    // The words were searched where they can be found: settled, the host reads it, and no player ever does.
    expect(await outcome('q')).toMatchObject({ correct: { secret } });
    for (const key of [cheat.token, screen.token]) {
      expectProblem(await askOutcome(cluster.b.url, room, 'q', { key }), 'forbidden');
    }
  });
});

describe('more time', () => {
  it('asked for by a player is refused however often, and the deadline stays', async () => {
    const { runId, endsAt } = await start('q', { durationMs: 1_500 });
    for (let i = 0; i < 20; i++) {
      const payload = { byMs: 60_000, runId, commandId: `more-${i}`, role: 'host' };
      expectRefused(await cheat.client.call('question:extend', payload), 'forbidden');
    }
    const { payload } = await honest.client.waitFor('question:closed');
    expect(payload).toMatchObject({ endsAt, reason: 'expired', runId });
    expect(changesOf(honest.client).map(({ event }) => event)).toEqual([
      'question:started',
      'question:closed',
    ]);
  });
});

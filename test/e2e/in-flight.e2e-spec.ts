import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type LooseJson, PATIENT, rest, type TestServerProcess, testRedisUrl } from '#libs/testing';
import {
  acceptedRows,
  answer,
  askOutcome,
  CLOCK_TOLERANCE_MS,
  outcomeOf,
  untilInstant,
} from './support/answer.client.js';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { type RedisProxy, startRedisProxy } from './support/redis.proxy.js';
import { expectProblem } from './support/refusal.matcher.js';
import {
  closeAllClients,
  command,
  commandSnapshot,
  createRoom,
  hostOf,
  playerOf,
  playersOf,
  startOf,
  type TestMember,
  type TestRoom,
} from './support/room.client.js';

// An answer that a gateway received in time counts although Redis was slow, the gateway was busy, or the owner has closed
// the question meanwhile. Gateway A is the one whose way to Redis becomes slow, gateway B the one that stands still.

/** An answer takes two trips to Redis at a gateway that knows nothing of the room yet: so less than the time in flight. */
const SLOW_MS = 300;
/** Two of these are more than an answer may be in flight. */
const TOO_SLOW_MS = 700;
/** What is sent so long before the deadline reaches the gateway in time on a busy machine too, and its verdict comes after it. */
const IN_TIME_MS = 150;
/** What was sent so long before an instant has reached the kernel of the gateway before it (ms). */
const SENT_BEFORE_MS = 5;
/** Whose acknowledgement came so soon was in flight for less than an answer may be (1,000 ms). */
const FLIGHT_MS = 950;
/** So long a question is played again until the machine has not stood still at the moment that it is about. */
const TRYING_MS = 60_000;

let cluster: Cluster;
let toA: RedisProxy;
let room: TestRoom;
/** At gateway B, and at the one that never stands still. */
let host: TestMember;
let steadyHost: TestMember;

beforeAll(async () => {
  toA = await startRedisProxy(testRedisUrl());
  cluster = await startCluster('in-flight', {
    gatewayRedisUrls: { a: toA.url, b: testRedisUrl() },
    env: PATIENT,
  });
});
beforeEach(async () => {
  room = await createRoom(cluster.b.url);
  host = await hostOf(cluster.b.url, room);
});
afterEach(() => {
  toA?.slowDown(0);
  cluster?.b.thaw();
  closeAllClients();
});
afterAll(async () => {
  await cluster?.stop();
  await toA?.stop();
});

const start = (questionId: string, more: object = {}) =>
  commandSnapshot(host.client, 'question:start', startOf(questionId, more));
const outcome = (questionId: string, runId?: number) => outcomeOf(cluster.b.url, room, questionId, runId);

interface Flight {
  /** When it was surely on its way, by `Date.now()`. */
  readonly sentAt: number;
  readonly flightMs: number;
}

/** Answers; says when, and when the acknowledgement came, by `performance.now()`. */
async function answered({ client }: TestMember, questionId: string, choice: unknown, more: object = {}) {
  const from = performance.now();
  const telling = answer(client, questionId, choice, more);
  const sentAt = Date.now();
  const told = await telling;
  const ackedAt = performance.now();
  return { told, sentAt, ackedAt, flightMs: ackedAt - from };
}

/** Whether an answer must count that was sent for this deadline. */
const mustCountBy = (endsAt: number, { sentAt, flightMs }: Flight) =>
  sentAt <= endsAt - SENT_BEFORE_MS && flightMs <= FLIGHT_MS;

/** Plays questions until one has tried what it is about: `play` gives nothing for a round in which the machine stood still. */
async function untilTried<T>(play: (questionId: string) => Promise<T | undefined>): Promise<T> {
  const until = performance.now() + TRYING_MS;
  for (let round = 0; performance.now() < until; round++) {
    const tried = await play(`q${round}`);
    toA.slowDown(0);
    if (tried !== undefined) return tried;
  }
  throw new Error(`the machine stood still in each round of ${TRYING_MS} ms`);
}

/** How many answers the gateway has counted as too long on their way. */
async function clampedAnswers({ lines }: TestServerProcess): Promise<number> {
  const line = lines.find((text) => text.includes('health and metrics are served')) ?? '{}';
  const { body } = await rest(`http://127.0.0.1:${JSON.parse(line).port}/metrics`);
  return Number(/^quizbell_answers_clamped_total(?:\{.*\})? (\d+)/m.exec(body)?.[1]);
}

describe('an answer that is on its way to a slow Redis', () => {
  it('counts, though the closing was told before its acknowledgement', async () => {
    const players = await playersOf(cluster.a.url, room, 10);
    const { questionId, endsAt, answers } = await untilTried(async (questionId) => {
      const { endsAt } = await start(questionId, { durationMs: 800 });
      toA.slowDown(SLOW_MS);
      await untilInstant(endsAt - IN_TIME_MS);
      const answers = await Promise.all(players.map((player, i) => answered(player, questionId, i)));
      const isClosing = (closed: LooseJson) => closed.questionId === questionId;
      const closings = await Promise.all(
        players.map(({ client }) => client.waitFor('question:closed', isClosing)),
      );
      const wasTried = answers.every(
        (one, i) => mustCountBy(endsAt, one) && (closings[i]?.receivedAt ?? 0) < one.ackedAt,
      );
      return wasTried ? { questionId, endsAt, answers } : undefined;
    });
    for (const { told } of answers) {
      expect(told).toMatchObject({ verdict: 'accepted' });
      expect(told.receivedAt).toBeLessThan(endsAt);
    }
    const rows = acceptedRows(await outcome(questionId));
    const given = players.map(({ playerId }, choice) => ({ playerId, choice }));
    expect(rows).toHaveLength(given.length);
    expect(rows).toEqual(expect.arrayContaining(given));
  });

  it('for longer than the time in flight is judged by a later instant, counted as such, and never half accepted', async () => {
    const player = await playerOf(cluster.a.url, room);
    const before = await clampedAnswers(cluster.a);
    const { endsAt } = await start('q', { durationMs: 800 });
    toA.slowDown(TOO_SLOW_MS);
    await untilInstant(endsAt - IN_TIME_MS);
    const { told } = await answered(player, 'q', 'a');
    expect(told).toMatchObject({ verdict: 'late', lateByMs: told.receivedAt - endsAt });
    expect(told.receivedAt).toBeGreaterThan(
      endsAt + 2 * TOO_SLOW_MS - 1_000 - IN_TIME_MS - CLOCK_TOLERANCE_MS,
    );
    expect(acceptedRows(await outcome('q'))).toEqual([]);
    expect(await clampedAnswers(cluster.a)).toBe(before + 1);
  });

  it('for longer than the time in flight, while the grace still runs, counts by that later instant', async () => {
    const player = await playerOf(cluster.a.url, room);
    const before = await clampedAnswers(cluster.a);
    const { endsAt } = await start('q', { durationMs: 800, graceMs: 3_000 });
    toA.slowDown(TOO_SLOW_MS);
    await untilInstant(endsAt - IN_TIME_MS);
    const { told } = await answered(player, 'q', 'a');
    expect(told).toMatchObject({ verdict: 'accepted', elapsedMs: 800 });
    expect(told.receivedAt).toBeGreaterThan(endsAt);
    toA.slowDown(0);
    const { answers } = await outcome('q');
    expect(answers).toMatchObject([{ playerId: player.playerId, receivedAt: told.receivedAt }]);
    expect(await clampedAnswers(cluster.a)).toBe(before + 1);
  });

  it('counts for the run in which it was received, though the question is being played again', async () => {
    const [unnamed, named] = await playersOf(cluster.a.url, room, 2);
    if (unnamed === undefined || named === undefined) throw new Error('no players');
    const { questionId, first, second, answers } = await untilTried(async (questionId) => {
      const first = await start(questionId, { durationMs: 800 });
      toA.slowDown(SLOW_MS);
      await untilInstant(first.endsAt - IN_TIME_MS);
      const answering = Promise.all([
        answered(unnamed, questionId, 'a'),
        answered(named, questionId, 'b', { runId: first.runId }),
      ]);
      await host.client.waitFor('question:closed', ({ runId }) => runId === first.runId);
      const second = await start(questionId);
      const restartedAt = performance.now();
      const answers = await answering;
      // Else the second run was not there yet, and nothing was tried.
      const wasTried = answers.every((one) => mustCountBy(first.endsAt, one) && one.ackedAt > restartedAt);
      if (wasTried) return { questionId, first, second, answers };
      await command(host.client, 'question:stop');
      return undefined;
    });
    for (const { told } of answers) expect(told.verdict).toBe('accepted');
    // The second run is one of its own: who answered in the first may answer again.
    expect(await answer(unnamed.client, questionId, 'again')).toMatchObject({ verdict: 'accepted' });
    await command(host.client, 'question:stop');
    expect(acceptedRows(await outcome(questionId, first.runId))).toHaveLength(2);
    expect(acceptedRows(await outcome(questionId, second.runId))).toEqual([
      { playerId: unnamed.playerId, choice: 'again' },
    ]);
  });

  it('counts when the host ends or pauses the question after it was received, and not when before', async () => {
    for (const [event, payload, refusal] of [
      ['question:extend', { byMs: -60_000 }, 'late'],
      ['question:pause', {}, 'paused'],
      ['question:stop', {}, 'not_open'],
    ] as const) {
      const { questionId, early, before, after } = await untilTried(async (round) => {
        const questionId = `${round}-${refusal}`;
        const [early, tooLate] = await playersOf(cluster.a.url, room, 2);
        if (early === undefined || tooLate === undefined) throw new Error('no players');
        await start(questionId);
        await early.client.waitFor('question:started', (started) => started.questionId === questionId);
        toA.slowDown(SLOW_MS);
        const answering = answered(early, questionId, 'a');
        // So that its gateway has received it, if only by a few milliseconds, when the host acts.
        await untilInstant(Date.now() + CLOCK_TOLERANCE_MS);
        await command(host.client, event, payload);
        // Beyond the benefit of the doubt that a busy gateway gives: it has been awake since.
        await untilInstant(Date.now() + 200);
        await command(tooLate.client, 'clock:sync', { sentAt: 0 });
        const after = await answered(tooLate, questionId, 'a');
        const before = await answering;
        if (event === 'question:pause') await command(host.client, 'question:stop');
        return before.flightMs <= FLIGHT_MS ? { questionId, early, before, after } : undefined;
      });
      expect(before.told).toMatchObject({ verdict: 'accepted' });
      expect(after.told).toMatchObject({ verdict: refusal });
      expect(acceptedRows(await outcome(questionId))).toEqual([{ playerId: early.playerId, choice: 'a' }]);
    }
  });

  it('of a player who is put out meanwhile does not count', async () => {
    const { questionId, other, told } = await untilTried(async (questionId) => {
      const [player, other] = await playersOf(cluster.a.url, room, 2);
      if (player === undefined || other === undefined) throw new Error('no players');
      await start(questionId);
      toA.slowDown(SLOW_MS);
      let told: LooseJson;
      const from = performance.now();
      player.client.socket.emit('answer:submit', { questionId, choice: 'a' }, (ack: LooseJson) => {
        told = ack;
      });
      const others = answered(other, questionId, 'b');
      await command(host.client, 'member:kick', { playerId: player.playerId });
      // Later the answer may have come to Redis before.
      const wasTried = performance.now() - from < SLOW_MS;
      expect((await others).told).toMatchObject({ verdict: 'accepted' });
      await player.client.ended;
      await command(host.client, 'question:stop');
      return wasTried ? { questionId, other, told } : undefined;
    });
    // The connection may end before the acknowledgement; if one came, it was this.
    if (told !== undefined) expect(told).toMatchObject({ verdict: 'not_eligible' });
    expect(acceptedRows(await outcome(questionId))).toEqual([{ playerId: other.playerId, choice: 'b' }]);
  });
});

describe('an answer that waits before a gateway that stands still', () => {
  const QUESTIONS = 10;
  const PLAYERS = 20;
  /** A machine that is so busy that it sends half of them too late has tried nothing yet, and is given more questions. */
  const ENOUGH_IN_TIME = (QUESTIONS * PLAYERS) / 2;
  const MOST_QUESTIONS = 4 * QUESTIONS;

  beforeEach(async () => {
    // Not at the gateway that stands still: it has to start the next question.
    steadyHost = await hostOf(cluster.a.url, room);
  });

  const startSteadily = (questionId: string, more: object = {}) =>
    commandSnapshot(steadyHost.client, 'question:start', startOf(questionId, more));

  const send = (player: TestMember, questionId: string) => ({
    playerId: player.playerId,
    flight: answered(player, questionId, player.playerId),
  });

  it.each([30, 200])(
    'for %i ms around the deadline counts if it was sent before, ten times of ten',
    async (stallMs) => {
      const players = await playersOf(cluster.b.url, room, PLAYERS);
      const straggler = await playerOf(cluster.b.url, room);
      let inTime = 0;
      for (let i = 0; i < QUESTIONS || (inTime <= ENOUGH_IN_TIME && i < MOST_QUESTIONS); i++) {
        const questionId = `q${i}`;
        const { endsAt } = await startSteadily(questionId, { durationMs: 600 });
        const frozenAt = endsAt - Math.max(25, stallMs / 2);
        await untilInstant(frozenAt);
        const stopping = cluster.b.freeze();
        const early = players.slice(0, 10).map((player) => send(player, questionId));
        await stopping;
        await untilInstant(endsAt - 2 * SENT_BEFORE_MS);
        const sent = [...early, ...players.slice(10).map((player) => send(player, questionId))];
        await untilInstant(Math.max(frozenAt + stallMs, endsAt));
        cluster.b.thaw();
        const acks = await Promise.all(
          sent.map(async (one) => ({ playerId: one.playerId, ...(await one.flight) })),
        );
        // The doubt has an end: what comes when the gateway is awake again is late.
        await straggler.client.waitFor('question:closed', (closed) => closed.questionId === questionId);
        await untilInstant(Date.now() + 200);
        await command(straggler.client, 'clock:sync', { sentAt: 0 });
        expect(await answer(straggler.client, questionId, 'x')).toMatchObject({ verdict: 'late' });
        const mustCount = acks.filter((one) => mustCountBy(endsAt, one));
        inTime += mustCount.length;
        const refused = mustCount.filter(({ told }) => told.verdict !== 'accepted');
        expect(refused).toEqual([]);
        const counted = acceptedRows(await outcome(questionId)).map(({ playerId }) => playerId);
        const acked = acks.filter(({ told }) => told.verdict === 'accepted').map(({ playerId }) => playerId);
        expect(counted.sort()).toEqual(acked.sort());
      }
      expect(inTime).toBeGreaterThan(ENOUGH_IN_TIME);
    },
  );

  it('around the opening counts if it was sent after', async () => {
    const players = await playersOf(cluster.b.url, room, 10);
    for (let i = 0; i < 3; i++) {
      const questionId = `q${i}`;
      const { opensAt } = await startSteadily(questionId, { leadInMs: 300 });
      await untilInstant(opensAt - 50);
      await cluster.b.freeze();
      await untilInstant(opensAt + 2 * SENT_BEFORE_MS);
      const sent = players.map((player) => send(player, questionId));
      await untilInstant(opensAt + 50);
      cluster.b.thaw();
      for (const { flight } of sent) {
        const { verdict, receivedAt, elapsedMs } = (await flight).told;
        expect({ verdict, elapsedMs }).toEqual({ verdict: 'accepted', elapsedMs: receivedAt - opensAt });
        expect(receivedAt).toBeGreaterThanOrEqual(opensAt);
      }
      await command(steadyHost.client, 'question:stop');
      expect(acceptedRows(await outcome(questionId))).toHaveLength(players.length);
    }
  });

  it('around the end of a pause counts if it was sent after', async () => {
    const players = await playersOf(cluster.b.url, room, 10);
    await startSteadily('q');
    await command(steadyHost.client, 'question:pause');
    await cluster.b.freeze();
    await command(steadyHost.client, 'question:resume');
    await untilInstant(Date.now() + 2 * SENT_BEFORE_MS);
    const sent = players.map((player) => send(player, 'q'));
    await untilInstant(Date.now() + 50);
    cluster.b.thaw();
    for (const { flight } of sent) expect((await flight).told).toMatchObject({ verdict: 'accepted' });
    await command(steadyHost.client, 'question:stop');
    expect(acceptedRows(await outcome('q'))).toHaveLength(players.length);
  });
});

describe('an answer to a question that was just heard of', () => {
  it('is never too early, a hundred times of a hundred', async () => {
    const player = await playerOf(cluster.b.url, room);
    for (let i = 0; i < 100; i++) {
      const { questionId } = await start(`q${i}`);
      expect(await answer(player.client, questionId, 'quick')).toMatchObject({ verdict: 'accepted' });
      await command(host.client, 'question:stop');
    }
  });

  it.each(['was stopped', 'has expired', 'is settled'])(
    'counts for the new run when the earlier one, which its gateway remembers, %s',
    async (end) => {
      const [player, other] = await playersOf(cluster.b.url, room, 2);
      if (player === undefined || other === undefined) throw new Error('no players');
      const first = await start('q', { durationMs: end === 'has expired' ? 2_000 : 60_000 });
      expect(await answer(player.client, 'q', 'first')).toMatchObject({ verdict: 'accepted' });
      if (end === 'has expired') {
        await host.client.waitFor('question:closed');
        await untilInstant(Date.now() + 400);
        expect(await answer(other.client, 'q', 'x')).toMatchObject({ verdict: 'late' });
      } else await command(host.client, 'question:stop');
      if (end === 'is settled') await outcome('q');
      const second = await start('q');
      const told = await Promise.all(
        [player, other].map(async ({ client }) => {
          await client.waitFor('question:started', ({ runId }) => runId === second.runId);
          return answer(client, 'q', 'second');
        }),
      );
      expect(told).toMatchObject([{ verdict: 'accepted' }, { verdict: 'accepted' }]);
      await command(host.client, 'question:stop');
      expect(acceptedRows(await outcome('q', second.runId))).toHaveLength(2);
      expect(acceptedRows(await outcome('q', first.runId))).toEqual([
        { playerId: player.playerId, choice: 'first' },
      ]);
    },
  );
});

describe('an outcome', () => {
  it('is a conflict until the run is settled, and then holds exactly what was acknowledged', async () => {
    const players = (
      await Promise.all([playersOf(cluster.a.url, room, 30), playersOf(cluster.b.url, room, 30)])
    ).flat();
    const { endsAt } = await start('q', { durationMs: 2_500 });
    toA.slowDown(SLOW_MS);
    const told = await Promise.all(
      players.map(async (player, i) => {
        // Ten so early that they are in time whatever the machine does; the others up to 150 ms after the deadline.
        await untilInstant(endsAt - (i < 10 ? 1_500 : 150) + (i * 300) / players.length);
        const { told: ack, sentAt, flightMs } = await answered(player, 'q', i);
        return { playerId: player.playerId, choice: i, ack, ackedAt: sentAt + flightMs };
      }),
    );
    const early = await askOutcome(cluster.b.url, room, 'q');
    toA.slowDown(0);
    const { settledAt, answers } = await outcome('q');
    expect(settledAt).toBeGreaterThanOrEqual(endsAt + 1_000);
    if (early.status !== 200) expectProblem(early, 'wrong_phase');
    // No verdict contradicts the deadline.
    for (const { ack } of told) expect(ack.verdict).toBe(ack.receivedAt < endsAt ? 'accepted' : 'late');
    const verdicts = new Set(told.map(({ ack }) => ack.verdict));
    expect(verdicts).toEqual(new Set(['accepted', 'late']));
    const rows = answers.map(({ playerId, choice, verdict, receivedAt, elapsedMs }: LooseJson) => ({
      playerId,
      choice,
      verdict,
      receivedAt,
      elapsedMs,
    }));
    const rowOf = ({ playerId, choice, ack: { verdict, receivedAt, elapsedMs } }: (typeof told)[number]) => ({
      playerId,
      choice,
      verdict,
      receivedAt,
      elapsedMs,
    });
    // Who is so late that the run was settled before is told so, and is in no outcome any more.
    const mustBeHeld = told.filter(({ ack, ackedAt }) => ack.verdict === 'accepted' || ackedAt < settledAt);
    expect(rows).toEqual(expect.arrayContaining(mustBeHeld.map(rowOf)));
    expect(told.map(rowOf)).toEqual(expect.arrayContaining(rows));
    expect(new Set(rows.map(({ playerId }: LooseJson) => playerId)).size).toBe(rows.length);
    expect(await outcome('q')).toEqual(await outcomeOf(cluster.a.url, room, 'q'));
  });

  it('of a run that has not settled is no outcome for anybody, at either gateway', async () => {
    const { endsAt } = await start('q', { durationMs: 300, graceMs: 2_000 });
    for (const { url } of [cluster.a, cluster.b]) {
      expectProblem(await askOutcome(url, room, 'q'), 'wrong_phase');
    }
    await host.client.waitFor('question:closed');
    for (const { url } of [cluster.a, cluster.b]) {
      expectProblem(await askOutcome(url, room, 'q'), 'wrong_phase');
    }
    expect((await outcome('q')).settledAt).toBeGreaterThanOrEqual(endsAt + 3_000);
  });
});

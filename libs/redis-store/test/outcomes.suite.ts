import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { AnswerRecord, AnswerStore, Fence, SettledRun } from '#libs/room';
import {
  type Command,
  durationMs,
  type EpochMs,
  epochMs,
  IN_FLIGHT_MS,
  type RunId,
  type RunRecord,
  retell,
  type Version,
} from '#libs/timer-core';
import {
  closeIt,
  does,
  existing,
  newRoomIdIn,
  pause,
  requestOf,
  roomIn,
  settleOne,
  start,
  stop,
} from './room.fixture.js';
import type { RedisHarness, StoreHarness } from './store.harness.js';

const resume: Command = { type: 'question:resume', actor: 'host' };
const extend: Command = { type: 'question:extend', actor: 'host', byMs: durationMs(1_000) };

const byPlayer = (answers: readonly AnswerRecord[]) =>
  [...answers].sort((a, b) => (a.playerId < b.playerId ? -1 : Number(a.playerId > b.playerId)));

/** What every store of answers does with runs that are over, and with players who are to be forgotten. */
export function describeOutcomes(name: string, create: () => Promise<StoreHarness>): void {
  describe(`outcomes in ${name}`, () => {
    let harness: StoreHarness;
    let answers: AnswerStore;
    let fence: Fence;
    let roomId: string;
    let count = 0;

    beforeAll(async () => {
      harness = await create();
      answers = harness.answers;
      fence = await harness.own('outcomes');
      await harness.beat();
    });
    afterAll(() => harness.close());
    beforeEach(async () => {
      roomId = (await roomIn(harness.store, { now: await harness.now() })).state.roomId;
    });

    const enter = (playerId: string, memberName = playerId, maxPlayers = 1_000) =>
      harness.members.enter({
        roomId,
        connection: `c-${playerId}`,
        member: { playerId, role: 'player', name: memberName },
        nameKey: memberName,
        maxPlayers,
        secondConnection: 'replace',
      });
    const act = (command: Command, more?: Parameters<typeof does>[3]) =>
      does(harness.store, roomId, command, more);
    const runOf = async (runId: RunId): Promise<RunRecord> => {
      const run = (await answers.liveRuns(roomId))?.runs.find((one) => one.runId === runId);
      if (run === undefined) throw new Error('no such run');
      return run;
    };
    const begin = async (questionId = 'q1', correct?: string, graceMs = 0): Promise<RunId> => {
      const started = await act(start({ questionId, graceMs }), correct === undefined ? {} : { correct });
      return started.version;
    };
    /** Stores an answer without judging it. */
    const given = async (runId: RunId, playerId: string, more: Partial<AnswerRecord> = {}) => {
      const standing = (await answers.answerOf(roomId, runId, playerId)) ?? null;
      const answer: AnswerRecord = {
        playerId,
        name: `Näme "${playerId}"`,
        answerId: `a${count++}`,
        choice: '{"text":"ü\\n{}"}',
        verdict: 'accepted',
        receivedAt: await harness.now(),
        elapsedMs: durationMs(5),
        ...more,
      };
      const result = await answers.submit({
        roomId,
        runId,
        recordVersion: (await runOf(runId)).version,
        answer,
        // Such a one may be older when it is stored.
        isClamped: true,
        standing: standing?.verdict === 'accepted' ? standing.answerId : null,
      });
      expect(result.kind).toBe('stored');
      return answer;
    };
    /** The store's reply to an accepted answer that was judged on this version of the run's record. */
    const submitted = async (runId: RunId, recordVersion: Version, playerId: string, at?: EpochMs) =>
      answers.submit({
        roomId,
        runId,
        recordVersion,
        answer: {
          playerId,
          name: playerId,
          answerId: `a${count++}`,
          choice: '1',
          verdict: 'accepted',
          receivedAt: at ?? (await harness.now()),
          elapsedMs: durationMs(0),
        },
        isClamped: true,
        standing: null,
      });
    const settle = async (runId: RunId) => {
      await harness.pass(IN_FLIGHT_MS);
      expect(await settleOne(harness.store, fence, roomId, runId, true)).toBe('settled');
    };
    const settledRun = async (runId: RunId): Promise<SettledRun> => {
      const run = await answers.settledRun(roomId, runId);
      if (run === null) throw new Error('not settled');
      return run;
    };

    describe('the runs of a room', () => {
      it('are all that were started, in that order, with their settling', async () => {
        const first = await begin('q1');
        await act(stop);
        const second = await begin('q2');
        await act(stop);
        const third = await begin('q1');
        await settle(first);
        const { settledAt } = await settledRun(first);
        expect(await answers.runs(roomId)).toEqual({
          runs: [
            { runId: first, questionId: 'q1', settledAt },
            { runId: second, questionId: 'q2', settledAt: null },
            { runId: third, questionId: 'q1', settledAt: null },
          ],
          retoldAt: null,
        });
      });

      it('are none in a room that has just been made, and nobody knows those of a room that is not there', async () => {
        expect(await answers.runs(roomId)).toEqual({ runs: [], retoldAt: null });
        expect(await answers.runs(newRoomIdIn())).toBeNull();
        expect(await answers.runs('no-room-id')).toBeNull();
      });

      it('are read by their ids too, and the newest of a question by its name', async () => {
        const first = await begin('q1');
        await act(stop);
        const second = await begin('q2');
        await act(stop);
        const third = await begin('q1');
        await act(pause);
        expect(await answers.newestRun(roomId, 'q1')).toBe(third);
        expect(await answers.newestRun(roomId, 'q2')).toBe(second);
        expect(await answers.newestRun(roomId, 'q3')).toBeNull();
        expect(await answers.newestRun(newRoomIdIn(), 'q1')).toBeNull();
        expect(await answers.newestRun('no-room-id', 'q1')).toBeNull();
        const idsOf = async (...runIds: RunId[]) =>
          (await answers.runs(roomId, runIds))?.runs.map(({ runId }) => runId);
        expect(await idsOf(third, first, (third + 99) as RunId)).toEqual([first, third]);
        expect(await idsOf()).toEqual([]);
        expect(await answers.runs(newRoomIdIn(), [])).toBeNull();
      });

      /** A room that is not over when the retention time has passed. */
      const longRoom = async () => {
        const idleMs = 3 * harness.retentionMs;
        roomId = (await roomIn(harness.store, { now: await harness.now(), idleMs })).state.roomId;
      };

      it('are forgotten in a room that lives, when one is settled after their retention time', async () => {
        await longRoom();
        const played = async (questionId: string) => {
          const runId = await begin(questionId, '1');
          await act(stop);
          await settle(runId);
          return runId;
        };
        const idsKept = async () => (await answers.runs(roomId))?.runs.map(({ runId }) => runId);
        const first = await played('q1');
        const second = await played('q2');
        await harness.pass(60_000);
        const third = await played('q1');
        await harness.pass(harness.retentionMs - 30_000);
        fence = await harness.own('outcomes');
        expect(await idsKept()).toEqual([first, second, third]);
        const fourth = await played('q3');
        expect(await idsKept()).toEqual([third, fourth]);
        expect(await harness.runOf(roomId, first)).toBeUndefined();
        expect(await harness.deliveries.firstBody(roomId, first, 'd')).toBeNull();
        expect(await answers.newestRun(roomId, 'q2')).toBeNull();
        // That of the first one's question is another run, which is kept.
        expect(await answers.newestRun(roomId, 'q1')).toBe(third);
        // Whoever settles late, or what was forgotten, harms nothing.
        expect(await settleOne(harness.store, fence, roomId, first, true)).toBe('already');
        await harness.pass(harness.retentionMs);
        fence = await harness.own('outcomes');
        const fifth = await played('q1');
        expect(await idsKept()).toEqual([fifth]);
        expect((await answers.liveRuns(roomId))?.runs.map(({ runId }) => runId)).toEqual([fifth]);
        await harness.beat();
      });

      it('but the current one are forgotten: it stays, however long ago it was settled', async () => {
        await longRoom();
        const old = await begin('q1');
        await act(stop);
        const current = await begin('q2', '1');
        await act(stop);
        await settle(current);
        await harness.pass(harness.retentionMs);
        fence = await harness.own('outcomes');
        await settle(old);
        expect((await answers.runs(roomId))?.runs.map(({ runId }) => runId)).toEqual([old, current]);
        expect((await answers.liveRuns(roomId))?.runs.map(({ runId }) => runId)).toEqual([current]);
        const next = await begin('q3');
        await act(stop);
        await settle(next);
        expect((await answers.runs(roomId))?.runs.map(({ runId }) => runId)).toEqual([old, next]);
        await harness.beat();
      });

      it('are known after the room was closed, for the retention time', async () => {
        const runId = await begin();
        await act(closeIt);
        await settle(runId);
        expect((await answers.runs(roomId))?.runs).toHaveLength(1);
        expect(await settledRun(runId)).toMatchObject({ record: { reason: 'room-closed' } });
      });

      it('say when the room was told again because writes may be lost', async () => {
        await begin();
        const loaded = existing(await harness.store.load(roomId));
        const change = retell(loaded.state, loaded.now);
        expect(await harness.store.commitMany(fence, [requestOf(loaded, change)])).toMatchObject([
          { committed: true },
        ]);
        expect((await answers.runs(roomId))?.retoldAt).toBe(loaded.now);
      });
    });

    describe('a settled run', () => {
      it('has everything that an outcome is made of', async () => {
        for (const playerId of ['p1', 'p2', 'p3']) await enter(playerId);
        const runId = await begin('q1', '{"id":7}');
        const first = await given(runId, 'p1');
        const second = await given(runId, 'p1', { choice: 'null' });
        await act(pause);
        const paused = await given(runId, 'p2', { verdict: 'paused' });
        await act(resume);
        const late = await given(runId, 'p2', { verdict: 'late', lateByMs: durationMs(3) });
        const third = await given(runId, 'p3');
        await act(extend);
        await act(stop);
        expect(await answers.settledRun(roomId, runId)).toBeNull();
        const record = await runOf(runId);
        await settle(runId);
        const run = await settledRun(runId);
        expect(run).toEqual({
          record,
          settledAt: expect.any(Number),
          correct: '{"id":7}',
          timeline: expect.anything(),
          answers: expect.anything(),
          earlier: expect.anything(),
        });
        expect(run.settledAt).toBeGreaterThanOrEqual(record.settlesAt ?? Number.POSITIVE_INFINITY);
        expect(byPlayer(run.answers)).toEqual([second, third]);
        expect(byPlayer(run.earlier)).toEqual([first, paused, late]);
        expect(run.timeline.map(({ event }) => event)).toEqual([
          'started',
          'paused',
          'resumed',
          'extended',
          'closed',
        ]);
        const versions = run.timeline.map(({ version }) => version);
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
        expect(run.timeline.at(0)).toMatchObject({ version: runId, durationMs: 20_000 });
        expect(run.timeline.at(1)).toMatchObject({ endsAt: null });
        expect(run.timeline.at(-1)).toMatchObject({ reason: 'stopped', durationMs: 21_000 });
      });

      it('is the same whenever it is read, and nothing is added to it', async () => {
        await enter('p1');
        await enter('p2');
        const runId = await begin();
        await given(runId, 'p1');
        const { version } = await runOf(runId);
        await act(stop);
        const last = await runOf(runId);
        await settle(runId);
        const before = await settledRun(runId);
        expect(before.correct).toBeNull();
        for (const recordVersion of [version, last.version]) {
          expect(await submitted(runId, recordVersion, 'p2')).toMatchObject({
            kind: 'judge-again',
            isSettled: true,
          });
        }
        expect(await settleOne(harness.store, fence, roomId, runId, true)).toBe('already');
        await begin('q2');
        expect(await settledRun(runId)).toEqual(before);
      });

      it('of a room with a webhook is settled only when its outcome is queued', async () => {
        const settings = { webhook: 'https://example.org/"webhook"', maxPlayers: 3 };
        const room = await roomIn(harness.store, { now: await harness.now(), settings });
        roomId = room.state.roomId;
        const runId = await begin('q1', undefined, 10_000);
        await act(stop);
        expect(await settleOne(harness.store, fence, roomId, runId, false)).toBe('early');
        await harness.pass(10_000 + IN_FLIGHT_MS);
        for (let i = 0; i < 2; i++) {
          expect(await settleOne(harness.store, fence, roomId, runId, false)).toBe('unqueued');
        }
        expect(await answers.settledRun(roomId, runId)).toBeNull();
        const reply = await harness.store.due(fence, 1_000);
        expect(reply !== 'fenced' && reply.entries.some((entry) => entry.runId === runId)).toBe(true);
        expect(await settleOne(harness.store, fence, roomId, runId, true)).toBe('settled');
        expect(await settleOne(harness.store, fence, roomId, runId, false)).toBe('already');
        const stale: Fence = { ...fence, ownerId: 'nobody' };
        expect(await settleOne(harness.store, stale, roomId, runId, false)).toBe('fenced');
      });

      it('of a room without a webhook is settled whether it is queued or not', async () => {
        for (const isQueued of [true, false]) {
          const runId = await begin();
          await act(stop);
          await harness.pass(IN_FLIGHT_MS);
          expect(await settleOne(harness.store, fence, roomId, runId, isQueued)).toBe('settled');
        }
      });

      it('remembers which body was sent first, once it is settled and as long as the room is remembered', async () => {
        const { deliveries } = harness;
        const runId = await begin();
        await act(stop);
        expect(await deliveries.firstBody(roomId, runId, 'd1')).toBeNull();
        await settle(runId);
        expect(await deliveries.firstBody(roomId, runId, 'd1')).toBe('d1');
        expect(await deliveries.firstBody(roomId, runId, 'd2')).toBe('d1');
        expect(await deliveries.firstBody(roomId, (runId + 1) as RunId, 'd3')).toBeNull();
        expect(await deliveries.firstBody(newRoomIdIn(), runId, 'd3')).toBeNull();
        expect((await answers.runs(roomId))?.runs).toHaveLength(1);
      });

      it("knows the room's webhook, also when it is closed", async () => {
        const { deliveries } = harness;
        expect(await deliveries.webhookOf(roomId)).toEqual({ webhook: null });
        const webhook = 'https://example.org/hook';
        const room = await roomIn(harness.store, { now: await harness.now(), settings: { webhook } });
        roomId = room.state.roomId;
        expect(await deliveries.webhookOf(roomId)).toEqual({ webhook });
        await act(closeIt);
        expect(await deliveries.webhookOf(roomId)).toEqual({ webhook });
        expect(await deliveries.webhookOf(newRoomIdIn())).toBeNull();
        expect(await deliveries.webhookOf('nonsense')).toBeNull();
      });

      it('that nobody answered is one too, and one that is not there is none', async () => {
        const runId = await begin();
        await act(stop);
        await settle(runId);
        expect(await settledRun(runId)).toMatchObject({ answers: [], earlier: [] });
        expect(await answers.settledRun(roomId, (runId + 1) as RunId)).toBeNull();
        expect(await answers.settledRun(newRoomIdIn(), runId)).toBeNull();
      });

      it('has all answers of a large room', async () => {
        const players = Array.from({ length: 1_000 }, (_, i) => `p${i}`);
        for (const playerId of players) await enter(playerId);
        const runId = await begin();
        const { version } = await runOf(runId);
        // Not all at once, or some would be too old when their turn comes.
        for (let i = 0; i < players.length; i += 100) {
          const some = players.slice(i, i + 100);
          const results = await Promise.all(some.map((playerId) => submitted(runId, version, playerId)));
          expect(results.filter(({ kind }) => kind !== 'stored')).toEqual([]);
        }
        await act(stop);
        await settle(runId);
        const ids = (await settledRun(runId)).answers.map(({ playerId }) => playerId);
        expect(ids).toHaveLength(1_000);
        expect(new Set(ids).size).toBe(1_000);
      });

      it('is forgotten the retention time after it was settled, also while its room lives', async () => {
        await enter('p1');
        const runId = await begin();
        await given(runId, 'p1');
        await act(stop);
        await settle(runId);
        await harness.pass(harness.retentionMs - 60_000);
        expect((await settledRun(runId)).answers).toHaveLength(1);
        await harness.pass(60_000);
        expect(await answers.settledRun(roomId, runId)).toBeNull();
        expect((await answers.runs(roomId))?.runs).toHaveLength(1);
        fence = await harness.own('outcomes');
        await harness.beat();
      });
    });

    describe('a player who is erased', () => {
      const SECRET = 'Grace Hopper';
      const GONE = 'gone-player-id';

      it('is gone from settled and live runs, and nobody else is', async () => {
        await enter(GONE, SECRET);
        await enter('p2');
        const settled = await begin('q1');
        await given(settled, GONE, { name: SECRET });
        await given(settled, GONE, { name: SECRET });
        await given(settled, 'p2');
        await act(stop);
        const live = await begin('q2');
        await given(live, GONE, { verdict: 'late', name: SECRET });
        await given(live, 'p2');
        await settle(settled);
        expect(await answers.erasePlayer(roomId, GONE)).toBe(true);
        const run = await settledRun(settled);
        expect(run.answers.map(({ playerId }) => playerId)).toEqual(['p2']);
        expect(run.earlier).toEqual([]);
        expect(await answers.answerOf(roomId, live, GONE)).toBeNull();
        expect(await answers.answerOf(roomId, live, 'p2')).not.toBeNull();
        expect(
          (await harness.members.roster(roomId, { away: true })).map(({ playerId }) => playerId),
        ).toEqual(['p2']);
        for (const text of [GONE, SECRET]) expect(await traces(text)).toEqual([]);
      });

      it('leaves nothing behind, however an answer of theirs races with it', async () => {
        const runId = await begin();
        const { version } = await runOf(runId);
        const players = Array.from({ length: 40 }, (_, i) => `racer-${i}`);
        await Promise.all(players.map((playerId) => enter(playerId)));
        const receivedAt = await harness.now();
        await Promise.all(
          players.flatMap((playerId, i) => [
            answers.erasePlayer(roomId, playerId),
            // Between any two steps of the erasing.
            (async () => {
              for (let trip = 0; trip < i % 6; trip++) await answers.liveRuns(roomId);
              await submitted(runId, version, playerId, receivedAt);
            })(),
          ]),
        );
        const left = await Promise.all(players.map((playerId) => answers.answerOf(roomId, runId, playerId)));
        expect(left.filter((answer) => answer !== null)).toEqual([]);
      });

      it('cannot come back, answers no more, and leaves the name to others', async () => {
        await enter(GONE, SECRET);
        const runId = await begin();
        await given(runId, GONE, { name: SECRET });
        await answers.erasePlayer(roomId, GONE);
        expect(await enter(GONE, SECRET)).toEqual({ entered: false, why: 'removed' });
        const { version } = await runOf(runId);
        const again = await submitted(runId, version, GONE);
        expect(again).toMatchObject({ kind: 'judge-again', isEligible: false, standing: null });
        expect(await enter('p9', SECRET)).toEqual({ entered: true, name: SECRET });
      });

      it('is known as long as anything is: a seat, a removal or an answer; a stranger is not, and leaves no trace', async () => {
        expect(await answers.erasePlayer(roomId, 'stranger')).toBe(false);
        expect(await enter('stranger')).toMatchObject({ entered: true });
        expect(await answers.erasePlayer(newRoomIdIn(), GONE)).toBe(false);
        await enter(GONE, SECRET);
        await harness.members.remove(roomId, GONE, 'banned');
        expect(await answers.erasePlayer(roomId, GONE)).toBe(true);
        expect(await answers.erasePlayer(roomId, GONE)).toBe(true);
        expect(await traces(SECRET)).toEqual([]);
        expect(await enter(GONE, 'Somebody')).toEqual({ entered: false, why: 'removed' });
      });

      it('and who was forgotten as a member, but had answered, cannot come back either', async () => {
        const join = (playerId: string) => enter(playerId, playerId, 1);
        const runId = await begin();
        const visit = async (playerId: string) => {
          expect(await join(playerId)).toMatchObject({ entered: true });
          await given(runId, playerId);
          await harness.members.leave({ roomId, playerId, connection: `c-${playerId}` });
        };
        for (const playerId of ['p1', 'p2', 'p3']) await visit(playerId);
        // Twice as many as may be connected are remembered.
        const known = await Promise.all(['p1', 'p2'].map((id) => harness.members.roleOf(roomId, id)));
        expect(known).toContain(null);
        const forgotten = known[0] === null ? 'p1' : 'p2';
        expect(await answers.erasePlayer(roomId, forgotten)).toBe(true);
        expect(await join(forgotten)).toEqual({ entered: false, why: 'removed' });
        expect(await answers.answerOf(roomId, runId, forgotten)).toBeNull();
        expect(await answers.answerOf(roomId, runId, 'p3')).not.toBeNull();
      });

      it('can be erased from a room that is closed', async () => {
        await enter(GONE, SECRET);
        const runId = await begin();
        await given(runId, GONE, { name: SECRET });
        await act(closeIt);
        await settle(runId);
        expect(await answers.erasePlayer(roomId, GONE)).toBe(true);
        expect((await settledRun(runId)).answers).toEqual([]);
        expect(await traces(SECRET)).toEqual([]);
      });

      /** Where Redis has this text in the room's keys, but for the id that may not come back; nowhere in memory. */
      async function traces(text: string): Promise<string[]> {
        const { redis, keys } = harness as Partial<RedisHarness>;
        if (redis === undefined || keys === undefined) return [];
        const found: string[] = [];
        for (const key of await keysWith(redis, `${keys.prefix}:*${roomId}*`)) {
          for (const [field, value] of Object.entries(await redis.hgetall(key))) {
            const searched = field === `removed:${GONE}` ? value : `${key} ${field} ${value}`;
            if (searched.includes(text)) found.push(`${key} ${field} ${value}`);
          }
        }
        return found;
      }
    });

    it('instants come back as they were given', async () => {
      await enter('p1');
      const runId = await begin();
      const answer = await given(runId, 'p1', { receivedAt: epochMs((await harness.now()) - 7) });
      await act(stop);
      await settle(runId);
      expect((await settledRun(runId)).answers).toEqual([answer]);
    });
  });
}

async function keysWith(redis: Redis, pattern: string): Promise<string[]> {
  const found: string[] = [];
  let cursor = '0';
  do {
    const [next, some] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000);
    found.push(...some);
    cursor = next;
  } while (cursor !== '0');
  return found;
}

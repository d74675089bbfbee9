import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnswerRecord, AnswerRequest, Fence } from '#libs/room';
import { EARLIER_ANSWERS_KEPT } from '#libs/room';
import { type EpochMs, epochMs, FRESH_ANSWERER, IN_FLIGHT_MS, judge, type RunRecord } from '#libs/timer-core';
import { closeIt, does, roomIn, settleOne, start } from './room.fixture.js';
import type { StoreHarness } from './store.harness.js';

/** What every store of answers does. */
export function describeAnswers(name: string, create: () => Promise<StoreHarness>): void {
  describe(`answers: ${name}`, () => {
    let harness: StoreHarness;
    let fence: Fence;
    let roomId: string;
    let run: RunRecord;
    let count = 0;

    beforeAll(async () => {
      harness = await create();
      fence = await harness.own('answers');
    });
    afterAll(() => harness.close());

    const liveRuns = async (id = roomId) => (await harness.answers.liveRuns(id))?.runs ?? [];
    const enter = (playerId: string, id = roomId) =>
      harness.members.enter({
        roomId: id,
        connection: `c-${playerId}`,
        member: { playerId, role: 'player', name: playerId },
        nameKey: playerId,
        maxPlayers: 1_000,
        secondConnection: 'replace',
      });
    const begun = async (id: string): Promise<RunRecord> => {
      await does(harness.store, id, start({ mayChangeAnswer: true } as never));
      const newest = (await liveRuns(id)).at(-1);
      if (newest === undefined) throw new Error('no run');
      return newest;
    };
    const request = async (more: Partial<AnswerRecord> = {}, rest: Partial<AnswerRequest> = {}) => {
      const receivedAt: EpochMs = more.receivedAt ?? (await harness.now());
      const answer: AnswerRecord = {
        ...judge(run, FRESH_ANSWERER, receivedAt),
        playerId: 'p1',
        name: 'Ada "A"',
        answerId: `a${count++}`,
        choice: '{"answerId":"a0","text":"ü\\n{}"}',
        ...more,
      };
      const { runId, version } = run;
      return { roomId, runId, recordVersion: version, answer, isClamped: false, standing: null, ...rest };
    };
    /** Stores an answer; one that is too old, because the machine stood still, is given again. */
    const stored = async (more: Partial<AnswerRecord> = {}, rest: Partial<AnswerRequest> = {}) => {
      for (let tries = 1; ; tries++) {
        const given = await request(more, rest);
        const { kind } = await harness.answers.submit(given);
        if (kind === 'stored') return given.answer;
        const ageMs = (await harness.now()) - given.answer.receivedAt;
        if (tries === 5 || ageMs <= 0.9 * IN_FLIGHT_MS) throw new Error(`${kind}, ${ageMs} ms old`);
      }
    };
    const submit = async (more: Partial<AnswerRecord> = {}, rest: Partial<AnswerRequest> = {}) =>
      harness.answers.submit(await request(more, rest));

    beforeEach(async () => {
      roomId = (await roomIn(harness.store, { shard: 0, now: await harness.now() })).state.roomId;
      await enter('p1');
      run = await begun(roomId);
    });

    it('keeps an accepted answer as it was given, and only that player’s', async () => {
      const given = await stored();
      expect(await harness.answers.answerOf(roomId, run.runId, 'p1')).toEqual(given);
      expect(await harness.answers.answerOf(roomId, run.runId, 'p2')).toBeNull();
    });

    it('answers the same id with the first judgement, accepted or refused, and stores nothing more', async () => {
      const refused = await stored({ answerId: 'same', verdict: 'late' });
      expect(await submit({ answerId: 'same', choice: '"x"' })).toMatchObject({
        kind: 'repeated',
        judgement: { verdict: 'late', receivedAt: refused.receivedAt },
      });
      expect(await harness.answers.answerOf(roomId, run.runId, 'p1')).toEqual(refused);
      const accepted = await stored({ answerId: 'other' });
      await harness.pass(20);
      expect(await submit({ answerId: 'other', verdict: 'late' })).toMatchObject({
        kind: 'repeated',
        judgement: { verdict: 'accepted', receivedAt: accepted.receivedAt },
      });
    });

    it('takes no second answer beside an accepted one, but gives that one back', async () => {
      const first = await stored();
      expect(await submit()).toMatchObject({ kind: 'judge-again', standing: first, isEligible: true });
      expect(await harness.answers.answerOf(roomId, run.runId, 'p1')).toEqual(first);
    });

    it('lets one of many simultaneous answers of a player through', async () => {
      // Of moved instants, which may be older.
      const requests = await Promise.all(Array.from({ length: 20 }, () => request({}, { isClamped: true })));
      const results = await Promise.all(requests.map((one) => harness.answers.submit(one)));
      expect(results.filter(({ kind }) => kind === 'stored')).toHaveLength(1);
      expect(results.filter(({ kind }) => kind === 'judge-again')).toHaveLength(19);
    });

    it('is told to the owner when it was accepted, not when it was refused', async () => {
      const stirred = async () => {
        const taken = await harness.members.takeStirred(fence, 10_000);
        return taken !== 'fenced' && taken.roomIds.includes(roomId);
      };
      await stirred();
      await stored({ verdict: 'late' });
      expect(await stirred()).toBe(false);
      await stored();
      expect(await stirred()).toBe(true);
    });

    it('replaces the accepted answer that it was judged beside, and no other', async () => {
      await stored({ answerId: 'one' });
      await harness.pass(5);
      const second = await stored({ answerId: 'two' }, { standing: 'one' });
      expect(await harness.answers.answerOf(roomId, run.runId, 'p1')).toEqual(second);
      expect(await submit({ answerId: 'three' }, { standing: 'one' })).toMatchObject({
        kind: 'judge-again',
        standing: second,
      });
      expect(await submit({ answerId: 'one' })).toMatchObject({ kind: 'repeated' });
    });

    it('remembers so many earlier answers, the newest', async () => {
      for (let i = 0; i <= EARLIER_ANSWERS_KEPT; i++)
        await stored({ answerId: `late-${i}`, verdict: 'late' });
      expect(await submit({ answerId: 'late-1', verdict: 'late' })).toMatchObject({ kind: 'repeated' });
      await stored({ answerId: 'late-0', verdict: 'late' });
    });

    it('is judged again when the run has changed since, and gives the new record', async () => {
      const stale = await request();
      await does(harness.store, roomId, { ...start(), type: 'question:pause' } as never);
      const result = await harness.answers.submit(stale);
      expect(result).toMatchObject({ kind: 'judge-again', standing: null, isSettled: false });
      if (result.kind !== 'judge-again') throw new Error(result.kind);
      const [newer] = result.runs;
      expect(newer).toMatchObject({ runId: run.runId, pausedAt: expect.any(Number) });
      expect(newer?.version).toBeGreaterThan(run.version);
      expect(await harness.answers.answerOf(roomId, run.runId, 'p1')).toBeNull();
    });

    it('takes an instant within the time in flight only, and twice that for one that was moved', async () => {
      const now = await harness.now();
      const at = (ms: number) => ({ receivedAt: epochMs(now + ms) });
      expect(await submit(at(60_000))).toMatchObject({ kind: 'judge-again' });
      expect(await submit(at(-IN_FLIGHT_MS - 1))).toMatchObject({ kind: 'judge-again' });
      expect(await submit(at(-2 * IN_FLIGHT_MS - 1), { isClamped: true })).toMatchObject({
        kind: 'judge-again',
      });
      // Not too old for one that was moved, though the machine stood still for most of a second meanwhile.
      const justBefore = epochMs((await harness.now()) - IN_FLIGHT_MS - 1);
      expect(await submit({ receivedAt: justBefore }, { isClamped: true })).toMatchObject({ kind: 'stored' });
    });

    it('takes none of a stranger, nor of a player who was put out', async () => {
      expect(await submit({ playerId: 'stranger' })).toMatchObject({
        kind: 'judge-again',
        isEligible: false,
      });
      await enter('p2');
      await harness.members.remove(roomId, 'p2', 'kicked');
      expect(await submit({ playerId: 'p2' })).toMatchObject({ kind: 'judge-again', isEligible: false });
    });

    it('takes none once the run is settled, and knows the runs that answers can be meant for', async () => {
      await does(harness.store, roomId, { ...start(), type: 'question:stop' } as never);
      const second = await begun(roomId);
      expect((await liveRuns()).map(({ runId }) => runId)).toEqual([run.runId, second.runId]);
      await harness.pass(IN_FLIGHT_MS + 100);
      expect(await settleOne(harness.store, fence, roomId, run.runId, true)).toBe('settled');
      expect(await submit({}, {})).toMatchObject({ kind: 'judge-again', isSettled: true });
      expect((await liveRuns()).map(({ runId }) => runId)).toEqual([second.runId]);
      await does(harness.store, roomId, { ...start(), type: 'question:stop' } as never);
      await harness.pass(IN_FLIGHT_MS + 100);
      expect(await settleOne(harness.store, fence, roomId, second.runId, true)).toBe('settled');
      // The last one stays: a late answer to it is late, not wrong.
      expect((await liveRuns()).map(({ runId }) => runId)).toEqual([second.runId]);
    });

    it('of a room that is over are taken until its runs are settled', async () => {
      const before = await harness.now();
      await harness.pass(10);
      await does(harness.store, roomId, closeIt);
      const [closed] = await liveRuns();
      if (closed === undefined) throw new Error('no run');
      run = closed;
      expect(await submit({ receivedAt: before }, { isClamped: true })).toMatchObject({ kind: 'stored' });
      expect(
        await harness.answers.liveRuns(`${roomId.slice(0, -1)}${roomId.endsWith('a') ? 'b' : 'a'}`),
      ).toBeNull();
    });
  });
}

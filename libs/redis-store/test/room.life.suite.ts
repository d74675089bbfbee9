import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { LoadedRoom } from '#libs/room';
import { durationMs, newRoom, type RunId } from '#libs/timer-core';
import {
  changeOf,
  closeIt,
  does,
  dueOf,
  entry,
  existing,
  newRoomIdIn,
  outcomeOf,
  pause,
  requestOf,
  roomIn,
  type Store,
  settleOne,
  start,
  stop,
} from './room.fixture.js';
import type { StoreHarness } from './store.harness.js';

const DAY_MS = 86_400_000;

/** What both adapters of `RoomStore` must do with a room's content and its end. */
export function describeRoomLife(name: string, createHarness: () => Promise<StoreHarness>): void {
  describe(`the life of rooms in ${name}`, () => {
    let harness: StoreHarness;
    let store: Store;

    beforeAll(async () => {
      harness = await createHarness();
      store = harness.store;
    });
    afterAll(() => harness.close());
    beforeEach(async () => {
      await harness.heard();
      await harness.changed();
    });

    const room = async (more: { idleMs?: number; pin?: string } = {}): Promise<LoadedRoom> => {
      const loaded = await roomIn(store, { ...more, now: await harness.now() });
      await harness.listen(loaded.state.roomId);
      return loaded;
    };
    const load = async (roomId: string): Promise<LoadedRoom> => existing(await store.load(roomId));

    describe('content', () => {
      const contents = async () =>
        (await harness.heard()).map(({ event, payload }) => [event, payload.content]);

      it('is set, kept and carried by every event of its question, and dropped by the next start', async () => {
        const { roomId } = (await room()).state;
        const odd = '{"text":"\\"ü\\" \\\\ 😀 </script>","__proto__":{"x":1},"n":[1e3,-0.5,null]}';
        await does(store, roomId, start({ leadInMs: 100 }), { content: odd });
        await harness.pass(100);
        await does(store, roomId, pause);
        await does(store, roomId, stop);
        const told = JSON.parse(odd);
        expect(await contents()).toEqual([
          ['question:started', told],
          ['question:opened', told],
          ['question:paused', told],
          ['question:closed', told],
        ]);
        await does(store, roomId, start(), { content: null });
        expect((await load(roomId)).content).toBeNull();
        expect(await contents()).toEqual([['question:started', undefined]]);
      });

      // A start that finds the deadline passed first closes the old run: its event told the next question's content.
      it('of the next question is not told with the closing of the last one', async () => {
        const { roomId } = (await room()).state;
        await does(store, roomId, start({ durationMs: 100 }), { content: '"old"' });
        await harness.pass(100);
        await does(store, roomId, start({ questionId: 'q2', durationMs: 100 }), { content: '"new"' });
        await harness.pass(100);
        await does(store, roomId, start({ questionId: 'q3' }), { content: null });
        expect(await contents()).toEqual([
          ['question:started', 'old'],
          ['question:closed', 'old'],
          ['question:started', 'new'],
          ['question:closed', 'new'],
          ['question:started', undefined],
        ]);
      });
    });

    describe('closing', () => {
      it('keeps the room for its retention time and its PIN for a day, takes nobody any more', async () => {
        const { state } = await room();
        const { roomId, pin } = state;
        await harness.members.enter(entry(roomId, 'p1'));
        await does(store, roomId, start());
        await does(store, roomId, closeIt);
        expect((await harness.heard()).map(({ event }) => event)).toEqual([
          'question:started',
          'question:closed',
          'room:closed',
        ]);
        expect((await load(roomId)).state.closed).toMatchObject({ reason: 'host' });
        expect(await store.findByPin(pin)).toBe(roomId);
        const again = newRoom({ ...state, roomId: newRoomIdIn(), now: state.createdAt });
        await expect(store.create({ state: again, settings: {} })).resolves.toBe('taken');
        expect(
          (await store.schedule(0)).filter((entry) => entry.roomId === roomId && entry.runId === null),
        ).toEqual([]);
        expect(await harness.members.enter(entry(roomId, 'p2'))).toEqual({ entered: false, why: 'over' });
        expect(await harness.members.admission(roomId, null)).toBeNull();
        expect(await harness.members.roleOf(roomId, 'p2')).toBeNull();
      });

      it('by the owner when nobody was there is a commit like any other', async () => {
        const { state } = await room({ idleMs: DAY_MS });
        const fence = await harness.own('owner');
        await harness.pass(DAY_MS);
        const late = await load(state.roomId);
        const [result] = await store.commitMany(fence, [dueOf(late)]);
        expect(outcomeOf(result)).toBe('committed');
        expect(await harness.heard()).toMatchObject([{ event: 'room:closed', payload: { reason: 'idle' } }]);
      });

      it('is remembered: a change to an old version cannot open the room again', async () => {
        const loaded = await room();
        const request = requestOf(loaded, changeOf(loaded, start()));
        await does(store, loaded.state.roomId, closeIt);
        expect(outcomeOf(await store.commit(request))).toBe('version');
      });
    });

    describe('a room in the place of one that is over', () => {
      const settings = { outcomes: 'none' } as const;
      /** Ids as PINs, as rooms have them that nobody finds by a PIN. */
      const makeAnew = async (roomId: string) => {
        const now = await harness.now();
        const state = newRoom({ roomId, pin: roomId, idleMs: durationMs(2 * harness.retentionMs), now });
        return { state, made: await store.create({ state, settings, mayReplaceEnded: true }) };
      };

      it('takes its id and PIN, and nothing else of it', async () => {
        const { roomId } = (await makeAnew(newRoomIdIn())).state;
        await harness.members.enter(entry(roomId, 'p1'));
        await does(store, roomId, start({ questionId: 'old' }), { content: '"old"' });
        await does(store, roomId, closeIt);
        await harness.changed();
        const { state, made } = await makeAnew(roomId);
        expect(made).toBe('created');
        const anew = existing(await store.load(roomId));
        expect([anew.state, anew.content]).toEqual([state, null]);
        expect(await harness.changed()).toContain(roomId);
        expect(await harness.answers.runs(roomId)).toEqual({ runs: [], retoldAt: null });
        expect(await harness.answers.newestRun(roomId, 'old')).toBeNull();
        expect(await harness.members.roster(roomId, { away: true })).toEqual([]);
        expect(await harness.members.admission(roomId, null)).toMatchObject({
          settings,
          presence: { players: 0 },
        });
        // It lives as any other, for longer than the old one would have been kept.
        await harness.pass(harness.retentionMs);
        await does(store, roomId, start());
      });

      it('is not made while that one lives', async () => {
        const { roomId, version } = (await makeAnew(newRoomIdIn())).state;
        expect((await makeAnew(roomId)).made).toBe('taken');
        const started = await does(store, roomId, start());
        expect((await makeAnew(roomId)).made).toBe('taken');
        expect((await load(roomId)).state).toEqual(started);
        expect(started.version).toBeGreaterThan(version);
      });

      it('is made once, by one of many', async () => {
        const { roomId } = (await makeAnew(newRoomIdIn())).state;
        await does(store, roomId, closeIt);
        for (const roomIdOfAll of [roomId, newRoomIdIn()]) {
          const all = await Promise.all(Array.from({ length: 20 }, () => makeAnew(roomIdOfAll)));
          expect(all.map(({ made }) => made).sort()).toEqual(['created', ...Array(19).fill('taken')]);
        }
      });

      it('is made also when its retention time has passed', async () => {
        const { roomId } = (await makeAnew(newRoomIdIn())).state;
        await does(store, roomId, closeIt);
        await harness.pass(harness.retentionMs);
        expect((await makeAnew(roomId)).made).toBe('created');
      });

      it('takes no PIN that another room has', async () => {
        const { state } = await room();
        const other = newRoom({ ...state, roomId: newRoomIdIn(), now: state.createdAt });
        expect(await store.create({ state: other, settings, mayReplaceEnded: true })).toBe('taken');
        expect(await store.findByPin(state.pin)).toBe(state.roomId);
      });

      it('needs leave: others find id and PIN taken', async () => {
        const { state } = await makeAnew(newRoomIdIn());
        await does(store, state.roomId, closeIt);
        expect(await store.create({ state, settings })).toBe('taken');
      });

      it('tells nobody how its runs went, and forgets each once the next is settled', async () => {
        const { roomId } = (await makeAnew(newRoomIdIn())).state;
        const runIds: RunId[] = [];
        const kept = async () => (await harness.answers.runs(roomId))?.runs.map(({ runId }) => runId);
        for (const questionId of ['q1', 'q2', 'q3']) {
          const { question } = await does(store, roomId, start({ questionId }));
          runIds.push(question?.runId as RunId);
          await does(store, roomId, stop);
        }
        await harness.pass(10_000);
        const fence = await harness.own('owner');
        const [first, second, third] = runIds as [RunId, RunId, RunId];
        expect(await settleOne(store, fence, roomId, first, false)).toBe('settled');
        expect(await kept()).toEqual(runIds);
        expect(await settleOne(store, fence, roomId, second, false)).toBe('settled');
        expect(await kept()).toEqual([second, third]);
        expect(await settleOne(store, fence, roomId, third, false)).toBe('settled');
        expect(await kept()).toEqual([third]);
        expect(await harness.deliveries.webhookOf(roomId)).toBeNull();
      });
    });
  });
}

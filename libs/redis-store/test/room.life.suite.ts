import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { LoadedRoom } from '#libs/room';
import { newRoom } from '#libs/timer-core';
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
  });
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { LoadedRoom } from '#libs/room';
import { durationMs, newRoom, nextAt, snapshotOf } from '#libs/timer-core';
import {
  changeOf,
  deciding,
  does,
  existing,
  HOLDS_MS,
  newPinIn,
  newRoomIdIn,
  outcomeOf,
  pause,
  roomIn,
  type Store,
  start,
} from './room.fixture.js';
import type { StoreHarness } from './store.harness.js';

/** What both adapters of `RoomStore` must do. */
export function describeRoomStore(name: string, createHarness: () => Promise<StoreHarness>): void {
  describe(`rooms in ${name}`, () => {
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

    describe('creating', () => {
      it('claims the PIN and makes the room, and tells the owner', async () => {
        const { state, content, now } = await room();
        expect(await store.findByPin(state.pin)).toBe(state.roomId);
        expect(content).toBeNull();
        expect(state.version).toBeLessThanOrEqual(now);
        expect(await store.schedule(0)).toContainEqual({
          roomId: state.roomId,
          runId: null,
          at: state.createdAt + state.idleMs,
        });
        expect(await harness.changed()).toEqual([state.roomId]);
      });

      it('makes nothing when the PIN is taken', async () => {
        const { state } = await room();
        const second = newRoom({ ...state, roomId: newRoomIdIn(), now: state.createdAt });
        await expect(store.create({ state: second, settings: {} })).resolves.toBe('taken');
        expect(await store.load(second.roomId)).toBeNull();
        expect(await store.findByPin(state.pin)).toBe(state.roomId);
        expect((await store.schedule(0)).some((entry) => entry.roomId === second.roomId)).toBe(false);
      });

      it('claims no PIN when the room id is taken', async () => {
        const { state } = await room();
        const pin = newPinIn();
        const second = newRoom({ ...state, pin, now: state.createdAt });
        await expect(store.create({ state: second, settings: {} })).resolves.toBe('taken');
        expect(await store.findByPin(pin)).toBeNull();
        expect((await load(state.roomId)).state.pin).toBe(state.pin);
      });

      it('lets one of many take a PIN', async () => {
        const pin = newPinIn();
        const now = await harness.now();
        const states = Array.from({ length: 20 }, () =>
          newRoom({ roomId: newRoomIdIn(), pin, idleMs: durationMs(60_000), now }),
        );
        const made = await Promise.all(states.map((state) => store.create({ state, settings: {} })));
        expect(made.filter((result) => result === 'created')).toHaveLength(1);
        expect(await store.findByPin(pin)).toBe(states[made.indexOf('created')]?.roomId);
      });

      it('knows neither a room nor a PIN that was never made', async () => {
        expect(await store.load(newRoomIdIn())).toBeNull();
        expect(await store.findByPin(newPinIn())).toBeNull();
        expect(await store.occupiedAt(newRoomIdIn())).toBe(0);
        const [gone] = await store.loadMany(0, [newRoomIdIn()]);
        expect(gone).toBeNull();
      });
    });

    it('tells when rooms are due in the order asked: by their states, and null for who never is or is not known', async () => {
      const [idle, open, paused] = [await room(), await room(), await room()];
      for (const { state } of [open, paused]) await does(store, state.roomId, start());
      await does(store, paused.state.roomId, pause);
      const roomIds = [paused, open, idle].map(({ state }) => state.roomId);
      const states = await Promise.all(roomIds.map(async (roomId) => (await load(roomId)).state));
      const dueAt = states.map(nextAt);
      expect(dueAt).toEqual([null, expect.any(Number), expect.any(Number)]);
      expect(await store.dueInstants(0, [newRoomIdIn(), ...roomIds])).toEqual([null, ...dueAt]);
      expect(await store.dueInstants(0, [])).toEqual([]);
    });

    describe('a commit', () => {
      it('writes state, run, due instants, change and events as one', async () => {
        const loaded = await room();
        const { roomId } = loaded.state;
        await harness.changed();
        const request = deciding(loaded, start({ graceMs: 500 }), {
          content: '{"text":"1 + 1?"}',
          correct: '"b"',
        });
        const result = await store.commit(request);
        const next = request.change.state;
        const runId = next.question?.runId ?? (0 as never);
        expect(result).toMatchObject({ committed: true });
        expect(await load(roomId)).toMatchObject({ state: next, content: '{"text":"1 + 1?"}' });
        expect(await harness.runOf(roomId, runId)).toEqual({
          record: request.change.runs[0],
          correct: '"b"',
          settledAt: undefined,
        });
        const due = (await store.schedule(0)).filter((entry) => entry.roomId === roomId);
        expect(due).toEqual([{ roomId, runId: null, at: loaded.now + 20_000 }]);
        expect(await harness.changed()).toEqual([roomId]);
        const { now } = result;
        expect(await harness.heard()).toEqual([
          {
            audience: 'room',
            event: 'question:started',
            payload: { ...snapshotOf(next, now), content: { text: '1 + 1?' } },
          },
        ]);
      });

      it('on another version writes and tells nothing, and answers with the room as it is', async () => {
        const loaded = await room();
        const { roomId } = loaded.state;
        const loser = deciding(loaded, start({ questionId: 'other' }), {
          content: '"other"',
          correct: '"x"',
        });
        const winner = deciding(loaded, start(), { content: '"first"' });
        expect(outcomeOf(await store.commit(winner))).toBe('committed');
        await harness.heard();
        await harness.changed();
        const due = await store.schedule(0);
        const result = await store.commit({
          ...loser,
          change: changeOf(loaded, start({ questionId: 'other' })),
        });
        expect(result).toMatchObject({
          committed: false,
          why: 'version',
          current: { state: winner.change.state, content: '"first"' },
        });
        expect(await load(roomId)).toMatchObject({ state: winner.change.state, content: '"first"' });
        expect(await harness.heard()).toEqual([]);
        expect(await harness.changed()).toEqual([]);
        expect(await store.schedule(0)).toEqual(due);
      });

      it('is refused before its window', async () => {
        const loaded = await room();
        const request = deciding(loaded, start());
        const early = {
          ...request,
          change: { ...request.change, notBeforeAt: (loaded.now + 60_000) as never },
        };
        const late = { ...early, notAfterAt: (loaded.now + 90_000) as never };
        expect(await store.commit(late)).toMatchObject({
          committed: false,
          why: 'window',
          current: { state: loaded.state },
        });
        expect(await harness.heard()).toEqual([]);
        await harness.pass(60_000);
        expect(outcomeOf(await store.commit(late))).toBe('committed');
      });

      it('is refused after its window', async () => {
        const loaded = await room();
        const request = deciding(loaded, start());
        await harness.pass(HOLDS_MS);
        expect(await store.commit(request)).toMatchObject({
          committed: false,
          why: 'window',
          current: { state: loaded.state },
        });
        expect(await harness.heard()).toEqual([]);
        expect((await load(loaded.state.roomId)).state).toEqual(loaded.state);
      });

      it('of a room that does not exist says so', async () => {
        const loaded = await room();
        const { state } = loaded;
        const ghost = { ...loaded, state: { ...state, roomId: newRoomIdIn() } };
        expect(await store.commit(deciding(ghost, start()))).toMatchObject({
          committed: false,
          why: 'gone',
          current: null,
        });
      });

      it('lets one of many win, and the losers see it', async () => {
        const loaded = await room();
        const requests = Array.from({ length: 16 }, (_, i) =>
          deciding(loaded, start({ questionId: `q${i}` })),
        );
        const results = await Promise.all(requests.map((request) => store.commit(request)));
        const won = results.findIndex((result) => result.committed);
        expect(results.map(outcomeOf).filter((outcome) => outcome === 'version')).toHaveLength(15);
        expect((await load(loaded.state.roomId)).state).toEqual(requests[won]?.change.state);
        for (const result of results) {
          if (!result.committed) expect(result.current?.state).toEqual(requests[won]?.change.state);
        }
        expect(await harness.heard()).toHaveLength(1);
      });
    });
  });
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fence, LoadedRoom } from '#libs/room';
import { durationMs, IN_FLIGHT_MS, type RunId, retell, snapshotOf } from '#libs/timer-core';
import {
  closeIt,
  deciding,
  does,
  dueAheadOf,
  dueOf,
  existing,
  HOLDS_MS,
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

/** What both adapters of `OwnerStore` must do. */
export function describeOwnerStore(name: string, createHarness: () => Promise<StoreHarness>): void {
  describe(`the owner of a shard in ${name}`, () => {
    let harness: StoreHarness;
    let store: Store;
    let fence: Fence;

    beforeAll(async () => {
      harness = await createHarness();
      store = harness.store;
    });
    afterAll(() => harness.close());
    beforeEach(async () => {
      fence = await harness.own('owner');
      await harness.heard();
    });

    const room = async (): Promise<LoadedRoom> => {
      const loaded = await roomIn(store, { idleMs: 600_000_000, now: await harness.now() });
      await harness.listen(loaded.state.roomId);
      return loaded;
    };
    const load = async (roomId: string): Promise<LoadedRoom> => existing(await store.load(roomId));
    const heard = async () => (await harness.heard()).map(({ audience, event }) => `${audience} ${event}`);
    const dueNow = async () => {
      const due = await store.due(fence, 100);
      if (due === 'fenced') throw new Error('fenced');
      return due;
    };

    it('is told what is due, earliest first, and no more than it asked for', async () => {
      const ids: string[] = [];
      for (const durationMs of [30_000, 10_000, 20_000, 900_000]) {
        const { roomId } = (await room()).state;
        ids.push(roomId);
        await does(store, roomId, start({ durationMs }));
      }
      expect((await dueNow()).entries).toEqual([]);
      await harness.pass(30_000);
      const { entries, now } = await dueNow();
      expect(entries.map((entry) => entry.roomId)).toEqual([ids[1], ids[2], ids[0]]);
      expect(entries.every((entry) => entry.at <= now && entry.runId === null)).toBe(true);
      expect(await store.due(fence, 2)).toMatchObject({ entries: entries.slice(0, 2) });
      const all = await store.schedule(0);
      expect(all.map((entry) => entry.at)).toEqual([...all.map((entry) => entry.at)].sort((a, b) => a - b));
      expect(all.map((entry) => entry.roomId)).toContain(ids[3]);
      const results = await store.commitMany(
        fence,
        (await store.loadMany(0, ids.slice(0, 3))).map((one) => dueOf(existing(one))),
      );
      expect(results.map(outcomeOf)).toEqual(['committed', 'committed', 'committed']);
      const { entries: left } = await dueNow();
      expect(left.filter((entry) => entry.runId === null)).toEqual([]);
    });

    it('reads many rooms without their content, null for what is gone', async () => {
      const { state } = await room();
      const after = await does(store, state.roomId, start(), { content: '"long"' });
      const [first, gone, same] = await store.loadMany(0, [state.roomId, newRoomIdIn(), state.roomId]);
      expect(first).toMatchObject({ state: after, content: null });
      expect(gone).toBeNull();
      expect(same?.state).toEqual(after);
      expect(await store.loadMany(0, [])).toEqual([]);
    });

    it('commits many rooms in one call, each standing or falling by itself', async () => {
      const loaded = [await room(), await room(), await room(), await room()] as const;
      const [lost, , closing] = loaded;
      const requests = loaded.map((one) =>
        deciding(one, one === closing ? closeIt : start(), { content: '"c"' }),
      );
      await does(store, lost.state.roomId, start({ questionId: 'faster' }));
      await harness.heard();
      const results = await store.commitMany(fence, requests);
      expect(results.map(outcomeOf)).toEqual(['version', 'committed', 'committed', 'committed']);
      expect(await heard()).toEqual(['room question:started', 'room room:closed', 'room question:started']);
      expect(await store.commitMany(fence, [])).toEqual([]);
    });

    it('two commits of one room in one call: the second sees the first', async () => {
      const loaded = await room();
      const results = await store.commitMany(fence, [deciding(loaded, start()), deciding(loaded, start())]);
      expect(results.map(outcomeOf)).toEqual(['committed', 'version']);
    });

    it('tells a room again under a new version, with its content, and names every room that is not over', async () => {
      const { roomId } = (await room()).state;
      await does(store, roomId, start({ durationMs: 60_000 }), { content: '{"text":"Who?"}' });
      await does(store, roomId, pause);
      const over = (await room()).state.roomId;
      await does(store, over, closeIt);
      await harness.heard();
      const loaded = await load(roomId);
      const change = retell(loaded.state, loaded.now);
      expect((await store.commitMany(fence, [requestOf(loaded, change)])).map(outcomeOf)).toEqual([
        'committed',
      ]);
      const [told, ...more] = await harness.heard();
      expect(more).toEqual([]);
      const snapshot = { ...snapshotOf(change.state, loaded.now), content: { text: 'Who?' } };
      expect(told).toMatchObject({ audience: 'room', event: 'room:state' });
      expect(told?.payload).toEqual({ snapshot: { ...snapshot, serverNow: expect.any(Number) } });
      expect(change.state.version).toBeGreaterThan(loaded.state.version);
      // A paused room is not due, and is named all the same.
      const ids = await store.roomIds(fence.shard);
      expect(ids).toContain(roomId);
      expect(ids).not.toContain(over);
    });

    it('closes a question once, not early, whoever fires it again', async () => {
      const { roomId } = (await room()).state;
      await does(store, roomId, start({ durationMs: 60_000 }));
      await harness.pass(60_000);
      const late = await load(roomId);
      await harness.pass(-30_000); // the clock was put back after the owner had read it
      const firing = { ...dueOf(late), notAfterAt: (late.now + 60_000) as never };
      expect((await store.commitMany(fence, [firing])).map(outcomeOf)).toEqual(['window']);
      await harness.pass(30_000);
      const results = await Promise.all([1, 2, 3].map(() => store.commitMany(fence, [firing])));
      expect(results.flat().map(outcomeOf).sort()).toEqual(['committed', 'version', 'version']);
      expect(await heard()).toEqual(['room question:started', 'room question:closed']);
    });

    describe('a commit that was made ready', () => {
      const open = async () => {
        const state = await does(store, (await room()).state.roomId, start({ durationMs: 60_000 }), {
          content: '"c"',
        });
        const request = dueAheadOf({ state });
        store.prepare(fence, request);
        await harness.heard();
        await harness.changed();
        return { roomId: state.roomId, request };
      };
      const commit = async (...requests: ReturnType<typeof dueAheadOf>[]) =>
        (await store.commitMany(fence, requests)).map(outcomeOf);

      it('is refused before its instant, and is then what a decision at the instant would be, once', async () => {
        const { roomId, request } = await open();
        const before = await load(roomId);
        await harness.pass(30_000);
        expect(await commit(request)).toEqual(['window']);
        expect((await load(roomId)).state).toEqual(before.state);
        expect(await heard()).toEqual([]);
        await harness.pass(30_000);
        expect(request.change).toEqual(dueOf(await load(roomId)).change);
        expect(await commit(request)).toEqual(['committed']);
        expect(await commit(request)).toEqual(['version']);
        expect((await load(roomId)).state).toEqual(request.change.state);
        expect(await harness.heard()).toMatchObject([
          {
            event: 'question:closed',
            payload: { roomId, version: request.change.state.version, content: 'c' },
          },
        ]);
        // Who owns the shard knows it by the answer.
        expect(await harness.changed()).toEqual([]);
      });

      it('is refused after its window, and when the room has changed since', async () => {
        const [late, extended, fine] = [await open(), await open(), await open()];
        const extend = { type: 'question:extend', actor: 'host', byMs: durationMs(100_000) } as const;
        const { version } = await does(store, extended.roomId, extend);
        await harness.heard();
        await harness.pass(60_000);
        expect(await commit(extended.request, fine.request)).toEqual(['version', 'committed']);
        await harness.pass(HOLDS_MS);
        expect(await commit(late.request)).toEqual(['window']);
        expect((await load(extended.roomId)).state.version).toBe(version);
        expect(await heard()).toEqual(['room question:closed']);
        expect(await commit(dueOf(await load(late.roomId)))).toEqual(['committed']);
      });

      it('of an owner that was followed writes and publishes nothing; its follower may send it', async () => {
        const { roomId, request } = await open();
        const next = await harness.own('next');
        await harness.pass(60_000);
        const before = await store.schedule(0);
        expect(await store.commitMany(fence, [request])).toMatchObject([{ committed: false, why: 'fence' }]);
        expect(await harness.heard()).toEqual([]);
        expect(await harness.changed()).toEqual([]);
        expect(await store.schedule(0)).toEqual(before);
        expect((await store.commitMany(next, [request])).map(outcomeOf)).toEqual(['committed']);
        expect((await load(roomId)).state).toEqual(request.change.state);
      });
    });

    describe('ticks', () => {
      it('go to those that want them, without content, with the planned version and the instant of sending', async () => {
        const { roomId } = (await room()).state;
        const state = await does(store, roomId, start(), { content: '"big"' });
        await harness.heard();
        await harness.pass(3_000);
        const [result] = await store.tickMany(fence, [{ state }]);
        if (result?.sent !== true) throw new Error('the tick was not sent');
        const payload = snapshotOf(state, result.now);
        expect(payload.remainingMs).toBeLessThanOrEqual(17_000);
        expect(await harness.heard()).toEqual([{ audience: 'ticks', event: 'question:tick', payload }]);
      });

      it('of a stale plan, a passed deadline or a room that is gone are not sent; the present room comes back', async () => {
        const opened = async () =>
          does(store, (await room()).state.roomId, start({ durationMs: 60_000 }), { content: '"c"' });
        const [stale, over, fine] = [await opened(), await opened(), await opened()];
        const paused = await does(store, stale.roomId, pause);
        const ghost = { ...fine, roomId: newRoomIdIn() };
        await harness.heard();
        const results = await store.tickMany(
          fence,
          [stale, fine, ghost, paused].map((state) => ({ state })),
        );
        expect(results).toMatchObject([
          { sent: false, why: 'version', current: { state: paused, content: null } },
          { sent: true },
          { sent: false, why: 'version', current: null },
          { sent: false, why: 'version', current: { state: paused } },
        ]);
        await harness.pass(60_000);
        expect(await store.tickMany(fence, [{ state: over }])).toMatchObject([
          { sent: false, why: 'version', current: { state: over, content: null } },
        ]);
        expect(await heard()).toEqual(['ticks question:tick']);
        expect(await store.tickMany(fence, [])).toEqual([]);
      });
    });

    describe('settling', () => {
      const closedRun = async (graceMs: number) => {
        const { roomId } = (await room()).state;
        await does(store, roomId, start({ graceMs }));
        const { question } = await does(store, roomId, stop);
        return { roomId, runId: question?.runId ?? (0 as RunId) };
      };

      it('happens once, when the run is due, and leaves the schedule', async () => {
        const { roomId, runId } = await closedRun(10_000);
        const planned = (await store.schedule(0)).find((entry) => entry.runId === runId);
        expect(planned).toMatchObject({ roomId, runId });
        expect(await settleOne(store, fence, roomId, runId, true)).toBe('early');
        await harness.pass(10_000 + IN_FLIGHT_MS);
        expect((await dueNow()).entries).toContainEqual(planned);
        const results = await Promise.all([1, 2, 3].map(() => settleOne(store, fence, roomId, runId, true)));
        expect(results.sort()).toEqual(['already', 'already', 'settled']);
        expect((await harness.runOf(roomId, runId))?.settledAt).toBeGreaterThanOrEqual(planned?.at ?? 0);
        expect((await store.schedule(0)).filter((entry) => entry.runId === runId)).toEqual([]);
      });

      it('goes on when the next question runs, and after the room is over', async () => {
        const { roomId, runId } = await closedRun(0);
        await does(store, roomId, start({ questionId: 'q2' }));
        await does(store, roomId, closeIt);
        const runs = (await store.schedule(0)).filter((entry) => entry.roomId === roomId);
        expect(runs).toHaveLength(2);
        await harness.pass(IN_FLIGHT_MS);
        for (const entry of runs) {
          expect(await settleOne(store, fence, roomId, entry.runId ?? runId, true)).toBe('settled');
        }
        expect((await store.schedule(0)).filter((entry) => entry.roomId === roomId)).toEqual([]);
      });

      it('of a run that is not there, or not closed, has no effect', async () => {
        const { roomId } = (await room()).state;
        const { question } = await does(store, roomId, start());
        expect(await settleOne(store, fence, roomId, question?.runId ?? (0 as RunId), true)).toBe('already');
        expect(await settleOne(store, fence, newRoomIdIn(), 17 as RunId, true)).toBe('already');
      });
    });

    describe('who is no longer it', () => {
      it.each([
        ['another owner of the same epoch', (held: Fence) => ({ ...held, ownerId: 'thief' })],
        ['the same owner of another epoch', (held: Fence) => ({ ...held, epoch: held.epoch - 1 })],
        ['an owner of an epoch to come', (held: Fence) => ({ ...held, epoch: held.epoch + 1 })],
      ])('%s writes and publishes nothing', async (_, other) => {
        const { state } = await room();
        const open = await does(store, state.roomId, start({ durationMs: 60_000 }));
        await does(store, state.roomId, stop);
        const again = await does(store, state.roomId, start({ durationMs: 60_000 }));
        await harness.pass(61_000);
        const loaded = await load(state.roomId);
        await harness.heard();
        await harness.changed();
        const before = await store.schedule(0);
        const stale = other(fence);
        expect(await store.due(stale, 10)).toBe('fenced');
        expect(await store.commitMany(stale, [dueOf(loaded)])).toMatchObject([
          { committed: false, why: 'fence', current: null },
        ]);
        expect(await store.tickMany(stale, [{ state: again }])).toEqual([
          { sent: false, why: 'fence', current: null },
        ]);
        expect(await settleOne(store, stale, state.roomId, open.question?.runId ?? (0 as RunId), true)).toBe(
          'fenced',
        );
        expect(await harness.heard()).toEqual([]);
        expect(await harness.changed()).toEqual([]);
        expect(await store.schedule(0)).toEqual(before);
        expect((await load(state.roomId)).state).toEqual(loaded.state);
        expect(outcomeOf((await store.commitMany(fence, [dueOf(loaded)]))[0])).toBe('committed');
      });

      it('an owner that was followed is refused, and the next one is not', async () => {
        const { state } = await room();
        const loaded = await load(state.roomId);
        const next = await harness.own('next');
        expect(next.epoch).toBeGreaterThan(fence.epoch);
        expect(await store.commitMany(fence, [deciding(loaded, start())])).toMatchObject([{ why: 'fence' }]);
        expect((await store.commitMany(next, [deciding(loaded, start())])).map(outcomeOf)).toEqual([
          'committed',
        ]);
      });
    });
  });
}

import { DECISION_HOLDS_MS, type LoadedRoom } from '#libs/room';
import { notAfterAt, retell } from '#libs/timer-core';
import type { ShardContext } from './shard.context.js';

/** Rooms of one call: one script with its answer stays within a few milliseconds. */
const ROOMS_PER_CALL = 128;

/**
 * Tells every room of a shard again under a new version, before anything else is done for it. After a store that may
 * have lost writes came back, clients may know versions that the store does not; the new ones are above all of them.
 */
export class RoomReteller {
  constructor(private readonly shard: ShardContext) {}

  /**
   * @param storeRun the run of the store that the shard does not know yet; it does when this is done
   * @throws StoreUnavailableError when the store is away again; then all of it has to be done again
   */
  async retellAll(storeRun: string): Promise<void> {
    const { store, fence } = this.shard;
    const roomIds = await store.roomIds(fence.shard);
    for (let i = 0; i < roomIds.length; i += ROOMS_PER_CALL) {
      await this.retellSome(roomIds.slice(i, i + ROOMS_PER_CALL));
    }
    if (!this.shard.isLive()) return;
    await store.confirmRun(fence, storeRun);
    this.shard.report.retold(fence.shard, roomIds.length);
  }

  private async retellSome(roomIds: readonly string[]): Promise<void> {
    const { store, fence } = this.shard;
    let loaded = await store.loadMany(fence.shard, roomIds);
    while (loaded.length > 0 && this.shard.isLive()) {
      const rooms = loaded.filter((room): room is LoadedRoom => room !== null && room.state.closed === null);
      const results = await store.commitMany(
        fence,
        rooms.map(({ state, now }) => {
          const change = retell(state, now);
          const holdsUntil = notAfterAt(state, change.state, now, DECISION_HOLDS_MS);
          return { change, expected: state.version, notAfterAt: holdsUntil };
        }),
      );
      if (results.some((result) => !result.committed && result.why === 'fence')) return this.shard.fenced();
      // A room that somebody changed meanwhile has a new version already, but perhaps not one above the lost ones.
      loaded = results.flatMap((result) => (result.committed ? [] : [result.current]));
    }
  }
}

import type { ShardContext } from './shard.context.js';

/** Reads rooms and plans them by what they are. */
export class RoomLoader {
  constructor(private readonly shard: ShardContext) {}

  async load(roomIds: readonly string[]): Promise<void> {
    const { plan, store, fence } = this.shard;
    const knownVersions = roomIds.map((roomId) => plan.versionOf(roomId));
    const rooms = await store.loadMany(fence.shard, roomIds);
    if (!this.shard.isLive()) return;
    const now = this.shard.now();
    for (const [i, roomId] of roomIds.entries()) {
      const room = rooms[i];
      if (room === null || room === undefined) plan.giveUp(roomId);
      else plan.follow(room.state, now, knownVersions[i]);
    }
  }
}

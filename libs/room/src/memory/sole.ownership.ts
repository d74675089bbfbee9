import { epochMs, type Version } from '#libs/timer-core';
import type { Fence, HeardChanges, Ownership, OwnershipListener } from '../room.ports.js';

/** The ownership of the embedded process: its only shard is its own from start to stop. */
export class SoleOwnership implements Ownership {
  private listener: OwnershipListener | undefined;
  private told = 0;
  readonly fence: Fence = { shard: 0, epoch: 1, ownerId: 'embedded' };

  /** True from start to stop. */
  get isOwning(): boolean {
    return this.listener !== undefined;
  }

  async start(listener: OwnershipListener): Promise<void> {
    this.listener = listener;
    listener.granted(this.fence, { vacantSinceAt: epochMs(0) });
  }

  async stop(): Promise<void> {
    this.listener?.revoked(this.fence.shard);
    this.listener = undefined;
  }

  heard(_shard: number, changes: string): HeardChanges {
    return changes === String(this.told) ? 'all' : 'not-all';
  }

  /** The memory store tells of each commit here. */
  changed(roomId: string, version?: Version): void {
    this.told += 1;
    this.listener?.changed(this.fence.shard, roomId, version);
  }
}

import { nextAt } from '#libs/timer-core';
import type { CallTracker } from './call.tracker.js';
import type { ShardContext } from './shard.context.js';

/** Rooms of one look: small, because nobody waits for an audit. */
const ROOMS_PER_LOOK = 64;

/** A difference that is still there at the second look, on the same version, is none of timing. */
const LOOKS = 2;

/**
 * Compares the due instants of a shard with the states of its rooms, now and then in the background. It should find
 * nothing: both are written by the same commits. What it finds is counted and logged, and alarms somebody.
 */
export class ShardAudit {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly shard: ShardContext,
    private readonly calls: CallTracker,
    private readonly everyMs: number,
  ) {}

  start(): void {
    this.timer = setTimeout(() => void this.calls.track(this.auditAndGoOn()), this.everyMs);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private async auditAndGoOn(): Promise<void> {
    try {
      await this.audit();
    } catch {
      // A store that is away is told by those who need it.
    }
    if (!this.isStopped) this.start();
  }

  private async audit(): Promise<void> {
    const { store, fence, report } = this.shard;
    const roomIds = await store.roomIds(fence.shard);
    for (let i = 0; i < roomIds.length && !this.isStopped; i += ROOMS_PER_LOOK) {
      let suspects = new Map(roomIds.slice(i, i + ROOMS_PER_LOOK).map((roomId) => [roomId, -1]));
      for (let look = 0; look < LOOKS && suspects.size > 0; look++) suspects = await this.differing(suspects);
      for (const roomId of suspects.keys()) report.auditFound(fence.shard, roomId);
    }
    if (!this.isStopped) report.audited(fence.shard, roomIds.length);
  }

  /** Those whose due instant differs from what their state says; with a known version only if it is still the same. */
  private async differing(suspects: ReadonlyMap<string, number>): Promise<Map<string, number>> {
    const { store, fence } = this.shard;
    const roomIds = [...suspects.keys()];
    const dueAt = await store.dueInstants(fence.shard, roomIds);
    const rooms = await store.loadMany(fence.shard, roomIds);
    const differing = new Map<string, number>();
    for (const [i, roomId] of roomIds.entries()) {
      const room = rooms[i] ?? null;
      if (room === null || nextAt(room.state) === dueAt[i]) continue;
      const seen = suspects.get(roomId) ?? -1;
      if (seen === -1 || seen === room.state.version) differing.set(roomId, room.state.version);
    }
    return differing;
  }
}

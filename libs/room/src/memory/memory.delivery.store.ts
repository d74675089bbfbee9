import type { RunId } from '#libs/timer-core';
import type { DeliveryStore } from '../outcome.ports.js';
import type { MemoryRooms } from './memory.rooms.js';

/** What deliveries keep beside the rooms of this process. */
export class MemoryDeliveryStore implements DeliveryStore {
  constructor(private readonly memory: MemoryRooms) {}

  async webhookOf(roomId: string): Promise<{ webhook: string | null } | null> {
    await this.memory.enterCall();
    const room = this.memory.kept(roomId);
    if (room?.settings.outcomes === 'none') return null;
    return room && { webhook: room.settings.webhook ?? null };
  }

  async firstBody(roomId: string, runId: RunId, digest: string): Promise<string | null> {
    await this.memory.enterCall();
    const run = this.memory.kept(roomId)?.runs.get(runId);
    if (run?.settledAt === undefined) return null;
    run.firstBody ??= digest;
    return run.firstBody;
  }
}

import type { Fence, PresenceStore, StirredRoom } from '#libs/room';

/** A presence store that only remembers what it is told to tell. */
export class RecordedPresence implements PresenceStore {
  readonly stirred = new Set<string>();
  gateways = ['g1', 'g2'];
  /** Refuses that many calls as those of a stale owner. */
  refusals = 0;
  /** Of each telling, when the look before it was made (`performance.now()`) and its rooms. */
  readonly calls: { readonly at: number; readonly rooms: readonly StirredRoom[] }[] = [];

  private lookedAt = 0;

  async takeStirred(_fence: Fence, limit: number): ReturnType<PresenceStore['takeStirred']> {
    this.lookedAt = performance.now();
    if (this.isRefused()) return 'fenced';
    const roomIds = [...this.stirred].slice(0, limit);
    for (const roomId of roomIds) this.stirred.delete(roomId);
    return { roomIds, gateways: [...this.gateways] };
  }

  async tellStirred(_fence: Fence, rooms: readonly StirredRoom[]): ReturnType<PresenceStore['tellStirred']> {
    if (this.isRefused()) return 'fenced';
    this.calls.push({ at: this.lookedAt, rooms });
    return 'told';
  }

  /** Every telling, or those of one room. */
  told(roomId?: string): StirredRoom[] {
    return this.calls.flatMap(({ rooms }) => rooms).filter((room) => (roomId ?? room.roomId) === room.roomId);
  }

  /** When the looks were made after which a room was told. */
  toldAt(roomId: string): number[] {
    return this.calls.flatMap(({ at, rooms }) => (rooms.some((room) => room.roomId === roomId) ? [at] : []));
  }

  private isRefused(): boolean {
    if (this.refusals === 0) return false;
    this.refusals -= 1;
    return true;
  }
}

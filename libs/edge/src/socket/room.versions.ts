/**
 * What was read of a room's version holds for so long (ms). Clients that are settled ask once in minutes, those that have just
 * come ask several times a second: rooms are full of them.
 */
export const VERSION_HOLDS_MS = 60_000;

interface Reading {
  readonly atMs: number;
  /** Undefined until it is there. */
  version: number | undefined;
  readonly pending: Promise<number | undefined>;
}

/**
 * Versions of rooms as the store has them, each read once in a while, however many ask. That a broadcast was missed is
 * noticed by it where nothing else has: clients ask once in minutes, so one more changes little.
 */
export class RoomVersions {
  /** The oldest first. */
  private readonly readings = new Map<string, Reading>();

  /** @param read undefined when the room is not there, or could not be read; never rejects */
  constructor(
    private readonly read: (roomId: string) => Promise<number | undefined>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /**
   * The version that the room had within the last `VERSION_HOLDS_MS`, or a promise of it when it has to be read first: whoever
   * need not wait is to be answered at once.
   */
  of(roomId: string): number | Promise<number | undefined> {
    const atMs = this.nowMs();
    this.forgetOld(atMs);
    const known = this.readings.get(roomId);
    if (known !== undefined) return known.version ?? known.pending;
    const reading: Reading = { atMs, version: undefined, pending: this.read(roomId) };
    this.readings.set(roomId, reading);
    void reading.pending.then((version) => {
      reading.version = version;
      // Whoever asks next may be luckier.
      if (version === undefined && this.readings.get(roomId) === reading) this.readings.delete(roomId);
    });
    return reading.pending;
  }

  /** How many are kept. */
  get size(): number {
    return this.readings.size;
  }

  private forgetOld(nowMs: number): void {
    for (const [roomId, { atMs }] of this.readings) {
      if (nowMs - atMs < VERSION_HOLDS_MS) return;
      this.readings.delete(roomId);
    }
  }
}

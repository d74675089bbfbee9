import { type EpochMs, epochMs } from '#libs/timer-core';

/** Something with at most one planned tick. */
export interface Ticking {
  /** Its entry; only `TickCells` writes it. */
  queuedTickAt: EpochMs | null;
}

interface Cell<T> {
  items: T[];
  /** The earliest instant that was put here, also when its entry has moved away since. */
  firstAt: number;
}

/**
 * Planned ticks, of which there are ten thousands. A cell holds those of a few milliseconds, so that putting and taking one is
 * some dozen nanoseconds where a heap takes a microsecond. A lone tick is taken at its instant; after some were taken, those
 * that follow gather until the cell is over, and are taken together. An entry that moved away stays in its cell and is
 * ignored. Knows no clock.
 */
export class TickCells<T extends Ticking> {
  private readonly cells = new Map<number, Cell<T>>();
  /** The number of the earliest cell. */
  private head = Number.POSITIVE_INFINITY;
  /** Nothing is taken before, unless the clock was set back. */
  private restsUntil = Number.NEGATIVE_INFINITY;

  /** @param cellMs how long ticks gather */
  constructor(private readonly cellMs: number) {}

  /** From when on something may have to be taken; null when there is nothing. */
  headAt(now: EpochMs): EpochMs | null {
    const firstAt = this.cells.get(this.head)?.firstAt;
    if (firstAt === undefined) return null;
    return epochMs(this.rests(now) ? Math.max(firstAt, this.restsUntil) : firstAt);
  }

  /** Puts the item's only entry at the instant; null: nowhere. */
  set(item: T, at: EpochMs | null): void {
    if (at === item.queuedTickAt) return;
    item.queuedTickAt = at;
    if (at === null) return;
    const number = this.cellOf(at);
    const cell = this.cells.get(number);
    if (cell === undefined) {
      this.cells.set(number, { items: [item], firstAt: at });
      this.head = Math.min(this.head, number);
    } else {
      cell.items.push(item);
      cell.firstAt = Math.min(cell.firstAt, at);
    }
  }

  /** Removes and gives everything that is due at `now`; by cells, in no order within one. */
  takeDue(now: EpochMs): T[] {
    const due: T[] = [];
    if (this.rests(now)) return due;
    const current = this.cellOf(now);
    // Of the current cell something may stay.
    while (this.head < current) this.takeHead(now, due);
    if (this.head === current) this.takeHead(now, due);
    if (due.length > 0) this.restsUntil = (current + 1) * this.cellMs;
    return due;
  }

  /** Moves what is due from the earliest cell to `due`, and removes the cell when that was all. */
  private takeHead(now: EpochMs, due: T[]): void {
    const number = this.head;
    const later: T[] = [];
    for (const item of this.cells.get(number)?.items ?? []) {
      const at = item.queuedTickAt;
      if (at === null || this.cellOf(at) !== number) continue;
      if (at > now) later.push(item);
      else {
        item.queuedTickAt = null;
        due.push(item);
      }
    }
    this.cells.delete(number);
    if (later.length > 0) {
      const earlier = (at: number, item: T) => Math.min(at, item.queuedTickAt ?? at);
      this.cells.set(number, { items: later, firstAt: later.reduce(earlier, Number.POSITIVE_INFINITY) });
    } else {
      this.head = Math.min(...this.cells.keys());
    }
  }

  private rests(now: EpochMs): boolean {
    // Never for longer, also when the clock was set back meanwhile.
    return now < this.restsUntil && this.restsUntil - now <= this.cellMs;
  }

  private cellOf(at: EpochMs): number {
    return Math.floor(at / this.cellMs);
  }
}

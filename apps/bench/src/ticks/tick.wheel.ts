/** A tick that is to be sent now. */
export interface DueTick<T> {
  readonly item: T;
  /** When it was to be sent. */
  readonly tickAt: number;
}

/** One tick per interval of each item, at `endsAt - k * tickMs`. Instants are of one clock, ms. */
export class TickWheel<T extends { readonly endsAt: number }> {
  private readonly items: readonly { readonly item: T; readonly phaseMs: number }[];
  /** Ticks that are over, of all items together. */
  private passed = 0;

  /** @param startAt no tick before this instant */
  constructor(
    items: readonly T[],
    private readonly tickMs: number,
    private readonly startAt: number,
  ) {
    this.items = items
      .map((item) => ({ item, phaseMs: (((item.endsAt - startAt) % tickMs) + tickMs) % tickMs }))
      .toSorted((a, b) => a.phaseMs - b.phaseMs);
  }

  /** Of the next tick. */
  get nextAt(): number {
    return this.next()?.tickAt ?? Number.POSITIVE_INFINITY;
  }

  /** What has come since it was asked last. A tick that is late by more than half an interval is left out. */
  due(now: number): DueTick<T>[] {
    const due: DueTick<T>[] = [];
    for (let next = this.next(); next !== null && next.tickAt <= now; next = this.next()) {
      this.passed += 1;
      if (now - next.tickAt <= this.tickMs / 2) due.push(next);
    }
    return due;
  }

  private next(): DueTick<T> | null {
    const { length } = this.items;
    const entry = this.items[this.passed % length];
    if (entry === undefined) return null;
    const turns = Math.floor(this.passed / length);
    return { item: entry.item, tickAt: this.startAt + turns * this.tickMs + entry.phaseMs };
  }
}

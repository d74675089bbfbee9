import { type EpochMs, epochMs } from '#libs/timer-core';

interface QueueNode<T> {
  readonly at: EpochMs;
  /** Entries of the same instant leave in the order in which they came. */
  readonly order: number;
  readonly item: T;
  isLive: boolean;
}

/** Dead entries are swept out when there are more of them than live ones, but not in a small heap. */
const MIN_SWEPT_SIZE = 64;

/**
 * Items in the order of their instants: a binary heap with at most one live entry an item. An entry that was replaced or
 * deleted stays in the heap as a dead one until it comes to the head or is swept out. Knows no clock.
 */
export class DueQueue<T> {
  private heap: QueueNode<T>[] = [];
  private readonly live = new Map<T, QueueNode<T>>();
  private lastOrder = 0;
  /** Nothing is taken before. */
  private restsUntil = Number.NEGATIVE_INFINITY;

  /**
   * @param gatherMs so long after some were taken no others are: a lone one is taken at its instant, many gather and are
   * taken together
   */
  constructor(private readonly gatherMs = 0) {}

  get size(): number {
    return this.live.size;
  }

  /** From when on something can be taken; null when there is nothing. */
  headAt(now: EpochMs): EpochMs | null {
    this.dropDeadHead();
    const head = this.heap[0];
    if (head === undefined) return null;
    return this.rests(now) ? epochMs(Math.max(head.at, this.restsUntil)) : head.at;
  }

  /** Puts the item's only entry at the instant; the same instant again keeps its place. */
  set(item: T, at: EpochMs): void {
    const known = this.live.get(item);
    if (known?.at === at) return;
    if (known !== undefined) known.isLive = false;
    this.lastOrder += 1;
    const node = { at, order: this.lastOrder, item, isLive: true };
    this.live.set(item, node);
    this.heap.push(node);
    this.rise(this.heap.length - 1);
    this.sweep();
  }

  delete(item: T): void {
    const known = this.live.get(item);
    if (known === undefined) return;
    known.isLive = false;
    this.live.delete(item);
    this.sweep();
  }

  clear(): void {
    this.heap = [];
    this.live.clear();
  }

  /** Removes and gives everything that is due at `now`, earliest first. */
  takeDue(now: EpochMs): T[] {
    const due: T[] = [];
    if (this.rests(now)) return due;
    for (;;) {
      this.dropDeadHead();
      const head = this.heap[0];
      if (head === undefined || head.at > now) break;
      this.removeHead();
      this.live.delete(head.item);
      due.push(head.item);
    }
    if (due.length > 0) this.restsUntil = now + this.gatherMs;
    return due;
  }

  private rests(now: EpochMs): boolean {
    // Never for longer, also when the clock was set back meanwhile.
    return now < this.restsUntil && this.restsUntil - now <= this.gatherMs;
  }

  private dropDeadHead(): void {
    while (this.heap[0]?.isLive === false) this.removeHead();
  }

  private sweep(): void {
    if (this.heap.length <= MIN_SWEPT_SIZE || this.heap.length <= 2 * this.live.size) return;
    // A sorted array is a heap.
    this.heap = [...this.live.values()].sort((a, b) => a.at - b.at || a.order - b.order);
  }

  private removeHead(): QueueNode<T> {
    const head = this.nodeAt(0);
    const last = this.heap.pop();
    if (last !== undefined && this.heap.length > 0) {
      this.heap[0] = last;
      this.sink();
    }
    return head;
  }

  private rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.isBefore(index, parent)) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  private sink(): void {
    let index = 0;
    for (;;) {
      let first = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.heap.length && this.isBefore(child, first)) first = child;
      }
      if (first === index) return;
      this.swap(index, first);
      index = first;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const first = this.nodeAt(a);
    const second = this.nodeAt(b);
    return first.at < second.at || (first.at === second.at && first.order < second.order);
  }

  private swap(a: number, b: number): void {
    const node = this.nodeAt(a);
    this.heap[a] = this.nodeAt(b);
    this.heap[b] = node;
  }

  private nodeAt(index: number): QueueNode<T> {
    const node = this.heap[index];
    if (node === undefined) throw new RangeError('outside the heap');
    return node;
  }
}

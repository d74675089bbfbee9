import type { EpochMs } from '#libs/timer-core';

interface QueueNode<T> {
  readonly name: string;
  readonly at: EpochMs;
  /** Entries of the same instant leave in the order in which they came. */
  readonly order: number;
  readonly item: T;
  isLive: boolean;
}

/** Dead entries are swept out when there are more of them than live ones, but not in a small heap. */
const MIN_SWEPT_SIZE = 64;

/**
 * Named entries in the order of their instants: a binary heap with at most one live entry a name. An entry that was
 * replaced or deleted stays in the heap as a dead one until it comes to the head or is swept out. Knows no clock.
 */
export class DueQueue<T> {
  private heap: QueueNode<T>[] = [];
  private readonly live = new Map<string, QueueNode<T>>();
  private lastOrder = 0;

  get size(): number {
    return this.live.size;
  }

  /** The earliest instant; null when there is no entry. */
  headAt(): EpochMs | null {
    this.dropDeadHead();
    return this.heap[0]?.at ?? null;
  }

  /** Puts the name's only entry at the instant; the same instant again keeps its place and its item. */
  set(name: string, at: EpochMs, item: T): void {
    const known = this.live.get(name);
    if (known?.at === at) return;
    if (known !== undefined) known.isLive = false;
    this.lastOrder += 1;
    const node = { name, at, order: this.lastOrder, item, isLive: true };
    this.live.set(name, node);
    this.heap.push(node);
    this.rise(this.heap.length - 1);
    this.sweep();
  }

  delete(name: string): void {
    const known = this.live.get(name);
    if (known === undefined) return;
    known.isLive = false;
    this.live.delete(name);
    this.sweep();
  }

  clear(): void {
    this.heap = [];
    this.live.clear();
  }

  /** Removes and gives everything that is due at `now`, earliest first. */
  takeDue(now: EpochMs): T[] {
    const due: T[] = [];
    for (let at = this.headAt(); at !== null && at <= now; at = this.headAt()) {
      const head = this.removeHead();
      this.live.delete(head.name);
      due.push(head.item);
    }
    return due;
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

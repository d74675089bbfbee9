import type { CallTracker } from './call.tracker.js';

export interface WorkLaneOptions<T> {
  /** How many calls may be under way. */
  readonly atOnce: number;
  /** How many items go into one call. */
  readonly perCall: number;
  /** Does the work for some items; throws when it could not be done, then they come again. */
  readonly work: (items: readonly T[]) => Promise<void>;
  /** Told of each failed call, with how often in a row it failed. */
  readonly failed: (error: unknown, inARow: number) => void;
  /** Told after each call, when what it changed has been planned. */
  readonly done: () => void;
  readonly calls: CallTracker;
}

/** How long a lane rests after a failed call: doubling, without a bound on the number of tries (ms). */
const FIRST_REST_MS = 50;
const LONGEST_REST_MS = 1_000;

/**
 * Work of one kind for one shard: items wait under their names, each at most once, and go out in chunks with few calls
 * under way. So ten thousand rooms that are due at one instant become a handful of promises.
 */
export class WorkLane<T> {
  private readonly waiting = new Map<string, T>();
  private underWay = 0;
  private failuresInARow = 0;
  private rest: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly options: WorkLaneOptions<T>) {}

  push(name: string, item: T): void {
    this.waiting.set(name, item);
  }

  /** Nothing waits, and no call is under way. */
  get isIdle(): boolean {
    return this.waiting.size === 0 && this.underWay === 0;
  }

  has(name: string): boolean {
    return this.waiting.has(name);
  }

  /** Sends what may be sent now. @returns whether that was anything */
  pump(): boolean {
    let hasSent = false;
    while (this.waiting.size > 0 && this.underWay < this.options.atOnce && this.mayCall()) {
      void this.options.calls.track(this.call(this.take()));
      hasSent = true;
    }
    return hasSent;
  }

  /** No call begins any more; those under way end by themselves. */
  close(): void {
    this.isClosed = true;
    this.waiting.clear();
    clearTimeout(this.rest);
  }

  private mayCall(): boolean {
    return !this.isClosed && this.rest === undefined;
  }

  private take(): [string, T][] {
    const taken: [string, T][] = [];
    for (const entry of this.waiting) {
      taken.push(entry);
      this.waiting.delete(entry[0]);
      if (taken.length === this.options.perCall) break;
    }
    return taken;
  }

  private async call(entries: [string, T][]): Promise<void> {
    this.underWay += 1;
    try {
      await this.options.work(entries.map(([, item]) => item));
      this.failuresInARow = 0;
    } catch (error) {
      this.onFailure(error, entries);
    }
    this.underWay -= 1;
    this.pump();
    if (!this.isClosed) this.options.done();
  }

  private onFailure(error: unknown, entries: [string, T][]): void {
    if (this.isClosed) return;
    for (const [name, item] of entries) if (!this.waiting.has(name)) this.waiting.set(name, item);
    // The other calls that were under way fail for the same reason.
    if (this.rest !== undefined) return;
    this.failuresInARow += 1;
    this.options.failed(error, this.failuresInARow);
    const restMs = Math.min(FIRST_REST_MS * 2 ** (this.failuresInARow - 1), LONGEST_REST_MS);
    this.rest = setTimeout(() => {
      this.rest = undefined;
      this.pump();
    }, restMs);
  }
}

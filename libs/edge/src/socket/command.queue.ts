/** Commands of one socket, done in the order of their arrival, at most `limit` at a time. */
export class CommandQueue {
  private tail: Promise<void> = Promise.resolve();
  private readonly beside = new Set<Promise<void>>();
  private pending = 0;

  constructor(private readonly limit: number) {}

  /** Queues the work; false, and nothing queued, when too much is pending. The work must not throw. */
  add(work: () => Promise<void>): boolean {
    if (this.pending >= this.limit) return false;
    this.tail = this.counted(() => this.tail.then(work));
    return true;
  }

  /** Does the work at once, beside what is queued; it only counts for the limit. */
  addBeside(work: () => Promise<void>): boolean {
    if (this.pending >= this.limit) return false;
    const done = this.counted(work).finally(() => this.beside.delete(done));
    this.beside.add(done);
    return true;
  }

  /** Whether something is still to be done. */
  get isBusy(): boolean {
    return this.pending > 0;
  }

  /** Queues the work however much is pending: for what must happen. */
  addLast(work: () => Promise<void>): void {
    this.tail = this.tail.then(work);
  }

  /** Resolves when all that is queued or under way now is done. */
  async idle(): Promise<void> {
    await Promise.all([this.tail, ...this.beside]);
  }

  private async counted(work: () => Promise<void>): Promise<void> {
    this.pending++;
    try {
      await work();
    } finally {
      this.pending--;
    }
  }
}

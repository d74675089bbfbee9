/** Counts the calls that are under way, so that a stop can wait for them. */
export class CallTracker {
  private underWay = 0;
  private readonly waiting = new Set<() => void>();

  /** @param call one that never rejects */
  async track(call: Promise<void>): Promise<void> {
    this.underWay += 1;
    await call;
    this.underWay -= 1;
    if (this.underWay > 0) return;
    for (const told of this.waiting) told();
  }

  /** Waits until no call is under way, at most `limitMs`. False when some still are. */
  async whenNone(limitMs: number): Promise<boolean> {
    if (this.underWay === 0) return true;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, limitMs);
      this.waiting.add(end);
    });
    return this.underWay === 0;
  }
}

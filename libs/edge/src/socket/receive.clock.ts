/** How often the event loop shows that it is awake (ms). */
const PULSE_MS = 5;

/** A pulse that is late by no more than this is a timer's own inexactness (ms). */
const TOLERANCE_MS = 5;

/**
 * Says when a frame may have reached this process at the earliest, in milliseconds of `performance.now()`: the instant by
 * which an answer is judged.
 *
 * Frames are read one after the other, and none while the process is busy with something else, or stopped by its host; a
 * frame that waited in the kernel came in time although it was read late. The kernel does not tell when. So: all frames
 * of one turn of the event loop had arrived when its first was read, and after a stall they may have arrived at any time
 * since the loop was last seen awake. The player gets the benefit of that doubt, which is no longer than the stall.
 */
export class ReceiveClock {
  private readonly timer: NodeJS.Timeout;
  private awakeAtMs: number;
  /** Of the turn in progress; undefined between the turns in which frames were read. */
  private turnAtMs: number | undefined;

  /** @param nowMs monotonic milliseconds; a test gives its own */
  constructor(
    private readonly nowMs: () => number = () => performance.now(),
    private readonly stalled: (ms: number) => void = () => {},
  ) {
    this.awakeAtMs = nowMs();
    this.timer = setInterval(() => this.pulse(), PULSE_MS);
    this.timer.unref();
  }

  /** The stamp of a frame that is being read now. */
  stamp(): number {
    if (this.turnAtMs !== undefined) return this.turnAtMs;
    return this.beginTurn(this.nowMs());
  }

  /**
   * Calls back when all frames have been read that may have been here before now: what is read after that came later.
   *
   * This turn's frames were there when the kernel was asked for them. Those that have come since, until now, are read in the
   * next turn. While the loop is awake that was a moment, and they count as later; while it stood still it was long.
   */
  onceRead(then: () => void): void {
    if (this.isLate(this.nowMs())) setImmediate(() => setImmediate(then));
    else setImmediate(then);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Before the frames of the same turn: what was late here, was late for them. */
  private pulse(): void {
    // One look at the clock: a stall between two would go unseen.
    const now = this.nowMs();
    if (this.isLate(now)) this.beginTurn(now);
    this.awakeAtMs = now;
  }

  private isLate(now: number): boolean {
    return now - this.awakeAtMs > PULSE_MS + TOLERANCE_MS;
  }

  private beginTurn(now: number): number {
    const turnAtMs = this.isLate(now) ? this.awakeAtMs : now;
    if (turnAtMs < now) this.stalled(now - turnAtMs);
    this.turnAtMs = turnAtMs;
    // Runs when the frames that were ready have been read.
    setImmediate(() => {
      this.turnAtMs = undefined;
      // Not now: what came while these frames were worked on is read in the next turn. Nor when the first of them was read,
      // after a stall: the stall may have begun when the kernel had already been asked which frames there are.
      this.awakeAtMs = Math.max(this.awakeAtMs, turnAtMs);
    });
    return turnAtMs;
  }
}

import { type DurationMs, durationMs } from '#libs/timer-core';

/**
 * Counts what one connection sends, in windows that begin with their first event. It answers at once, where a shared
 * limit answers with a promise: behind a promise, the end of a connection would overtake its last commands.
 */
export class EventWindow {
  private startedMs = Number.NEGATIVE_INFINITY;
  private count = 0;

  constructor(
    private readonly perMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Counts one more. @returns how many there are in the window by now */
  add(): number {
    const now = this.nowMs();
    if (now - this.startedMs >= this.perMs) {
      this.startedMs = now;
      this.count = 0;
    }
    this.count += 1;
    return this.count;
  }

  /** How long the window still lasts; at least 1. */
  get endsInMs(): DurationMs {
    return durationMs(Math.max(1, Math.ceil(this.startedMs + this.perMs - this.nowMs())));
  }
}

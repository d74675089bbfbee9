import type { DueEntry } from '#libs/room';
import type { CallTracker } from './call.tracker.js';
import type { ShardContext } from './shard.context.js';

/** From the start of one look to the start of the next (ms): a look and its answer stay within the promised 500. */
export const POLL_EVERY_MS = 400;

/** Entries of one look; what is beyond is seen when these are done. */
const POLL_LIMIT = 1_024;

/**
 * Each so-manieth look reads the whole schedule (0.8 s): a change that was lost moves a room's instant, and its ticks are
 * right again within a second.
 */
const WHOLE_LOOK_EVERY = 2;

/** What the store has: everything that is due now by its clock, or the whole schedule. */
export interface SeenEntries {
  readonly isWhole: boolean;
  readonly entries: readonly DueEntry[];
}

/**
 * Asks the store regularly what is due, so that nothing depends on changes being heard. One look at a time: the next
 * one is armed at the end of the last, and a store that does not answer is not asked more often.
 */
export class TruthPoll {
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;
  private isStopped = false;
  private failuresInARow = 0;
  private looks = 0;

  /** @param look told of what the store has, after each look */
  constructor(
    private readonly shard: ShardContext,
    private readonly calls: CallTracker,
    private readonly look: (seen: SeenEntries) => void,
  ) {}

  /** Looks now, unless a look is under way. */
  now(): void {
    if (this.isLooking || this.isStopped) return;
    clearTimeout(this.timer);
    void this.calls.track(this.lookOnce());
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private async lookOnce(): Promise<void> {
    const startedAt = performance.now();
    this.isLooking = true;
    try {
      await this.ask();
      this.failuresInARow = 0;
    } catch (error) {
      this.failuresInARow += 1;
      if (this.shard.isLive()) this.shard.report.failed(this.shard.fence.shard, error, this.failuresInARow);
    }
    this.isLooking = false;
    if (this.isStopped) return;
    const restMs = Math.max(0, POLL_EVERY_MS - (performance.now() - startedAt));
    this.timer = setTimeout(() => this.now(), restMs);
  }

  private async ask(): Promise<void> {
    const { store, fence } = this.shard;
    const reply = await store.due(fence, POLL_LIMIT);
    if (!this.shard.isLive()) return;
    if (reply === 'fenced') return this.shard.fenced();
    this.look({ isWhole: false, entries: reply.entries });
    this.looks += 1;
    if (this.looks % WHOLE_LOOK_EVERY !== 0) return;
    const entries = await store.schedule(fence.shard);
    if (this.shard.isLive()) this.look({ isWhole: true, entries });
  }
}

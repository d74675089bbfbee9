import type { DueEntry } from '#libs/room';
import type { CallTracker } from './call.tracker.js';
import type { ShardContext } from './shard.context.js';

/** From the start of one look to the start of the next (ms): a look and its answer stay within the promised 500. */
export const POLL_EVERY_MS = 400;

/** Entries of one look; what is beyond is seen when these are done. */
const POLL_LIMIT = 1_024;

/** After so many looks a change that may be on its way may as well be lost. */
const UNKNOWN_LOOKS = 2;

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
  /** Looks in a row of which it was not known. */
  private unknown = 0;
  /** A loss was noticed, and the schedule not read since: to read it may fail, too. */
  private owesWholeLook = false;

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
    this.owesWholeLook ||= this.mayHaveLost(reply.changes);
    if (!this.owesWholeLook) return;
    const entries = await store.schedule(fence.shard);
    this.owesWholeLook = false;
    if (this.shard.isLive()) this.look({ isWhole: true, entries });
  }

  /**
   * True when a change was lost, or may have been because for two looks it was not known. It has moved a room's instant: by the
   * whole schedule the room's ticks are right again within a second. To read that each time would be dear with thousands of
   * rooms.
   */
  private mayHaveLost(changes: string): boolean {
    const heard = this.shard.heard(changes);
    this.unknown = heard === 'unknown' ? this.unknown + 1 : 0;
    const mayHave = heard === 'not-all' || this.unknown === UNKNOWN_LOOKS;
    if (mayHave) this.unknown = 0;
    return mayHave;
  }
}

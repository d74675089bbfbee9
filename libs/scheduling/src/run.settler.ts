import type { SettleResult } from '#libs/room';
import { after } from '#libs/timer-core';
import type { ShardContext } from './shard.context.js';
import type { RunToSettle } from './shard.plan.js';

/** A run that the store's clock calls too early is tried again after this long (ms). */
const EARLY_PAUSE_MS = 10;

/** Fixes the outcomes of closed runs. */
export class RunSettler {
  constructor(private readonly shard: ShardContext) {}

  async settle(run: RunToSettle): Promise<void> {
    const askedAt = performance.now();
    const answer = await this.settleOrQueue(run);
    if (!this.shard.isLive()) return;
    switch (answer) {
      case 'settled':
        this.shard.report.settled(run, performance.now() - askedAt);
        this.shard.plan.runSettled(run);
        return;
      case 'already':
        this.shard.plan.runSettled(run);
        return;
      case 'early':
        this.shard.plan.planRun(run, after(this.shard.now(), EARLY_PAUSE_MS));
        return;
      case 'fenced':
        this.shard.fenced();
        return;
      case 'unqueued':
        throw new Error('a run whose outcome is queued was not settled');
      default:
        answer satisfies never;
    }
  }

  /**
   * Queues the outcome before the run is settled, so that no crash leaves a settled run that nobody sends. Who has no
   * webhook costs nothing: the one call that settles says whether there is one.
   */
  private async settleOrQueue({ roomId, runId }: RunToSettle): Promise<SettleResult> {
    const { store, fence, outcomes } = this.shard;
    if (outcomes === undefined) return store.settle(fence, roomId, runId, true);
    if (outcomes.wantsEveryRun) await outcomes.runSettling(roomId, runId);
    const answer = await store.settle(fence, roomId, runId, outcomes.wantsEveryRun);
    if (answer !== 'unqueued') return answer;
    await outcomes.runSettling(roomId, runId);
    return store.settle(fence, roomId, runId, true);
  }
}

import { after } from '#libs/timer-core';
import type { ShardContext } from './shard.context.js';
import type { RunToSettle } from './shard.plan.js';

/** A run that the store's clock calls too early is tried again after this long (ms). */
const EARLY_PAUSE_MS = 10;

/** Fixes the outcomes of closed runs. */
export class RunSettler {
  constructor(private readonly shard: ShardContext) {}

  async settle(run: RunToSettle): Promise<void> {
    const answer = await this.shard.store.settle(this.shard.fence, run.roomId, run.runId);
    if (!this.shard.isLive()) return;
    switch (answer) {
      case 'settled':
        this.shard.report.settled(run.roomId);
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
      default:
        answer satisfies never;
    }
  }
}

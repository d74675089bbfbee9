import type { RunOfRoom, SettleResult } from '#libs/room';
import { after } from '#libs/timer-core';
import type { ShardContext } from './shard.context.js';

/** A run that the store's clock calls too early is tried again after this long (ms). */
const EARLY_PAUSE_MS = 10;

/** Fixes the outcomes of closed runs. */
export class RunSettler {
  constructor(private readonly shard: ShardContext) {}

  async settle(runs: readonly RunOfRoom[]): Promise<void> {
    const askedAt = performance.now();
    const answers = await this.settleOrQueue(runs);
    const tookMs = performance.now() - askedAt;
    for (const [i, run] of runs.entries()) {
      const answer = answers[i];
      if (this.shard.isLive() && answer !== undefined) this.apply(run, answer, tookMs);
    }
  }

  private apply(run: RunOfRoom, answer: SettleResult, tookMs: number): void {
    switch (answer) {
      case 'settled':
        this.shard.report.settled(run, tookMs);
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
   * Queues an outcome before its run is settled, so that no crash leaves a settled run that nobody sends. Who has no
   * webhook costs nothing: the one call that settles says which runs have one.
   */
  private async settleOrQueue(runs: readonly RunOfRoom[]): Promise<SettleResult[]> {
    const { store, fence, outcomes } = this.shard;
    if (outcomes === undefined) return store.settle(fence, runs, true);
    const queue = (wanted: readonly RunOfRoom[]) =>
      Promise.all(wanted.map(({ roomId, runId }) => outcomes.runSettling(roomId, runId)));
    if (outcomes.wantsEveryRun) {
      await queue(runs);
      return store.settle(fence, runs, true);
    }
    const answers = await store.settle(fence, runs, false);
    const unqueued = runs.filter((_, i) => answers[i] === 'unqueued');
    if (unqueued.length === 0) return answers;
    await queue(unqueued);
    const settled = await store.settle(fence, unqueued, true);
    return answers.map((answer) => (answer === 'unqueued' ? (settled.shift() ?? answer) : answer));
  }
}

import type { RunOfRoom, SettleResult } from '#libs/room';
import { after } from '#libs/timer-core';
import type { ShardContext } from './shard.context.js';

/** A run that the store's clock calls too early is tried again after this long (ms). */
const EARLY_PAUSE_MS = 10;

/** Fixes the outcomes of closed runs. */
export class RunSettler {
  constructor(private readonly shard: ShardContext) {}

  /**
   * Queues an outcome before its run is settled, so that no crash leaves a settled run that nobody sends. Who has no
   * webhook costs nothing: the one call that settles says which runs have one. A run that could not be queued keeps none of
   * the others from being settled.
   *
   * @throws Error when one could not be queued, or the store was not reached
   */
  async settle(runs: readonly RunOfRoom[]): Promise<void> {
    const { outcomes } = this.shard;
    if (outcomes === undefined) {
      await this.settleNow(runs, true);
      return;
    }
    const wanted = outcomes.wantsEveryRun ? runs : await this.settleNow(runs, false);
    const queueing = await Promise.allSettled(
      wanted.map(({ roomId, runId }) => outcomes.runSettling(roomId, runId)),
    );
    await this.settleNow(
      wanted.filter((_, i) => queueing[i]?.status === 'fulfilled'),
      true,
    );
    const failure = queueing.find((one) => one.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }

  /** @returns those whose outcome has to be queued first */
  private async settleNow(runs: readonly RunOfRoom[], isQueued: boolean): Promise<RunOfRoom[]> {
    if (runs.length === 0 || !this.shard.isLive()) return [];
    const { store, fence } = this.shard;
    const askedAt = performance.now();
    const answers = await store.settle(fence, runs, isQueued);
    const tookMs = performance.now() - askedAt;
    const unqueued: RunOfRoom[] = [];
    for (const [i, run] of runs.entries()) {
      const answer = answers[i];
      if (!this.shard.isLive() || answer === undefined) continue;
      if (answer === 'unqueued') unqueued.push(run);
      else this.apply(run, answer, tookMs);
    }
    if (isQueued && unqueued.length > 0) throw new Error('a run whose outcome is queued was not settled');
    return unqueued;
  }

  private apply(run: RunOfRoom, answer: Exclude<SettleResult, 'unqueued'>, tookMs: number): void {
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
      default:
        answer satisfies never;
    }
  }
}

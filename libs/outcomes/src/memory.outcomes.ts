import type { OutcomeSink } from '#libs/room';
import type { RunId } from '#libs/timer-core';
import type { OutcomeDelivery } from './outcome.delivery.js';
import { type OutcomeJob, outcomeName } from './outcome.name.js';
import type { OutcomeReport } from './outcome.report.js';
import { laterMs, type RetryOptions, retryPauseMs } from './retry.pauses.js';

export interface MemoryOutcomesOptions {
  readonly delivery: OutcomeDelivery;
  readonly retry: RetryOptions;
  readonly report: OutcomeReport;
  readonly wantsEveryRun: boolean;
}

interface WaitingRun {
  readonly run: OutcomeJob;
  readonly since: number;
  tries: number;
  starts: number;
  timer: NodeJS.Timeout | undefined;
}

const DELIVERIES_AT_ONCE = 32;
const MS_PER_SECOND = 1_000;

/** Sends outcomes from the memory of this process. What is not delivered when it ends is lost, and nobody can replay it. */
export class MemoryOutcomes implements OutcomeSink {
  /** Everything that is not delivered and not given up, by name, oldest first. */
  private readonly waiting = new Map<string, WaitingRun>();
  private readonly ready: WaitingRun[] = [];
  private underWay = 0;
  private dead = 0;
  private isStopped = false;

  constructor(private readonly options: MemoryOutcomesOptions) {}

  get wantsEveryRun(): boolean {
    return this.options.wantsEveryRun;
  }

  async runSettling(roomId: string, runId: RunId): Promise<void> {
    const run = { roomId, runId };
    const name = outcomeName(run);
    if (this.isStopped || this.waiting.has(name)) return;
    const waiting = { run, since: performance.now(), tries: 0, starts: 0, timer: undefined };
    this.waiting.set(name, waiting);
    this.wait(waiting, 0);
  }

  /** Gives up what is not delivered; how much that was. */
  async stop(): Promise<number> {
    this.isStopped = true;
    this.options.delivery.stop();
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
    return this.waiting.size;
  }

  /** Tells the metrics how much is waiting. */
  tellDepth(): void {
    const [oldest] = this.waiting.values();
    const waiting = this.ready.length;
    const retrying = this.waiting.size - waiting - this.underWay;
    const ageMs = oldest === undefined ? 0 : performance.now() - oldest.since;
    this.options.report.depth(
      { waiting, active: this.underWay, retrying, dead: this.dead },
      ageMs / MS_PER_SECOND,
    );
  }

  private wait(waiting: WaitingRun, pauseMs: number): void {
    waiting.timer = setTimeout(() => {
      this.ready.push(waiting);
      this.pump();
    }, pauseMs);
  }

  private pump(): void {
    while (this.underWay < DELIVERIES_AT_ONCE && !this.isStopped) {
      const next = this.ready.shift();
      if (next === undefined) return;
      this.underWay += 1;
      void this.tryOnce(next).finally(() => {
        this.underWay -= 1;
        this.pump();
      });
    }
  }

  private async tryOnce(waiting: WaitingRun): Promise<void> {
    const { delivery, report, retry } = this.options;
    const { run } = waiting;
    waiting.starts += 1;
    const result = await delivery.deliver(run).catch((error: Error) => ({
      kind: 'failed' as const,
      why: error.message,
    }));
    if (this.isStopped) return;
    switch (result.kind) {
      case 'delivered':
        report.delivered(run, result.status);
        return this.forget(run);
      case 'nothing':
        report.nothing(run, result.why);
        return this.forget(run);
      case 'later':
        return this.wait(waiting, laterMs(result.why, waiting.starts));
      case 'failed': {
        waiting.tries += 1;
        const isLast = waiting.tries >= retry.attempts;
        report.failed(run, result.why, waiting.tries, isLast);
        if (isLast) return this.giveUp(run);
        return this.wait(waiting, retryPauseMs(retry, waiting.tries, Math.random()));
      }
      case 'refused':
        report.refused(run, result.why);
        return this.giveUp(run);
      default:
        result satisfies never;
    }
  }

  private giveUp(run: OutcomeJob): void {
    this.dead += 1;
    this.forget(run);
  }

  private forget(run: OutcomeJob): void {
    this.waiting.delete(outcomeName(run));
  }
}

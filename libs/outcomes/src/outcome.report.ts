import type { Logger, Metrics } from '#libs/ops';
import type { OutcomeJob } from './outcome.name.js';
import type { QueueCounts } from './outcome.queue.js';

/** How often trouble with the queue is told (ms). */
const TELL_EVERY_MS = 5_000;

/** Tells log and metrics what became of deliveries. Nothing of an outcome is told but whose it is. */
export class OutcomeReport {
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly logger: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>,
    private readonly metrics: Metrics,
  ) {}

  delivered(run: OutcomeJob, status: number): void {
    this.metrics.outcomes.outcomeDeliveries.inc({ result: 'delivered' });
    this.logger.debug({ ...run, status }, 'Outcome delivered');
  }

  nothing(run: OutcomeJob, why: string): void {
    this.metrics.outcomes.outcomeDeliveries.inc({ result: 'nothing' });
    this.logger.info({ ...run, why }, 'There was no outcome to send');
  }

  /** @param isLast whether it will not be tried again */
  failed(run: OutcomeJob, why: string, tries: number, isLast: boolean): void {
    this.metrics.outcomes.outcomeDeliveries.inc({ result: isLast ? 'dead' : 'failed' });
    if (isLast) this.logger.error({ ...run, why, tries }, 'An outcome is dead: its last try has failed');
    else this.logger.warn({ ...run, why, tries }, 'An outcome was not delivered; it is tried again');
  }

  refused(run: OutcomeJob, why: string): void {
    this.metrics.outcomes.outcomeDeliveries.inc({ result: 'refused' });
    this.logger.error({ ...run, why }, 'An outcome is dead: there is no use in trying again');
  }

  depth({ waiting, active, retrying, dead }: QueueCounts, oldestSeconds: number): void {
    this.metrics.outcomes.outcomeJobs.set({ state: 'waiting' }, waiting);
    this.metrics.outcomes.outcomeJobs.set({ state: 'active' }, active);
    this.metrics.outcomes.outcomeJobs.set({ state: 'retrying' }, retrying);
    this.metrics.outcomes.outcomeJobs.set({ state: 'dead' }, dead);
    this.metrics.outcomes.outcomeOldestSeconds.set(oldestSeconds);
  }

  /** An outage gives many errors of one kind: one is told. */
  trouble(error: unknown): void {
    if (performance.now() - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = performance.now();
    this.logger.warn({ error: (error as Error).message }, 'Trouble with the queue of outcomes');
  }
}

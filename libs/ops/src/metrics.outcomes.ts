import { Counter, Gauge, type Registry } from 'prom-client';

/** What a process that sends outcomes counts. */
export const outcomeMetrics = (registers: Registry[]) => ({
  /** Deliveries of outcomes by result: each try counts, `delivered`, `failed`; and once `dead`, `refused`, `nothing`. */
  outcomeDeliveries: new Counter({
    name: 'quizbell_outcome_deliveries_total',
    help: 'Deliveries of outcomes by result: delivered, failed (will be tried again), dead (the last try failed), refused (not tried again), nothing (nobody wants it, or it is not kept any more)',
    labelNames: ['result'] as const,
    registers,
  }),

  /** Of the whole service, as each process that sends outcomes sees it. */
  outcomeJobs: new Gauge({
    name: 'quizbell_outcome_queue_jobs',
    help: 'Outcomes that are queued, by state: waiting, active, retrying (waiting for another try), dead. The same in every scheduler',
    labelNames: ['state'] as const,
    registers,
  }),

  outcomeOldestSeconds: new Gauge({
    name: 'quizbell_outcome_queue_oldest_seconds',
    help: 'Age of the oldest queued outcome that is not delivered and not dead; 0 for none. The same in every scheduler',
    registers,
  }),
});

export type OutcomeMetrics = ReturnType<typeof outcomeMetrics>;

import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import type { OutcomeDelivery } from './outcome.delivery.js';
import type { OutcomeJob } from './outcome.name.js';
import { QUEUE_NAME, queuePrefix } from './outcome.queue.js';
import type { OutcomeReport } from './outcome.report.js';
import { laterMs, type RetryOptions, retryPauseMs } from './retry.pauses.js';

export interface OutcomeWorkerOptions {
  /** Retries for ever; BullMQ makes a second connection like it. The worker does not close it. */
  readonly connection: Redis | Cluster;
  readonly keyPrefix: string;
  readonly delivery: OutcomeDelivery;
  readonly retry: RetryOptions;
  readonly report: OutcomeReport;
}

/** Deliveries mostly wait for receivers, of which some hang. */
const DELIVERIES_AT_ONCE = 32;
/** A worker that is killed holds its deliveries for at most both of these (ms). */
const LOCK_MS = 10_000;
const STALLED_LOOK_MS = 5_000;
/** However often workers die with a delivery under way, it is not the receiver's fault. */
const STALLS_ALLOWED = 1_000_000;
/** How long a look for work waits (s): less than a connection may be silent for (5 s). */
const LOOK_S = 2;
const AFTER_ERROR_MS = 1_000;
/** How long a stop waits for deliveries to be put back (ms). */
const STOP_WITHIN_MS = 1_000;

/** Sends what is queued, for as long as this process lives. Any number of processes share the work. */
export class OutcomeWorker {
  private constructor(
    private readonly options: OutcomeWorkerOptions,
    private readonly worker: Worker<OutcomeJob>,
  ) {}

  /** Loads BullMQ and begins to work. */
  static async start(options: OutcomeWorkerOptions): Promise<OutcomeWorker> {
    const bullmq = await import('bullmq');
    const worker = new bullmq.Worker<OutcomeJob>(
      QUEUE_NAME,
      (job, token) => processed(options, bullmq, job, token),
      {
        connection: options.connection,
        prefix: queuePrefix(options.keyPrefix),
        concurrency: DELIVERIES_AT_ONCE,
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_LOOK_MS,
        maxStalledCount: STALLS_ALLOWED,
        drainDelay: LOOK_S,
        runRetryDelay: AFTER_ERROR_MS,
        skipVersionCheck: true,
        settings: { backoffStrategy: (tries = 1) => retryPauseMs(options.retry, tries, Math.random()) },
      },
    );
    worker.on('error', (error) => options.report.trouble(error));
    return new OutcomeWorker(options, worker);
  }

  /** Puts back what is under way; others go on with it. Never rejects. */
  async stop(): Promise<void> {
    this.options.delivery.stop();
    const limit = new AbortController();
    // Without Redis nothing can be put back: what was under way is found as stalled.
    await Promise.race([
      this.worker.close().catch(() => {}),
      sleep(STOP_WITHIN_MS, undefined, { signal: limit.signal }).catch(() => {}),
    ]);
    limit.abort();
  }
}

/** One try. What it throws tells BullMQ what becomes of the job. */
async function processed(
  { delivery, report }: OutcomeWorkerOptions,
  { DelayedError, UnrecoverableError }: Pick<typeof import('bullmq'), 'DelayedError' | 'UnrecoverableError'>,
  job: Job<OutcomeJob>,
  token: string | undefined,
): Promise<string> {
  const result = await delivery.deliver(job.data);
  switch (result.kind) {
    case 'delivered':
      report.delivered(job.data, result.status);
      return `delivered: ${result.status}`;
    case 'nothing':
      report.nothing(job.data, result.why);
      return `nothing to send: ${result.why}`;
    case 'later':
      await job.moveToDelayed(Date.now() + laterMs(result.why, job.attemptsStarted), token);
      throw new DelayedError();
    case 'failed': {
      const tries = job.attemptsMade + 1;
      report.failed(job.data, result.why, tries, tries >= (job.opts.attempts ?? 1));
      throw new Error(result.why);
    }
    case 'refused':
      report.refused(job.data, result.why);
      throw new UnrecoverableError(result.why);
    default:
      return result satisfies never;
  }
}

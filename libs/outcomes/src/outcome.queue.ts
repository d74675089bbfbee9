import type { Job, Queue } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { type OutcomeSink, StoreUnavailableError } from '#libs/room';
import type { RunId } from '#libs/timer-core';
import { type OutcomeJob, outcomeName } from './outcome.name.js';
import type { RetryOptions } from './retry.pauses.js';

export interface OutcomeQueueOptions {
  /** Fails fast; the queue does not close it. */
  readonly commands: Redis | Cluster;
  /** Of the installation: before every key. */
  readonly keyPrefix: string;
  readonly retry: RetryOptions;
  /** How long dead jobs are kept (ms): as long as the outcomes that they would send. */
  readonly retentionMs: number;
  readonly wantsEveryRun: boolean;
}

/** How many jobs there are in each state. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly retrying: number;
  readonly dead: number;
}

export const QUEUE_NAME = 'outcomes';

/** All keys of the queue lie in one slot of a Cluster, since its scripts touch several. */
export const queuePrefix = (keyPrefix: string): string => `${keyPrefix}:{queue}`;

/** A finished job refuses to be added again for a day: whoever settles a run a second time does so within seconds. */
const DELIVERED_KEPT_S = 86_400;
/** Nobody reads BullMQ's stream of events. */
const EVENTS_KEPT = 100;
/** At each end of a list the oldest job is looked for among so many. */
const LOOKED_AT = 512;
const MS_PER_SECOND = 1_000;

/** The runs whose outcomes are to be sent, in Redis: one job each. BullMQ is loaded when it is needed. */
export class OutcomeQueue implements OutcomeSink {
  private opened: Promise<Queue<OutcomeJob>> | undefined;

  constructor(private readonly options: OutcomeQueueOptions) {}

  get wantsEveryRun(): boolean {
    return this.options.wantsEveryRun;
  }

  async runSettling(roomId: string, runId: RunId): Promise<void> {
    try {
      await this.add({ roomId, runId });
    } catch (error) {
      throw new StoreUnavailableError(`the outcome could not be queued: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  /** Whether anybody of this installation ever queued something. */
  async isUsed(): Promise<boolean> {
    const { commands, keyPrefix } = this.options;
    return (await commands.exists(`${queuePrefix(keyPrefix)}:${QUEUE_NAME}:meta`)) === 1;
  }

  /** BullMQ's own queue, for its board. */
  queue(): Promise<Queue<OutcomeJob>> {
    this.opened ??= this.open();
    return this.opened;
  }

  async counts(): Promise<QueueCounts> {
    const found = await (await this.queue()).getJobCounts('wait', 'active', 'delayed', 'failed');
    const { wait = 0, active = 0, delayed = 0, failed = 0 } = found;
    return { waiting: wait, active, retrying: delayed, dead: failed };
  }

  /** The age of the oldest job that is neither delivered nor dead (s), 0 for none; of long lists only the ends count. */
  async oldestSeconds(nowMs: number): Promise<number> {
    const { commands } = this.options;
    const queue = await this.queue();
    const [wait, active, delayed] = ['wait', 'active', 'delayed'].map((list) => queue.toKey(list)) as [
      string,
      string,
      string,
    ];
    const names = await Promise.all([
      commands.lrange(wait, 0, LOOKED_AT - 1),
      commands.lrange(wait, -LOOKED_AT, -1),
      commands.lrange(active, 0, LOOKED_AT - 1),
      commands.zrange(delayed, '0', String(LOOKED_AT - 1)),
      commands.zrange(delayed, String(-LOOKED_AT), '-1'),
    ]);
    // Run ids grow with time, so the oldest is found without reading the jobs.
    const oldest = names
      .flat()
      .reduce<string | null>((a, b) => (a === null || runOf(b) < runOf(a) ? b : a), null);
    const job = oldest === null ? undefined : await queue.getJob(oldest);
    return job === undefined ? 0 : Math.max(0, nowMs - job.timestamp) / MS_PER_SECOND;
  }

  /** Every dead job's run. */
  async dead(): Promise<OutcomeJob[]> {
    const jobs = await (await this.queue()).getFailed();
    return jobs.map(({ data }) => data);
  }

  /** Sends an outcome again, or now if it is waiting for its next try; false when it is about to be sent anyway. */
  async replay(run: OutcomeJob): Promise<boolean> {
    const job: Job<OutcomeJob> | undefined = await (await this.queue()).getJob(outcomeName(run));
    const state = await job?.getState();
    switch (state) {
      case 'failed':
      case 'completed':
        await job?.retry(state, { resetAttemptsMade: true });
        return true;
      case 'delayed':
        await job?.promote();
        return true;
      case undefined:
      case 'unknown':
        await this.add(run);
        return true;
      default:
        return false;
    }
  }

  async close(): Promise<void> {
    await (await this.opened)?.close();
  }

  private async add(run: OutcomeJob): Promise<void> {
    const { retry, retentionMs } = this.options;
    const queue = await this.queue();
    await queue.add('outcome', run, {
      jobId: outcomeName(run),
      attempts: retry.attempts,
      backoff: { type: 'custom' },
      removeOnComplete: { age: DELIVERED_KEPT_S },
      removeOnFail: { age: Math.ceil(retentionMs / MS_PER_SECOND) },
    });
  }

  private async open(): Promise<Queue<OutcomeJob>> {
    const { commands, keyPrefix } = this.options;
    const bullmq = await import('bullmq');
    const queue = new bullmq.Queue<OutcomeJob>(QUEUE_NAME, {
      connection: commands,
      prefix: queuePrefix(keyPrefix),
      skipVersionCheck: true,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    // Its owner tells of the connection's errors.
    queue.on('error', () => {});
    return queue;
  }
}

const runOf = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1));

import type { RequestListener } from 'node:http';
import type { Cluster, Redis } from 'ioredis';
import type { Config, Logger, Metrics } from '#libs/ops';
import type { DeliveryStore, OutcomeService, OutcomeSink } from '#libs/room';
import type { RunId } from '#libs/timer-core';
import { MemoryOutcomes } from './memory.outcomes.js';
import { outcomeBoard } from './outcome.board.js';
import { OutcomeDelivery } from './outcome.delivery.js';
import { OutcomeQueue } from './outcome.queue.js';
import { OutcomeReport } from './outcome.report.js';
import { OutcomeWorker } from './outcome.worker.js';
import { WebhookSender } from './webhook.sender.js';
import { WebhookSigner } from './webhook.signature.js';

/** Connections to Redis for a queue; both are closed by whoever gives them. */
export interface QueueConnections {
  /** Fails fast; shared with others. */
  readonly commands: Redis | Cluster;
  /** Opens one that may block, and retries for ever. */
  readonly openBlocking: () => Redis | Cluster;
}

export interface OutcomeSendingOptions {
  readonly config: Config;
  readonly outcomes: Pick<OutcomeService, 'outcomeOfRun'>;
  readonly deliveries: DeliveryStore;
  /** Absent: outcomes wait in the memory of this process. */
  readonly queue?: QueueConnections | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The part of a process that sends outcomes. */
export interface OutcomeSending extends OutcomeSink {
  /** Shows the queue to whoever has an API key; undefined where there is no queue, or no key. */
  readonly board: RequestListener | undefined;
  stop(): Promise<void>;
}

/** How soon a process notices that somebody has begun to queue outcomes, and then how old its metrics are (ms). */
const LOOK_EVERY_MS = 5_000;

/**
 * Starts sending outcomes. On Redis that opens no connection and runs no worker until a webhook is configured or a room
 * has one; without `QUIZBELL_WEBHOOK_SECRET` outcomes are queued, and left to processes that have it.
 */
export function startOutcomeSending(options: OutcomeSendingOptions): OutcomeSending {
  const { queue } = options;
  return queue === undefined ? new MemorySending(options) : new RedisSending({ ...options, queue });
}

class MemorySending implements OutcomeSending {
  readonly board = undefined;
  readonly wantsEveryRun: boolean;
  private readonly waiting: MemoryOutcomes;
  private readonly sender: WebhookSender;
  private readonly looking: NodeJS.Timeout;

  constructor(private readonly options: OutcomeSendingOptions) {
    const { config, logger, metrics } = options;
    const report = new OutcomeReport(logger, metrics);
    const { delivery, sender } = deliveryOf(options);
    this.wantsEveryRun = config.webhooks.url !== undefined;
    this.sender = sender;
    this.waiting = new MemoryOutcomes({
      delivery,
      report,
      retry: config.webhooks,
      wantsEveryRun: this.wantsEveryRun,
    });
    if (config.webhooks.secrets.length > 0) {
      logger.warn('Webhooks are sent from memory: what is not delivered when this process ends is lost.');
    }
    this.looking = setInterval(() => this.waiting.tellDepth(), LOOK_EVERY_MS).unref();
  }

  async runSettling(roomId: string, runId: RunId): Promise<void> {
    await this.waiting.runSettling(roomId, runId);
  }

  async stop(): Promise<void> {
    clearInterval(this.looking);
    const lost = await this.waiting.stop();
    this.sender.close();
    if (lost > 0) this.options.logger.warn({ lost }, 'Outcomes were not delivered, and are lost');
  }
}

class RedisSending implements OutcomeSending {
  readonly board: RequestListener | undefined;
  readonly wantsEveryRun: boolean;
  private readonly queue: OutcomeQueue;
  private readonly report: OutcomeReport;
  private readonly looking: NodeJS.Timeout;
  private working: { readonly worker: Promise<OutcomeWorker>; readonly sender: WebhookSender } | undefined;
  private hasTold = false;
  private isLooking = false;
  private isStopped = false;

  constructor(private readonly options: OutcomeSendingOptions & { readonly queue: QueueConnections }) {
    const { config, queue, logger, metrics } = options;
    this.wantsEveryRun = config.webhooks.url !== undefined;
    this.report = new OutcomeReport(logger, metrics);
    this.queue = new OutcomeQueue({
      commands: queue.commands,
      keyPrefix: config.redis.prefix,
      retry: config.webhooks,
      retentionMs: config.rooms.retentionMs,
      wantsEveryRun: this.wantsEveryRun,
    });
    const { apiKeys } = config.access;
    this.board = apiKeys.length === 0 ? undefined : outcomeBoard(this.queue, apiKeys);
    if (this.wantsEveryRun) this.work();
    this.looking = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
    void this.look();
  }

  async runSettling(roomId: string, runId: RunId): Promise<void> {
    await this.queue.runSettling(roomId, runId);
    this.work();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.looking);
    await (await this.working?.worker)?.stop();
    this.working?.sender.close();
    await this.queue.close().catch(() => {});
  }

  /** Works from now on; without a secret somebody else has to. */
  private work(): void {
    if (this.working !== undefined || this.isStopped) return;
    const { config, queue, logger } = this.options;
    if (config.webhooks.secrets.length === 0) {
      if (!this.hasTold)
        logger.error('QUIZBELL_WEBHOOK_SECRET is not set: outcomes wait for a process that has it');
      this.hasTold = true;
      return;
    }
    const { delivery, sender } = deliveryOf(this.options);
    const worker = OutcomeWorker.start({
      connection: queue.openBlocking(),
      keyPrefix: config.redis.prefix,
      delivery,
      retry: config.webhooks,
      report: this.report,
    });
    this.working = { worker, sender };
    logger.info('Sending outcomes to webhooks');
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      if (this.working !== undefined || (await this.queue.isUsed())) {
        this.work();
        // Also where nobody here may send: outcomes that wait for somebody who may are what an operator has to see.
        const counts = await this.queue.counts();
        this.report.depth(counts, await this.queue.oldestSeconds(Date.now()));
      }
    } catch (error) {
      if (!this.isStopped) this.report.trouble(error);
    }
    this.isLooking = false;
  }
}

function deliveryOf({ config, outcomes, deliveries }: OutcomeSendingOptions) {
  const { secrets, url, timeoutMs, allowPrivate } = config.webhooks;
  const sender = new WebhookSender({ timeoutMs, allowPrivate });
  const signer = new WebhookSigner(secrets);
  return { sender, delivery: new OutcomeDelivery({ outcomes, store: deliveries, sender, signer, url }) };
}

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { releaseVersion } from '#libs/ops';
import { type DeliveryStore, type Outcome, type OutcomeService, StoreUnavailableError } from '#libs/room';
import { type OutcomeJob, outcomeName } from './outcome.name.js';
import { BlockedAddressError } from './public.address.js';
import type { WebhookSender } from './webhook.sender.js';
import type { WebhookSigner } from './webhook.signature.js';

/** What came of one try to send an outcome. */
export type Delivery =
  | { readonly kind: 'delivered'; readonly status: number }
  /** There is nothing to send: no webhook, or nobody remembers the run. */
  | { readonly kind: 'nothing'; readonly why: string }
  /** Not the receiver's fault: ask again soon, as if this had been no try. */
  | { readonly kind: 'later'; readonly why: 'unsettled' | 'store' | 'stopping' }
  /** May go well the next time. */
  | { readonly kind: 'failed'; readonly why: string }
  /** Will go the same way each time. */
  | { readonly kind: 'refused'; readonly why: string };

export interface OutcomeDeliveryOptions {
  readonly outcomes: Pick<OutcomeService, 'outcomeOfRun'>;
  readonly store: DeliveryStore;
  readonly sender: Pick<WebhookSender, 'post'>;
  readonly signer: WebhookSigner;
  /** For rooms without a webhook of their own. */
  readonly url: string | undefined;
}

/**
 * A run is settled milliseconds after it was queued, and a queue takes up to seconds to give back what came too early: so
 * these pauses are waited for first (ms).
 */
const SETTLING_PAUSES_MS = [5, 20, 50, 100, 200, 400];

const GONE = 410;
const DIGEST_CHARACTERS = 16;

/** Sends outcomes: reads them when they are sent, so that there is nothing beside the run to keep in step with it. */
export class OutcomeDelivery {
  private readonly stopping = new AbortController();
  private readonly agent = `Quizbell/${releaseVersion()}`;

  constructor(private readonly options: OutcomeDeliveryOptions) {}

  /** Sends the outcome of a run to its webhook. Never rejects but for a bug. */
  async deliver(job: OutcomeJob): Promise<Delivery> {
    if (this.stopping.signal.aborted) return { kind: 'later', why: 'stopping' };
    try {
      return await this.read(job);
    } catch (error) {
      if (error instanceof StoreUnavailableError) return { kind: 'later', why: 'store' };
      throw error;
    }
  }

  /** Ends what is under way: it counts as no try. */
  stop(): void {
    this.stopping.abort();
  }

  private async read(job: OutcomeJob): Promise<Delivery> {
    const { outcomes, store, url } = this.options;
    const room = await store.webhookOf(job.roomId);
    if (room === null) return { kind: 'nothing', why: 'nobody remembers the room' };
    const webhook = room.webhook ?? url;
    if (webhook === undefined) return { kind: 'nothing', why: 'the room has no webhook' };
    let found = await outcomes.outcomeOfRun(job.roomId, job.runId);
    for (const pauseMs of SETTLING_PAUSES_MS) {
      if (!isUnsettled(found) || this.stopping.signal.aborted) break;
      await sleep(pauseMs);
      found = await outcomes.outcomeOfRun(job.roomId, job.runId);
    }
    if (found.kind === 'refused') {
      if (isUnsettled(found)) return { kind: 'later', why: 'unsettled' };
      if (found.code === 'unavailable') return { kind: 'later', why: 'store' };
      return { kind: 'nothing', why: found.message };
    }
    const body = JSON.stringify(found.outcome);
    const id = await this.messageId(job, found.outcome, body);
    return id === null
      ? { kind: 'nothing', why: 'nobody remembers the run' }
      : this.send(new URL(webhook), id, body);
  }

  /**
   * One id for one body: `outcome-<roomId>-<runId>` for the one that was sent first. A later one differs where a player was
   * erased, or where the store lost writes; then the id ends in the body's digest. After a loss the store may also have
   * lost which body was the first, so an outcome that tells of one always has the digest.
   */
  private async messageId(job: OutcomeJob, outcome: Outcome, body: string): Promise<string | null> {
    const digest = createHash('sha256').update(body).digest('hex');
    const first = await this.options.store.firstBody(job.roomId, job.runId, digest);
    if (first === null) return null;
    const name = outcomeName(job);
    return first === digest && !outcome.afterDataLoss
      ? name
      : `${name}-${digest.slice(0, DIGEST_CHARACTERS)}`;
  }

  private async send(url: URL, id: string, body: string): Promise<Delivery> {
    const { sender, signer } = this.options;
    const headers = { ...signer.headers(id, new Date(), body), 'user-agent': this.agent };
    const { signal } = this.stopping;
    try {
      const status = await sender.post({ url, headers, body: Buffer.from(body) }, signal);
      if (status >= 200 && status < 300) return { kind: 'delivered', status };
      const why = `the receiver answered ${status}`;
      return status === GONE ? { kind: 'refused', why } : { kind: 'failed', why };
    } catch (error) {
      if (signal.aborted) return { kind: 'later', why: 'stopping' };
      const why = messageOf(error);
      return error instanceof BlockedAddressError ? { kind: 'refused', why } : { kind: 'failed', why };
    }
  }
}

const isUnsettled = (found: Awaited<ReturnType<OutcomeService['outcomeOfRun']>>): boolean =>
  found.kind === 'refused' && found.code === 'wrong_phase';

/** Several addresses that were tried in vain make an error without a message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

import type { RunId } from '#libs/timer-core';

/** Takes care that the outcomes of settled runs are sent to whoever wants them. */
export interface OutcomeSink {
  /** Whether it wants every run, not only those of rooms with a webhook. */
  readonly wantsEveryRun: boolean;

  /**
   * The run is about to be settled: from now on it is remembered, wherever its outcome is sent once it is settled. May be
   * repeated, and come for a run that is not settled after all for a while; its outcome is sent once.
   *
   * @throws StoreUnavailableError when it could not be remembered, or that is unknown: then the run must not be settled
   */
  runSettling(roomId: string, runId: RunId): Promise<void>;
}

/**
 * What deliveries of outcomes keep beside the rooms.
 *
 * @throws StoreUnavailableError when the store did not answer in time
 */
export interface DeliveryStore {
  /** The room's own webhook, null for none; null when nobody remembers the room. */
  webhookOf(roomId: string): Promise<{ readonly webhook: string | null } | null>;

  /**
   * The digest of the body that was sent first of a settled run's outcome: this one if there was none before, from now on.
   * Null when nobody remembers the run.
   */
  firstBody(roomId: string, runId: RunId, digest: string): Promise<string | null>;
}

import type { Fence, HeardChanges, OutcomeSink, OwnerStore, PresenceStore } from '#libs/room';
import type { EpochMs } from '#libs/timer-core';
import type { SchedulerReport } from './scheduler.report.js';
import type { ShardPlan } from './shard.plan.js';

/** What the parts of a shard's owner share. */
export interface ShardContext {
  readonly fence: Fence;
  readonly store: OwnerStore;
  readonly presence: PresenceStore;
  readonly outcomes: OutcomeSink | undefined;
  readonly plan: ShardPlan;
  readonly report: SchedulerReport;
  /** Now on the shard's clock. */
  now(): EpochMs;
  /** False once the shard is no longer ours: what a call under way answers after that is ignored. */
  isLive(): boolean;
  /** How many of the changes were heard that the store told of; see `Ownership`. */
  heard(changes: string): HeardChanges;
  /** The store refused the lease: nothing more is done under it. */
  fenced(): void;
}

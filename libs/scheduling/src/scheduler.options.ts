import type { RunTraces, SchedulerMetrics } from '#libs/ops';
import type { OutcomeSink, OwnerStore, Ownership, PresenceStore, ShardClock } from '#libs/room';

/** What a due room's commit did: it opened the question, closed it, or ended an idle room. */
export type FiredKind = 'opened' | 'closed' | 'ended';

/** Sees what the scheduler does, for tests and measurements. Its methods do not throw and return at once. */
export interface SchedulerObserver {
  /** A due instant was committed, `latenessMs` after it on the shard's clock. */
  fired?(latenessMs: number, kind: FiredKind, roomId: string): void;
  ticked?(latenessMs: number, roomId: string): void;
  /** Ticks that were left out: late by more than half an interval, or sent to a store that did not answer. */
  ticksSkipped?(count: number, roomId: string): void;
  /** The store refused what was planned on another version. */
  stalePlan?(roomId: string): void;
  /** The store refused a commit outside its window: before the instant by its clock, or too late. */
  outsideWindow?(side: 'early' | 'late', roomId: string): void;
  settled?(roomId: string): void;
  /** Due entries that the plan did not know: changes that got lost. */
  healed?(count: number): void;
  /** The audit of a shard found a room whose due instant is not what its state says. */
  auditFound?(roomId: string): void;
  /** All rooms of a shard were audited. */
  audited?(shard: number, rooms: number): void;
  /** The store refused the lease. */
  fenced?(shard: number): void;
  /** A call failed for the `inARow`-th time in a row. */
  failed?(error: unknown, inARow: number): void;
  /** The process stood still. */
  stalled?(lateByMs: number): void;
}

/** Where the scheduler writes what an operator should know; pino's loggers fit. */
export interface SchedulerLogger {
  debug?(details: object, message: string): void;
  /** False: what is told to `debug` is not written. */
  isLevelEnabled?(level: string): boolean;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface SchedulerOptions {
  readonly store: OwnerStore;
  readonly presence: PresenceStore;
  readonly ownership: Ownership;
  readonly clock: ShardClock;
  /** Told of each run with a webhook before it is settled; absent: nobody wants outcomes. */
  readonly outcomes?: OutcomeSink;
  readonly logger?: SchedulerLogger;
  readonly metrics?: SchedulerMetrics;
  /** Absent: runs are not traced. */
  readonly traces?: RunTraces;
  readonly observer?: SchedulerObserver;
  /** How long after the last audit of a shard the next begins (ms); 60,000 if absent. */
  readonly auditEveryMs?: number;
  /** How often a room is told of its members and answers at most (ms); 1,000 if absent. */
  readonly presenceEveryMs?: number;
}

import { StoreUnavailableError } from '#libs/room';
import type { FiredKind, SchedulerOptions } from './scheduler.options.js';

/** Tells metrics, log and observer what happened, so that those who act do not. */
export class SchedulerReport {
  constructor(private readonly to: Pick<SchedulerOptions, 'logger' | 'metrics' | 'observer'>) {}

  fired(latenessMs: number, kind: FiredKind, roomId: string): void {
    if (kind !== 'ended') this.to.metrics?.expiryLatenessMs.observe(latenessMs);
    this.to.observer?.fired?.(latenessMs, kind, roomId);
  }

  ticked(latenessMs: number, roomId: string): void {
    this.to.metrics?.ticks.inc({ result: 'sent' });
    this.to.observer?.ticked?.(latenessMs, roomId);
  }

  ticksSkipped(count: number, roomId: string): void {
    this.to.metrics?.ticks.inc({ result: 'skipped' }, count);
    this.to.observer?.ticksSkipped?.(count, roomId);
  }

  stalePlan(roomId: string): void {
    this.to.metrics?.stalePlans.inc();
    this.to.observer?.stalePlan?.(roomId);
  }

  outsideWindow(side: 'early' | 'late', roomId: string): void {
    this.to.observer?.outsideWindow?.(side, roomId);
  }

  settled(roomId: string): void {
    this.to.metrics?.settledRuns.inc();
    this.to.observer?.settled?.(roomId);
  }

  healed(shard: number, count: number): void {
    this.to.logger?.info({ shard, count }, 'Due entries were not planned: changes had been lost');
    this.to.observer?.healed?.(count);
  }

  wentBack(roomId: string): void {
    this.to.logger?.warn(
      { roomId },
      'The store holds an older version of the room than it did: it lost writes',
    );
  }

  retold(shard: number, rooms: number): void {
    this.to.logger?.warn(
      { shard, rooms },
      'Another run of the store: it may have lost writes, so every room was told again',
    );
  }

  auditFound(shard: number, roomId: string): void {
    this.to.metrics?.auditFindings.inc();
    this.to.logger?.error(
      { shard, roomId, finding: 'due-instant' },
      'The due instant of a room is not what its state says',
    );
    this.to.observer?.auditFound?.(roomId);
  }

  audited(shard: number, rooms: number): void {
    this.to.metrics?.auditedRooms.inc(rooms);
    this.to.observer?.audited?.(shard, rooms);
  }

  granted(shard: number, epoch: number, owned: number): void {
    this.to.metrics?.takeOvers.inc();
    this.to.metrics?.shardsOwned.set(owned);
    this.to.logger?.info({ shard, epoch }, 'Shard taken');
  }

  revoked(shard: number, owned: number): void {
    this.to.metrics?.shardsOwned.set(owned);
    this.to.logger?.info({ shard }, 'Shard given back');
  }

  fenced(shard: number): void {
    this.to.logger?.warn({ shard }, 'The lease of the shard is not ours any more: its plan was dropped');
    this.to.observer?.fenced?.(shard);
  }

  /** An outage is told when it begins, a bug each time. */
  failed(shard: number, error: unknown, inARow: number): void {
    if (!(error instanceof StoreUnavailableError)) {
      this.to.logger?.error({ shard, err: error, inARow }, 'A call for the shard failed unexpectedly');
    } else if (inARow === 1) {
      this.to.logger?.warn({ shard, err: error }, 'The store cannot be reached; asking again until it can');
    }
    this.to.observer?.failed?.(error, inARow);
  }

  undecidable(roomId: string, error: unknown): void {
    this.to.logger?.error({ roomId, err: error }, 'A due room could not be decided');
    this.to.observer?.failed?.(error, 1);
  }

  stalled(lateByMs: number): void {
    this.to.logger?.warn({ lateByMs: Math.round(lateByMs) }, 'This process stood still; asking what is due');
    this.to.observer?.stalled?.(lateByMs);
  }

  unstopped(what: string, error?: unknown): void {
    this.to.logger?.warn({ ...(error === undefined ? {} : { err: error }) }, what);
  }
}

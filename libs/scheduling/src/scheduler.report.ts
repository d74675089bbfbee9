import { type RunOfRoom, StoreUnavailableError } from '#libs/room';
import type { Question, RoomState } from '#libs/timer-core';
import type { FiredKind, SchedulerOptions } from './scheduler.options.js';

const MS_PER_SECOND = 1_000;

/** A change by time that is later than this is told in the log, one by one (ms). */
const LATE_MS = 1_000;

/** Of the ticks of this process one in so many is in its run's trace; the first one is. */
const TICKS_PER_SPAN = 10;

/** Tells metrics, log and observer what happened, so that those who act do not. */
export class SchedulerReport {
  private ticks = 0;

  constructor(private readonly to: Pick<SchedulerOptions, 'logger' | 'metrics' | 'observer' | 'traces'>) {
    // Told from the start: an increase from nothing is none to Prometheus, and the first late closing would be missed.
    for (const kind of ['opened', 'closed']) to.metrics?.expiryLateness.zero({ kind });
    for (const result of ['sent', 'skipped']) to.metrics?.ticks.inc({ result }, 0);
  }

  fired(latenessMs: number, kind: FiredKind, state: RoomState): void {
    const { roomId, version, question } = state;
    if (kind !== 'ended') {
      this.to.metrics?.expiryLateness.observe({ kind }, latenessMs / MS_PER_SECOND);
      this.told(state, `fire ${kind}`, latenessMs);
    }
    const details = () => ({ roomId, ...this.runFields(roomId, question), version, kind, latenessMs });
    if (latenessMs > LATE_MS) this.to.logger?.warn(details(), 'A room was changed late');
    else if (this.isDebugging()) this.to.logger?.debug?.(details(), 'A room was changed by time');
    this.to.observer?.fired?.(latenessMs, kind, roomId);
  }

  ticksSent(count: number): void {
    this.to.metrics?.ticks.inc({ result: 'sent' }, count);
  }

  /** Of each tick, besides their count. */
  ticked(latenessMs: number, state: RoomState): void {
    this.to.metrics?.tickLateness.observe(latenessMs / MS_PER_SECOND);
    if (this.ticks++ % TICKS_PER_SPAN === 0) this.told(state, 'tick', latenessMs);
    this.to.observer?.ticked?.(latenessMs, state.roomId);
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

  /** @param tookMs from the call to the answer */
  settled({ roomId, runId }: RunOfRoom, tookMs: number): void {
    this.to.metrics?.settledRuns.inc();
    this.to.traces?.tell({ name: 'settle', kind: 'client', roomId, runId, tookMs });
    if (this.isDebugging()) {
      const details = { roomId, ...this.runFields(roomId, { runId }) };
      this.to.logger?.debug?.(details, 'The outcome of a run was fixed');
    }
    this.to.observer?.settled?.(roomId);
  }

  /** What is written ten thousand times in one instant is not even put together when nobody reads it. */
  private isDebugging(): boolean {
    return this.to.logger?.isLevelEnabled?.('debug') !== false;
  }

  private runFields(roomId: string, run: (Pick<Question, 'runId'> & { questionId?: string }) | null): object {
    if (run === null) return {};
    const { runId, questionId } = run;
    const traceId = this.to.traces?.traceId(roomId, runId);
    return { questionId, runId, ...(traceId === undefined ? {} : { traceId }) };
  }

  private told({ roomId, version, question }: RoomState, name: string, latenessMs: number): void {
    if (question === null) return;
    const { runId, questionId } = question;
    this.to.traces?.tell({
      name,
      kind: 'internal',
      roomId,
      runId,
      questionId,
      version,
      // From the intended instant to the one of the commit.
      tookMs: Math.max(0, latenessMs),
      details: { lateness_ms: latenessMs },
    });
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

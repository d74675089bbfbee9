import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { DueEntry, RunOfRoom, ShardPast } from '#libs/room';
import { type EpochMs, isActive, type Phase, type Version } from '#libs/timer-core';
import type { CallTracker } from './call.tracker.js';
import { DueCommitter } from './due.committer.js';
import { PresenceTeller } from './presence.teller.js';
import { RoomLoader } from './room.loader.js';
import { RoomReteller } from './room.reteller.js';
import { RunSettler } from './run.settler.js';
import type { ShardContext } from './shard.context.js';
import { runName } from './shard.plan.js';
import { TickSender } from './tick.sender.js';
import { POLL_EVERY_MS, type SeenEntries, TruthPoll } from './truth.poll.js';
import { WorkLane } from './work.lane.js';

/**
 * Rooms of one call: one script with its answer stays within a few milliseconds. Measured with 1,000 rooms due at once:
 * 64 were no better at p99 (1.05 times, median of nine interleaved rounds).
 */
const ROOMS_PER_CALL = 128;
/** Two calls keep both sides busy, the others bridge a slow answer. */
const FIRES_AT_ONCE = 4;
/** Few, so that under load ticks gather in larger calls by themselves. */
const TICKS_AT_ONCE = 2;
/** Nobody waits for them: a call of them is short, so that no closing has to wait behind it for long. */
const SETTLES_AT_ONCE = 1;
const RUNS_PER_CALL = 64;
/** So long settling waits for deadlines at most (ms): one call of it makes them a millisecond or two later. */
const LONGEST_WAIT_MS = 250;
/** Each room of it asks who is connected; nobody waits for the end of an idle room. */
const IDLE_ROOMS_PER_CALL = 32;
/** A slice of a fraction of a millisecond, between which everything that is due goes first. */
const PREPARED_PER_SLICE = 16;
/** How long to wait with the next try to rebuild a plan (ms). */
const REBUILD_PAUSE_MS = 200;

/** How an owner begins. */
export interface ShardGrant {
  /**
   * First waits until the store accepts the lease: it was refused once, and may be renewed under the same epoch without a
   * new grant.
   */
  readonly isProbing: boolean;
  readonly past: ShardPast;
}

/**
 * What the owner of one shard does, from the grant of the lease to its loss. Its plan is made of what the store says;
 * everything it does is fenced by the lease and by the version that was planned on.
 */
export class ShardOwner {
  private readonly loads: WorkLane<string>;
  private readonly fires: WorkLane<string>;
  private readonly ticks: WorkLane<string>;
  private readonly preparations: WorkLane<string>;
  private readonly settles: WorkLane<RunOfRoom>;
  private readonly idleEnds: WorkLane<string>;
  private readonly poll: TruthPoll;
  private readonly teller: PresenceTeller;
  /** The run of the store that the shard does not know yet. */
  unconfirmedRun: string | undefined;
  private readonly reteller: RoomReteller;
  /** Set while settling lets deadlines go first. */
  private waiting: NodeJS.Timeout | undefined;
  private isActing = false;
  private isClosed = false;

  /** @param planned told when the head of the plan may have changed */
  constructor(
    private readonly shard: ShardContext,
    private readonly calls: CallTracker,
    private readonly planned: () => void,
    presenceEveryMs: number,
  ) {
    this.reteller = new RoomReteller(shard);
    const loader = new RoomLoader(shard);
    const committer = new DueCommitter(shard);
    const ticks = new TickSender(shard);
    const settler = new RunSettler(shard);
    this.loads = this.lane(1, ROOMS_PER_CALL, (ids) => loader.load(ids));
    this.fires = this.lane(
      FIRES_AT_ONCE,
      ROOMS_PER_CALL,
      (ids) => committer.fire(ids),
      () => this.pumpRest(),
    );
    this.ticks = this.lane(TICKS_AT_ONCE, ROOMS_PER_CALL, (ids) => ticks.send(ids));
    this.preparations = this.lane(1, PREPARED_PER_SLICE, async (ids) => {
      committer.prepare(ids);
      await nextTurn();
    });
    this.settles = this.lane(SETTLES_AT_ONCE, RUNS_PER_CALL, (runs) => settler.settle(runs));
    this.idleEnds = this.lane(1, IDLE_ROOMS_PER_CALL, (ids) => committer.endIdle(ids));
    this.poll = new TruthPoll(shard, calls, (seen) => this.compare(seen));
    this.teller = new PresenceTeller(shard, calls, presenceEveryMs);
  }

  /**
   * Plans everything that the store has of the shard; what passed is fired at once.
   */
  begin({ isProbing, past }: ShardGrant): void {
    this.unconfirmedRun = past.storeRun;
    void this.calls.track(this.rebuild(isProbing));
  }

  /** The room changed, as somebody tells; `version` is the version that it changed to, if known. */
  changed(roomId: string, version?: Version): void {
    if (this.isClosed) return;
    const known = this.shard.plan.versionOf(roomId);
    if (version !== undefined && known !== undefined && known >= version) return;
    this.loads.push(roomId, roomId);
    // What is told while the schedule is still being read waits for it.
    if (this.isActing) this.loads.pump();
  }

  countRooms(byPhase: Record<Phase, number>): void {
    this.shard.plan.countRooms(byPhase);
  }

  /** Moves what is due from the plan to the lanes. */
  takeDue(): void {
    if (!this.isActing) return;
    const { rooms, soon, ticks, runs } = this.shard.plan.takeDue(this.shard.now());
    for (const { state } of rooms) {
      (isActive(state.question) ? this.fires : this.idleEnds).push(state.roomId, state.roomId);
    }
    for (const { state } of soon) this.preparations.push(state.roomId, state.roomId);
    for (const { state } of ticks) this.ticks.push(state.roomId, state.roomId);
    for (const run of runs) this.settles.push(runName(run), run);
  }

  /** How long until the next instant (ms, not positive when it is due); null when nothing is planned. */
  headInMs(): number | null {
    if (!this.isActing) return null;
    const now = this.shard.now();
    const headAt = this.shard.plan.headAt(now);
    return headAt === null ? null : headAt - now;
  }

  /** @returns whether something was sent */
  pumpFires(): boolean {
    return this.fires.pump();
  }

  /**
   * Ticks before preparations before settling before idle ends: in the order in which somebody is waiting. Nobody waits for the
   * last two, so they let deadlines go first, but not for ever.
   */
  pumpRest(): void {
    this.ticks.pump();
    this.preparations.pump();
    if (this.fires.isIdle) this.pumpLast();
    else if (!this.isClosed) this.waiting ??= setTimeout(() => this.pumpLast(), LONGEST_WAIT_MS);
  }

  private pumpLast(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.settles.pump();
    this.idleEnds.pump();
  }

  /** Asks the store what is due, now. */
  look(): void {
    if (this.isActing) this.poll.now();
  }

  /** Begins nothing any more. */
  close(): void {
    this.isClosed = true;
    this.isActing = false;
    clearTimeout(this.waiting);
    this.poll.stop();
    this.teller.stop();
    const { loads, fires, ticks, preparations, settles, idleEnds } = this;
    for (const lane of [loads, fires, ticks, preparations, settles, idleEnds]) lane.close();
  }

  private lane<T>(
    atOnce: number,
    perCall: number,
    work: (items: readonly T[]) => Promise<void>,
    then: () => void = () => undefined,
  ): WorkLane<T> {
    return new WorkLane<T>({
      atOnce,
      perCall,
      work,
      failed: (error, inARow) => {
        if (this.shard.isLive()) this.shard.report.failed(this.shard.fence.shard, error, inARow);
      },
      done: () => {
        then();
        this.planned();
      },
      calls: this.calls,
    });
  }

  private async rebuild(isProbing: boolean): Promise<void> {
    const { store, fence } = this.shard;
    for (let failures = 0; !this.isClosed; ) {
      try {
        if (isProbing && (await store.due(fence, 1)) === 'fenced') {
          await sleep(POLL_EVERY_MS, undefined, { ref: false });
          continue;
        }
        if (this.unconfirmedRun !== undefined) await this.reteller.retellAll(this.unconfirmedRun);
        if (this.isClosed) return;
        this.unconfirmedRun = undefined;
        const schedule = await store.schedule(fence.shard);
        if (!this.isClosed) this.act(schedule);
        return;
      } catch (error) {
        failures += 1;
        if (this.shard.isLive()) this.shard.report.failed(fence.shard, error, failures);
        await sleep(REBUILD_PAUSE_MS, undefined, { ref: false });
      }
    }
  }

  private act(schedule: readonly DueEntry[]): void {
    this.isActing = true;
    // Earliest first: what has passed already is waited for.
    for (const entry of [...schedule].sort((a, b) => a.at - b.at)) this.planEntry(entry);
    this.loads.pump();
    this.poll.now();
    this.teller.start();
    this.planned();
  }

  /**
   * Compares what the store has with the plan. What is due, and the plan does not know or knows as later, is planned
   * again; of the whole schedule also what the plan knows as earlier.
   */
  private compare({ isWhole, entries }: SeenEntries): void {
    let unknown = 0;
    for (const entry of entries) {
      if (this.isPlanned(entry, isWhole)) continue;
      unknown += 1;
      this.planEntry(entry);
    }
    // What the whole schedule shows may also be a change that is being heard of just now.
    if (unknown > 0 && !isWhole) this.shard.report.healed(this.shard.fence.shard, unknown);
    this.loads.pump();
    // Also when nothing was found: the clock may have been corrected since the timer was armed.
    this.planned();
  }

  private isPlanned({ roomId, runId, at }: DueEntry, isExact: boolean): boolean {
    if (runId !== null) return this.shard.plan.hasRun({ roomId, runId }, at);
    const plan = this.shard.plan.room(roomId);
    if (plan?.isBusy || this.loads.has(roomId) || this.shard.plan.isGivenUp(roomId)) return true;
    const dueAt: EpochMs | null = plan?.dueAt() ?? null;
    if (plan === undefined || dueAt === null || dueAt > at || (isExact && dueAt < at)) return false;
    // Changes nothing as long as the entry is where it belongs.
    this.shard.plan.enqueue(plan);
    return true;
  }

  private planEntry({ roomId, runId, at }: DueEntry): void {
    if (runId === null) this.loads.push(roomId, roomId);
    else this.shard.plan.planRun({ roomId, runId }, at);
  }
}

import type { RunOfRoom } from '#libs/room';
import {
  type EpochMs,
  epochMs,
  latest,
  type Phase,
  type RoomState,
  type RunId,
  settlesAt,
  type Version,
} from '#libs/timer-core';
import { DueQueue } from './due.queue.js';
import { RoomPlan } from './room.plan.js';
import { TickCells } from './tick.cells.js';

/** What is to be done now. */
export interface DueWork {
  /** Time changes them. */
  readonly rooms: readonly RoomPlan[];
  /** It soon will. */
  readonly soon: readonly RoomPlan[];
  readonly ticks: readonly RoomPlan[];
  readonly runs: readonly RunOfRoom[];
}

/** How long ticks gather when there are many (ms): less than a frame on a screen, and one call then sends dozens. */
const GATHER_TICKS_MS = 15;
/** The same of what is only made ready, half a second ahead (ms). */
const GATHER_SOON_MS = 50;
/** The same of runs to settle, which nobody waits for by the millisecond (ms). */
const GATHER_RUNS_MS = 20;

interface PlannedRun {
  readonly run: RunOfRoom;
  readonly at: EpochMs;
}

export const runName = ({ roomId, runId }: RunOfRoom): string => `${roomId}/${runId}`;

/**
 * Everything that an owner means to do for one shard, in the order of its instants. Each shard has a queue of its own,
 * because shards on different Redis masters have different clocks and their instants cannot be compared.
 */
export class ShardPlan {
  private readonly due = {
    rooms: new DueQueue<RoomPlan>(),
    soon: new DueQueue<RoomPlan>(GATHER_SOON_MS),
    ticks: new TickCells<RoomPlan>(GATHER_TICKS_MS),
    runs: new DueQueue<RunOfRoom>(GATHER_RUNS_MS),
  };
  private readonly rooms = new Map<string, RoomPlan>();
  private readonly runs = new Map<string, Map<RunId, PlannedRun>>();
  private readonly unplannable = new Set<string>();

  /**
   * @param vacantSinceAt what was due since then, nobody has done
   * @param wentBack told of a room of which the store holds an older version than it did
   */
  constructor(
    private readonly vacantSinceAt: EpochMs,
    private readonly wentBack: (roomId: string) => void = () => undefined,
  ) {}

  /** When there is something to do next; null when nothing is planned. */
  headAt(now: EpochMs): EpochMs | null {
    const { rooms, soon, ticks, runs } = this.due;
    let headAt: EpochMs | null = null;
    for (const queue of [rooms, soon, ticks, runs]) {
      const at = queue.headAt(now);
      if (at !== null && (headAt === null || at < headAt)) headAt = at;
    }
    return headAt;
  }

  takeDue(now: EpochMs): DueWork {
    const { rooms, soon, ticks, runs } = this.due;
    return {
      rooms: rooms.takeDue(now),
      soon: soon.takeDue(now),
      ticks: ticks.takeDue(now),
      runs: runs.takeDue(now),
    };
  }

  room(roomId: string): RoomPlan | undefined {
    return this.rooms.get(roomId);
  }

  /** Adds the rooms that are planned to a count by phase. */
  countRooms(byPhase: Record<Phase, number>): void {
    for (const { state } of this.rooms.values()) byPhase[state.question?.phase ?? 'idle'] += 1;
  }

  versionOf(roomId: string): Version | undefined {
    return this.rooms.get(roomId)?.state.version;
  }

  /**
   * Plans a room by a state that the store gave, unless a newer one is planned already. Answers overtake each other, so
   * a lower version is usually an old answer; but one that is lower than what was known when the store was *asked* means
   * that the store itself went back (it lost writes), and then its word holds.
   *
   * @param knownVersion the planned version at the time of asking
   * @returns false when the state was ignored as an old one
   */
  follow(state: RoomState, now: EpochMs, knownVersion?: Version): boolean {
    const { roomId, version } = state;
    this.unplannable.delete(roomId);
    const plan = this.rooms.get(roomId);
    if (plan !== undefined && version < plan.state.version) {
      if (knownVersion === undefined || version >= knownVersion) return false;
      this.wentBack(roomId);
      plan.settledRunId = null;
    }
    this.planLastRun(state, now);
    if (state.closed !== null) this.drop(roomId);
    else if (plan === undefined) {
      // A tick that fell into the time without an owner is sent, if it is not too late.
      const created = new RoomPlan(state, epochMs(Math.min(now, this.vacantSinceAt)));
      this.rooms.set(roomId, created);
      this.enqueue(created);
    } else {
      // The same version is the same state: following it again would leave out a tick that is due just now.
      if (plan.state.version !== version) plan.follow(state, now);
      this.enqueue(plan);
    }
    return true;
  }

  /** Puts the room's entries where its plan says; for a busy room at the end of its call, for a dropped one never. */
  enqueue(plan: RoomPlan): void {
    if (!this.isFree(plan)) return;
    const dueAt = plan.dueAt();
    place(this.due.rooms, plan, dueAt === null ? null : latest(dueAt, plan.retryAt));
    place(this.due.soon, plan, plan.prepareAt());
    this.due.ticks.set(plan, plan.tickAt);
  }

  /** As `enqueue`, when nothing but the next tick has changed. */
  enqueueTick(plan: RoomPlan): void {
    if (this.isFree(plan)) this.due.ticks.set(plan, plan.tickAt);
  }

  private isFree(plan: RoomPlan): boolean {
    return !plan.isBusy && this.rooms.get(plan.state.roomId) === plan;
  }

  /**
   * Gives up a room that is due but gone, unreadable or undecidable, until it changes: asking for it again with each look
   * would never end.
   */
  giveUp(roomId: string): void {
    this.drop(roomId);
    this.unplannable.add(roomId);
  }

  isGivenUp(roomId: string): boolean {
    return this.unplannable.has(roomId);
  }

  /** Forgets the room itself; its runs are settled all the same. */
  drop(roomId: string): void {
    const plan = this.rooms.get(roomId);
    if (plan === undefined) return;
    this.rooms.delete(roomId);
    this.due.rooms.delete(plan);
    this.due.soon.delete(plan);
    this.due.ticks.set(plan, null);
  }

  planRun({ roomId, runId }: RunOfRoom, at: EpochMs): void {
    const ofRoom = this.runs.get(roomId) ?? new Map<RunId, PlannedRun>();
    const run = ofRoom.get(runId)?.run ?? { roomId, runId };
    this.runs.set(roomId, ofRoom.set(runId, { run, at }));
    this.due.runs.set(run, at);
  }

  /** True when the run is planned, and not later than at the instant. */
  hasRun({ roomId, runId }: RunOfRoom, at: EpochMs): boolean {
    const plannedAt = this.runs.get(roomId)?.get(runId)?.at;
    return plannedAt !== undefined && plannedAt <= at;
  }

  /** The run's outcome is fixed; a room that had to wait for it may go on. */
  runSettled({ roomId, runId }: RunOfRoom): void {
    const ofRoom = this.runs.get(roomId);
    const settled = ofRoom?.get(runId);
    if (settled !== undefined) this.due.runs.delete(settled.run);
    ofRoom?.delete(runId);
    if (ofRoom?.size === 0) this.runs.delete(roomId);
    const plan = this.rooms.get(roomId);
    if (plan === undefined) return;
    plan.settledRunId = runId;
    this.enqueue(plan);
  }

  /** True when a run of the room is not known to be settled; then its settling is planned, if it was not. */
  awaitsSettling({ state, settledRunId }: RoomPlan): boolean {
    const { roomId, question } = state;
    if (this.runs.has(roomId)) return true;
    if (question?.phase !== 'closed' || question.runId === settledRunId) return false;
    this.planRun({ roomId, runId: question.runId }, settlesAt(question));
    return true;
  }

  private planLastRun({ roomId, question }: RoomState, now: EpochMs): void {
    // A passed one was settled or is among the shard's due entries; asking again for each change would cost a call.
    if (question?.phase !== 'closed' || settlesAt(question) <= now) return;
    this.planRun({ roomId, runId: question.runId }, settlesAt(question));
  }
}

function place(queue: DueQueue<RoomPlan>, plan: RoomPlan, at: EpochMs | null): void {
  if (at === null) queue.delete(plan);
  else queue.set(plan, at);
}

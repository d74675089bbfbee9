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

/** A run whose outcome is to be fixed. */
export interface RunToSettle {
  readonly roomId: string;
  readonly runId: RunId;
}

/** An entry of the queue: the room itself is due, or soon will be, its next tick is, or one of its runs is to be settled. */
export type DueItem =
  | { readonly kind: 'room'; readonly roomId: string }
  | { readonly kind: 'soon'; readonly roomId: string }
  | { readonly kind: 'tick'; readonly roomId: string }
  | { readonly kind: 'run'; readonly run: RunToSettle };

export const runName = ({ roomId, runId }: RunToSettle): string => `${roomId}/${runId}`;

/**
 * Everything that an owner means to do for one shard, in the order of its instants. Each shard has a queue of its own,
 * because shards on different Redis masters have different clocks and their instants cannot be compared.
 */
export class ShardPlan {
  private readonly queue = new DueQueue<DueItem>();
  private readonly rooms = new Map<string, RoomPlan>();
  private readonly runs = new Map<string, Map<RunId, EpochMs>>();
  private readonly unplannable = new Set<string>();

  /**
   * @param vacantSinceAt what was due since then, nobody has done
   * @param wentBack told of a room of which the store holds an older version than it did
   */
  constructor(
    private readonly vacantSinceAt: EpochMs,
    private readonly wentBack: (roomId: string) => void = () => undefined,
  ) {}

  headAt(): EpochMs | null {
    return this.queue.headAt();
  }

  takeDue(now: EpochMs): DueItem[] {
    return this.queue.takeDue(now);
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
    const { roomId } = plan.state;
    if (plan.isBusy || this.rooms.get(roomId) !== plan) return;
    const dueAt = plan.dueAt();
    if (dueAt === null) this.queue.delete(`room ${roomId}`);
    else this.queue.set(`room ${roomId}`, latest(dueAt, plan.retryAt), { kind: 'room', roomId });
    const prepareAt = plan.prepareAt();
    if (prepareAt === null) this.queue.delete(`soon ${roomId}`);
    else this.queue.set(`soon ${roomId}`, prepareAt, { kind: 'soon', roomId });
    if (plan.tickAt === null) this.queue.delete(`tick ${roomId}`);
    else this.queue.set(`tick ${roomId}`, plan.tickAt, { kind: 'tick', roomId });
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
    this.rooms.delete(roomId);
    this.queue.delete(`room ${roomId}`);
    this.queue.delete(`soon ${roomId}`);
    this.queue.delete(`tick ${roomId}`);
  }

  planRun(run: RunToSettle, at: EpochMs): void {
    const ofRoom = this.runs.get(run.roomId) ?? new Map<RunId, EpochMs>();
    this.runs.set(run.roomId, ofRoom.set(run.runId, at));
    this.queue.set(`run ${runName(run)}`, at, { kind: 'run', run });
  }

  /** True when the run is planned, and not later than at the instant. */
  hasRun({ roomId, runId }: RunToSettle, at: EpochMs): boolean {
    const plannedAt = this.runs.get(roomId)?.get(runId);
    return plannedAt !== undefined && plannedAt <= at;
  }

  /** The run's outcome is fixed; a room that had to wait for it may go on. */
  runSettled({ roomId, runId }: RunToSettle): void {
    const ofRoom = this.runs.get(roomId);
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

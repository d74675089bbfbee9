import type { StirredRoom } from '#libs/room';
import type { RoomState } from '#libs/timer-core';
import type { CallTracker } from './call.tracker.js';
import type { ShardContext } from './shard.context.js';

/**
 * When so many looks' time lies between two answers, the store or this process stood still, and perhaps every gateway's
 * last heartbeat looks old: members who are all there would be told to be gone.
 */
const TOO_LONG_LOOKS = 2;

/** Rooms of one call: one script with its answer stays within a few milliseconds. */
const ROOMS_PER_CALL = 128;

/** Rooms of one look; those beyond are stirred still at the next one. */
const TAKEN_PER_LOOK = 8_192;

/**
 * Tells the rooms of a shard who is connected and how many have answered. At each look it takes the rooms in which
 * something changed; every room at its begin, and when a gateway died or came back, since that changes rooms of which
 * nobody says so. The store publishes only what differs from what was told last, so telling too many is only work.
 */
export class PresenceTeller {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private failuresInARow = 0;
  /** Rooms that are still to be told. */
  private readonly waiting = new Set<string>();
  /** Every room is to be told. */
  private isAllWaiting = false;
  /** The gateways that were alive at the last look, as one text; before the first one unlike all. */
  private gateways: string | undefined;
  private lastAnswerMs = 0;

  /** @param everyMs from the start of one look to the start of the next: no room is told more often */
  constructor(
    private readonly shard: ShardContext,
    private readonly calls: CallTracker,
    private readonly everyMs: number,
  ) {}

  /** The first look comes later, when gateways have beaten again after whatever made this owner begin. */
  start(): void {
    this.lastAnswerMs = performance.now();
    this.arm(this.everyMs);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private arm(inMs: number): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => void this.calls.track(this.lookAndGoOn()), inMs);
  }

  private async lookAndGoOn(): Promise<void> {
    const startedMs = performance.now();
    try {
      await this.look();
      this.failuresInARow = 0;
    } catch (error) {
      this.failuresInARow += 1;
      if (this.isActing()) this.shard.report.failed(this.shard.fence.shard, error, this.failuresInARow);
    }
    this.arm(Math.max(0, this.everyMs - (performance.now() - startedMs)));
  }

  private async look(): Promise<void> {
    const gateways = await this.takeStirred();
    if (gateways === null || !this.isActing()) return;
    const silentMs = performance.now() - this.lastAnswerMs;
    this.lastAnswerMs = performance.now();
    if (silentMs > TOO_LONG_LOOKS * this.everyMs) return;
    if (gateways !== this.gateways) this.isAllWaiting = true;
    this.gateways = gateways;
    await this.addAll();
    await this.tellWaiting();
  }

  /** Gives the gateways that are alive; null when the lease was refused. */
  private async takeStirred(): Promise<string | null> {
    const { presence, fence } = this.shard;
    // Until it is answered: rooms that an answer named which never came are taken, but nobody knows which they are.
    const wasAllWaiting = this.isAllWaiting;
    this.isAllWaiting = true;
    const taken = await presence.takeStirred(fence, TAKEN_PER_LOOK);
    if (taken === 'fenced') {
      if (this.isActing()) this.shard.fenced();
      return null;
    }
    this.isAllWaiting = wasAllWaiting;
    for (const roomId of taken.roomIds) this.waiting.add(roomId);
    return [...taken.gateways].sort().join(' ');
  }

  private async addAll(): Promise<void> {
    if (!this.isAllWaiting) return;
    // What the store has, not what is planned: a plan may be incomplete just after its begin.
    const roomIds = await this.shard.store.roomIds(this.shard.fence.shard);
    for (const roomId of roomIds) this.waiting.add(roomId);
    this.isAllWaiting = false;
  }

  private async tellWaiting(): Promise<void> {
    const roomIds = [...this.waiting];
    for (let i = 0; i < roomIds.length && this.isActing(); i += ROOMS_PER_CALL) {
      await this.tell(roomIds.slice(i, i + ROOMS_PER_CALL));
    }
  }

  private async tell(roomIds: readonly string[]): Promise<void> {
    const { presence, fence } = this.shard;
    const rooms = await this.roomsOf(roomIds);
    if (!this.isActing()) return;
    if (rooms.length > 0 && (await presence.tellStirred(fence, rooms)) === 'fenced') {
      if (this.isActing()) this.shard.fenced();
      return;
    }
    for (const roomId of roomIds) this.waiting.delete(roomId);
  }

  /**
   * The rooms with their runs, without those that are over. As the store has them, read after they were taken: the plan may
   * not know the run yet to which the answer was given that stirred the room, and nothing would tell its count later.
   */
  private async roomsOf(roomIds: readonly string[]): Promise<StirredRoom[]> {
    const { store, fence } = this.shard;
    const rooms = await store.loadMany(fence.shard, roomIds);
    return rooms.flatMap((room) =>
      room === null || room.state.closed !== null ? [] : [stirredRoom(room.state)],
    );
  }

  private isActing(): boolean {
    return !this.isStopped && this.shard.isLive();
  }
}

function stirredRoom({ roomId, question }: RoomState): StirredRoom {
  return { roomId, run: question && { runId: question.runId, questionId: question.questionId } };
}

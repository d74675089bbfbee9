import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayMetrics, Logger } from '#libs/ops';
import type { ServerEventName, ServerEventPayload } from '#libs/protocol';
import { type RoomEnd, RoomService, type RoomView, shardOfRoom } from '#libs/room';
import type { EdgeOptions } from '../edge.options.js';
import { wireSnapshot } from '../snapshot.contract.js';
import { MemberRegistry } from './member.registry.js';
import { SeatReview } from './seat.review.js';

/** So many rooms are read at a time: the commands of the living go first. */
const MAX_READS = 16;
/** A room that could not be read is tried again after this (ms), for as long as it has members here. */
const RETRY_MS = 250;
/** When nothing comes through for so long (ms), the next gap is on its way. */
const CATCH_UP_WITHIN_MS = 2_000;

/**
 * Tells the members of this gateway, and nobody else's, the present state of their rooms when it cannot rule out that it
 * missed broadcasts: `room:state`, or `room:closed` where the room is over. Who has lost their seat is told and put out.
 */
export class RoomRefresher {
  /** Rooms whose members are to be told, by a reading that has not begun. */
  private readonly waiting = new Set<string>();
  private reading = 0;
  private isStopped = false;
  private gapped: (shards: readonly number[]) => void = () => {};
  private readonly seats: SeatReview;
  private readonly metrics: GatewayMetrics;
  private readonly logger: Logger;

  constructor(
    private readonly options: EdgeOptions,
    private readonly service: RoomService,
    private readonly members: MemberRegistry,
  ) {
    this.metrics = options.metrics;
    this.logger = options.logger;
    this.seats = new SeatReview(options.members, members, options.logger);
    options.broadcast.onGap?.((shards) => this.refresh(shards));
  }

  /** Whoever hears rooms without being a member listens here for gaps. */
  onGap(listener: (shards: readonly number[]) => void): void {
    this.gapped = listener;
  }

  /** No more readings. */
  stop(): void {
    this.isStopped = true;
    this.seats.stop();
    this.waiting.clear();
  }

  private refresh(shards: readonly number[]): void {
    this.metrics.subscriptionGaps.inc();
    this.gapped(shards);
    const { store } = this.options;
    for (const roomId of this.members.roomIds()) {
      const shard = shardOfRoom(roomId, store.shards);
      // A room that waits already is read after this gap as well.
      if (shard !== null && shards.includes(shard)) this.waiting.add(roomId);
    }
    this.logger.warn({ shards, rooms: this.waiting.size }, 'Broadcasts may have been missed');
    while (this.reading < Math.min(MAX_READS, this.waiting.size)) void this.readOn();
  }

  private async readOn(): Promise<void> {
    this.reading++;
    for (;;) {
      const [roomId] = this.waiting;
      if (roomId === undefined || this.isStopped) break;
      this.waiting.delete(roomId);
      if (await this.tell(roomId)) continue;
      await delay(RETRY_MS, undefined, { ref: false });
      if (!this.isStopped) this.waiting.add(roomId);
    }
    this.reading--;
  }

  /** False when it has to be tried again. */
  private async tell(roomId: string): Promise<boolean> {
    const shard = shardOfRoom(roomId, this.options.store.shards);
    // They have left, or have heard its end.
    if (shard === null || !this.members.has(roomId)) return true;
    try {
      const [told, isReviewed] = await Promise.all([this.service.present(roomId), this.seats.review(roomId)]);
      if (!isReviewed) return false;
      if (told.kind === 'refused' && told.code !== 'room_not_found') return false;
      // What is on its way comes first, so that nobody hears a version after a higher one.
      if (!(await this.hasCaughtUp(shard))) return false;
      if (told.kind !== 'room') this.end(roomId, told.kind === 'ended' ? told : null);
      else this.update(roomId, told);
    } catch (err) {
      this.logger.error({ err, roomId }, 'the members of a room could not be told of a gap');
    }
    return true;
  }

  private async hasCaughtUp(shard: number): Promise<boolean> {
    const { broadcast } = this.options;
    const caughtUp = broadcast.caughtUp?.(shard).then(() => true) ?? true;
    return Promise.race([caughtUp, delay(CATCH_UP_WITHIN_MS, false, { ref: false })]);
  }

  private update(roomId: string, { snapshot, content }: RoomView): void {
    if (!this.members.has(roomId)) return;
    // An event of later told them all that this would.
    const isOvertaken = snapshot.version < this.members.newestVersion(roomId);
    if (!isOvertaken) this.emit(roomId, 'room:state', { snapshot: wireSnapshot(snapshot, content) });
    this.metrics.roomStates.inc({ result: isOvertaken ? 'overtaken' : 'sent' });
  }

  /** Its members heard nothing of the end; null: nobody knows how it ended, Redis has lost it. */
  private end(roomId: string, end: RoomEnd | null): void {
    if (!this.members.has(roomId)) return;
    if (end !== null) {
      const { version, reason, serverNow } = end;
      this.emit(roomId, 'room:closed', { roomId, version, reason, serverNow });
    }
    this.members.endRoom(roomId);
    this.metrics.roomStates.inc({ result: end === null ? 'gone' : 'ended' });
  }

  private emit<E extends ServerEventName>(roomId: string, event: E, payload: ServerEventPayload<E>): void {
    this.members.emit(roomId, this.options.store.channel('room', roomId), event, payload);
  }
}

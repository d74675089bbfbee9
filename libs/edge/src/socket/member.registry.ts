import { setTimeout as delay } from 'node:timers/promises';
import type { ServerEventName, ServerEventPayload } from '#libs/protocol';
import { shardOfRoom } from '#libs/room';
import type { EpochMs } from '#libs/timer-core';
import type { EdgeOptions } from '../edge.options.js';
import { MemberDepartures } from './member.departures.js';
import { type Membership, type QuizSession, seatOf } from './quiz.session.js';
import type { ReceiveClock } from './receive.clock.js';

/** When nothing comes through for so long (ms), what was heard last holds. */
const CATCH_UP_WITHIN_MS = 2_000;

/** What this gateway knows of a room in which it has members. */
interface RoomHere {
  readonly sessions: Set<QuizSession>;
  /** The newest version that any of them was told. */
  newestVersion: number;
  /** When its question was last changed, of the changes that its members here have been told. */
  changeToldAt: EpochMs | null;
}

/** Which sockets of this gateway are in which room. */
export class MemberRegistry {
  private readonly rooms = new Map<string, RoomHere>();
  /** By the member's own channel: more than one session while one takes the place of another. */
  private readonly ofMember = new Map<string, Set<QuizSession>>();

  constructor(
    private readonly options: Pick<EdgeOptions, 'broadcast' | 'broadcasts' | 'store'>,
    private readonly departures: MemberDepartures,
    private readonly receiveClock: Pick<ReceiveClock, 'onceRead'>,
  ) {
    const { broadcasts } = options;
    broadcasts.onRoomClosed((roomId) => this.endRoom(roomId));
    broadcasts.onMemberRemoved((channel, except) => this.endMember(channel, except));
    broadcasts.onVersion((roomId, version) => this.noteVersion(roomId, version));
    broadcasts.onChange((roomId, at) => this.noteChange(roomId, at));
  }

  /** The rooms in which somebody is. */
  roomIds(): Iterable<string> {
    return this.rooms.keys();
  }

  has(roomId: string): boolean {
    return this.rooms.has(roomId);
  }

  /** Who of this gateway is in the room, or about to be. */
  sessionsOf(roomId: string): QuizSession[] {
    return [...(this.rooms.get(roomId)?.sessions ?? [])];
  }

  /** Somebody was told this version of the room. */
  noteVersion(roomId: string, version: number): void {
    const room = this.rooms.get(roomId);
    if (room !== undefined && version > room.newestVersion) room.newestVersion = version;
  }

  /** The newest version that members of this gateway were told since the first of them came; 0 for none. */
  newestVersion(roomId: string): number {
    return this.rooms.get(roomId)?.newestVersion ?? 0;
  }

  /**
   * When the room's question was last changed, on the clock of the room's shard, of the changes that were here before the
   * frame that is being read now: that one came later, however long this gateway has stood still since. Null where nothing
   * of the kind is known.
   */
  changeToldAt(roomId: string): EpochMs | null {
    return this.rooms.get(roomId)?.changeToldAt ?? null;
  }

  /** Sends an event to the room's sockets of this gateway, and of no other. */
  emit<E extends ServerEventName>(
    roomId: string,
    channel: string,
    event: E,
    payload: ServerEventPayload<E>,
  ): void {
    const [member] = this.rooms.get(roomId)?.sessions ?? [];
    // Through the namespace rather than to one socket after the other: so it is encoded once.
    member?.socket.nsp.local.to(channel).emit(event, payload);
  }

  /** Gives the session its place in a room, or another one in the same room. */
  add(session: QuizSession, membership: Membership): void {
    session.membership = membership;
    const nobody: RoomHere = { sessions: new Set(), newestVersion: 0, changeToldAt: null };
    const room = this.rooms.get(membership.roomId) ?? nobody;
    room.sessions.add(session);
    this.rooms.set(membership.roomId, room);
    const ofMember = this.ofMember.get(membership.ownChannel) ?? new Set();
    this.ofMember.set(membership.ownChannel, ofMember.add(session));
  }

  /** Takes the session out of its room and out of the room's channels; it stays connected. */
  async remove(session: QuizSession): Promise<void> {
    const { membership, socket } = session;
    if (membership === null) return;
    session.membership = null;
    session.seatedAs = null;
    const room = this.rooms.get(membership.roomId);
    room?.sessions.delete(session);
    if (room?.sessions.size === 0) this.rooms.delete(membership.roomId);
    const ofMember = this.ofMember.get(membership.ownChannel);
    ofMember?.delete(session);
    if (ofMember?.size === 0) this.ofMember.delete(membership.ownChannel);
    for (const channel of membership.channels) await socket.leave(channel);
  }

  /** A change that was made at that instant is being handed on. */
  private noteChange(roomId: string, at: EpochMs): void {
    const room = this.rooms.get(roomId);
    if (room === undefined) return;
    this.receiveClock.onceRead(() => {
      room.changeToldAt = at;
    });
  }

  /** The room is over: nobody is in it any more. Its sockets stay connected and may join another. */
  endRoom(roomId: string): void {
    for (const session of [...(this.rooms.get(roomId)?.sessions ?? [])]) {
      const { membership, socket } = session;
      if (membership !== null) this.departures.depart(seatOf(membership, socket.id));
      void this.remove(session);
    }
  }

  /** The member has lost its seat: its connection ends. That it has gone is not told to the room. */
  end(session: QuizSession): void {
    session.isRemoved = true;
    void this.remove(session);
    // What was sent before, the reason too, still goes out.
    session.socket.disconnect(true);
  }

  /**
   * Whether another connection has got the seat since this one, which was answered that it has it. What is heard may be
   * older than that answer; then it is heard next that this one has the seat.
   */
  async hasLostSeat(session: QuizSession): Promise<boolean> {
    const { membership } = session;
    if (!session.isDisplaced || membership === null) return false;
    const { broadcast, store } = this.options;
    const shard = shardOfRoom(membership.roomId, store.shards) ?? 0;
    const tooLong = delay(CATCH_UP_WITHIN_MS, undefined, { ref: false });
    await Promise.race([broadcast.caughtUp?.(shard), tooLong]);
    return session.isDisplaced;
  }

  /** The member was put out, or the seat is another connection's now (`except`): all others of this gateway end. */
  private endMember(ownChannel: string, except: readonly string[]): void {
    for (const session of [...(this.ofMember.get(ownChannel) ?? [])]) {
      if (except.length === 0) this.end(session);
      else {
        session.isDisplaced = !except.includes(session.socket.id);
        void this.endDisplaced(session);
      }
    }
  }

  private async endDisplaced(session: QuizSession): Promise<void> {
    // One that is asking for the seat sees to it itself when it is answered.
    if (session.isEntering || !(await this.hasLostSeat(session)) || session.isEntering) return;
    if (!session.isRemoved) this.end(session);
  }
}

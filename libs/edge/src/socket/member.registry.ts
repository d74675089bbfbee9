import type { ServerEventName, ServerEventPayload } from '#libs/protocol';
import { EdgeBroadcasts } from '../edge.broadcasts.js';
import { MemberDepartures } from './member.departures.js';
import type { Membership, QuizSession } from './quiz.session.js';

/** What this gateway knows of a room in which it has members. */
interface RoomHere {
  readonly sessions: Set<QuizSession>;
  /** The newest version that any of them was told. */
  newestVersion: number;
}

/** Which sockets of this gateway are in which room. */
export class MemberRegistry {
  private readonly rooms = new Map<string, RoomHere>();

  constructor(
    broadcasts: EdgeBroadcasts,
    private readonly departures: MemberDepartures,
  ) {
    broadcasts.onRoomClosed((roomId) => this.endRoom(roomId));
    broadcasts.onVersion((roomId, version) => this.noteVersion(roomId, version));
  }

  /** The rooms in which somebody is. */
  roomIds(): Iterable<string> {
    return this.rooms.keys();
  }

  has(roomId: string): boolean {
    return this.rooms.has(roomId);
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
    const room = this.rooms.get(membership.roomId) ?? { sessions: new Set(), newestVersion: 0 };
    room.sessions.add(session);
    this.rooms.set(membership.roomId, room);
  }

  /** Takes the session out of its room and out of the room's channels; it stays connected. */
  async remove(session: QuizSession): Promise<void> {
    const { membership, socket } = session;
    if (membership === null) return;
    session.membership = null;
    const room = this.rooms.get(membership.roomId);
    room?.sessions.delete(session);
    if (room?.sessions.size === 0) this.rooms.delete(membership.roomId);
    for (const channel of membership.channels) await socket.leave(channel);
  }

  /** The room is over: nobody is in it any more. Its sockets stay connected and may join another. */
  endRoom(roomId: string): void {
    for (const session of [...(this.rooms.get(roomId)?.sessions ?? [])]) {
      this.departures.depart(roomId, session.socket.id);
      void this.remove(session);
    }
  }
}

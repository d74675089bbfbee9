import { EdgeBroadcasts } from '../edge.broadcasts.js';
import { MemberDepartures } from './member.departures.js';
import type { Membership, QuizSession } from './quiz.session.js';

/** Which sockets of this gateway are in which room. */
export class MemberRegistry {
  private readonly rooms = new Map<string, Set<QuizSession>>();

  constructor(
    broadcasts: EdgeBroadcasts,
    private readonly departures: MemberDepartures,
  ) {
    broadcasts.onRoomClosed((roomId) => this.endRoom(roomId));
  }

  /** Gives the session its place in a room, or another one in the same room. */
  add(session: QuizSession, membership: Membership): void {
    session.membership = membership;
    const members = this.rooms.get(membership.roomId) ?? new Set();
    this.rooms.set(membership.roomId, members.add(session));
  }

  /** Takes the session out of its room and out of the room's channels; it stays connected. */
  async remove(session: QuizSession): Promise<void> {
    const { membership, socket } = session;
    if (membership === null) return;
    session.membership = null;
    const members = this.rooms.get(membership.roomId);
    members?.delete(session);
    if (members?.size === 0) this.rooms.delete(membership.roomId);
    for (const channel of membership.channels) await socket.leave(channel);
  }

  /** The room is over: nobody is in it any more. Its sockets stay connected and may join another. */
  private endRoom(roomId: string): void {
    for (const session of [...(this.rooms.get(roomId) ?? [])]) {
      this.departures.depart(roomId, session.socket.id);
      void this.remove(session);
    }
  }
}

import type { Seat } from '#libs/room';
import type { Identity } from '../access/token.service.js';
import { CommandQueue } from './command.queue.js';
import type { Socket } from './socket.types.js';

/** A socket's place in a room. */
export interface Membership extends Identity {
  readonly pin: string;
  /** The Socket.IO room of this member alone. */
  readonly ownChannel: string;
  /** The Socket.IO rooms it is in, that one too. */
  readonly channels: readonly string[];
}

/** What a room knows a connected member by. */
export const seatOf = ({ roomId, playerId }: Membership, connection: string): Seat => ({
  roomId,
  playerId,
  connection,
});

/** More commands than this wait for nobody's thumb; the next are refused with `rate_limited`. */
const MAX_PENDING_COMMANDS = 64;

/** What the gateway knows of one connected socket. */
export class QuizSession {
  readonly isToldOfDrain = true;
  readonly queue = new CommandQueue(MAX_PENDING_COMMANDS);
  /** Null when the socket is in no room. */
  membership: Membership | null = null;
  /** What the seat was got with last; null while there is none. Each join makes a membership of its own. */
  seatedAs: Membership | null = null;
  /** The member's seat is being asked for. */
  isEntering = false;
  /** Another connection of the member has the seat, as far as this gateway has heard since it was asked for. */
  isDisplaced = false;
  /** The member was put out, or has another connection now: this one is ending, and joins no more. */
  isRemoved = false;

  constructor(readonly socket: Socket) {}
}

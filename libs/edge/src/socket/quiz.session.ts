import type { Identity } from '../access/token.service.js';
import { CommandQueue } from './command.queue.js';
import type { Socket } from './socket.types.js';

/** A socket's place in a room. */
export interface Membership extends Identity {
  readonly pin: string;
  /** The Socket.IO rooms it is in. */
  readonly channels: readonly string[];
}

/** More commands than this wait for nobody's thumb; the next are refused with `rate_limited`. */
const MAX_PENDING_COMMANDS = 64;

/** What the gateway knows of one connected socket. */
export class QuizSession {
  readonly queue = new CommandQueue(MAX_PENDING_COMMANDS);
  /** Null when the socket is in no room. */
  membership: Membership | null = null;

  constructor(readonly socket: Socket) {}
}

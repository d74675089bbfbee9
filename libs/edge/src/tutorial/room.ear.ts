import type { BroadcastPort } from '../broadcast.port.js';
import type { Namespace } from '../socket/socket.types.js';

/**
 * Lets this gateway hear rooms on behalf of sockets of another namespace. Their broadcasts belong to the namespace of native
 * clients, whose adapter hears exactly of the Socket.IO rooms that somebody is in: so the foreign socket's id is put into
 * them there. Nothing is delivered to it, since that namespace has no such socket, but `EdgeBroadcasts` is told.
 */
export class RoomEar {
  constructor(
    private readonly native: Namespace,
    private readonly broadcast: Pick<BroadcastPort, 'subscribed'>,
  ) {}

  /** From now on the channels are listened to, until `close`; may be repeated. */
  open(socketId: string, channels: readonly string[]): void {
    void this.native.adapter.addAll(socketId, new Set(channels));
  }

  /** @throws Error when it is not confirmed in time that all of them are heard */
  async hears(channels: readonly string[]): Promise<void> {
    await Promise.all(channels.map((channel) => this.broadcast.subscribed(channel)));
  }

  close(socketId: string): void {
    void this.native.adapter.delAll(socketId);
  }
}

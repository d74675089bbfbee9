import type { Adapter } from 'socket.io-adapter';
import type { Namespace } from './socket/socket.types.js';

/** How broadcasts of rooms reach the sockets of this gateway. */
export interface BroadcastPort {
  /** Makes the Socket.IO adapter of a namespace; absent: the one in memory. */
  readonly adapter?: (namespace: Namespace) => Adapter;

  /**
   * Resolves when whatever is published to the channel from now on reaches this gateway. A socket of this gateway has
   * joined the Socket.IO room of that name before.
   *
   * @throws Error when that is not confirmed within 2 s; the join is then answered `unavailable`
   */
  subscribed(channel: string): Promise<void>;

  /**
   * Takes the one listener that is told the shards whose broadcasts may have been missed, when they are heard again; absent
   * where nothing can be missed.
   */
  onGap?(listener: (shards: readonly number[]) => void): void;

  /**
   * Resolves when everything that was published to the shard's rooms before now has reached the sockets of this gateway, or
   * is lost by a gap that the listener is told of; perhaps never, when nothing comes through. Absent: at once.
   */
  caughtUp?(shard: number): Promise<void>;

  /** Told once of the namespace of native clients, before anybody connects. */
  attach?(namespace: Namespace): void;
}

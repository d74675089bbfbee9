import type { PublishedEvent } from '#libs/room';
import type { BroadcastPort } from './broadcast.port.js';
import type { EdgeBroadcasts } from './edge.broadcasts.js';
import type { Namespace } from './socket/socket.types.js';

/** Broadcasts within one process: what the memory store publishes goes straight to the sockets. */
export class EmbeddedPublisher implements BroadcastPort {
  private namespace: Namespace | undefined;

  constructor(private readonly broadcasts: EdgeBroadcasts) {}

  attach(namespace: Namespace): void {
    this.namespace = namespace;
  }

  /** A room of the memory adapter hears from the moment of its first join. */
  async subscribed(): Promise<void> {}

  /**
   * Hands an event to the members of a channel, in the order of the calls; ticks may be dropped on slow connections.
   *
   * @param except a connection that does not get it
   */
  publish(channel: string, { event, payload }: PublishedEvent, except?: string): void {
    const excepted = except === undefined ? [] : [except];
    const members = this.namespace?.to(channel).except(excepted);
    (event === 'question:tick' ? members?.volatile : members)?.emit(event, payload);
    this.broadcasts.observe(event, channel, payload, excepted);
  }
}

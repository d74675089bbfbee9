import type { Metrics } from '#libs/ops';

/** What this gateway hears of rooms, besides handing it on to its sockets. */
export class EdgeBroadcasts {
  private roomClosed: (roomId: string) => void = () => {};
  private versionTold: (roomId: string, version: number) => void = () => {};
  private memberRemoved: (channel: string, except: readonly string[]) => void = () => {};

  constructor(private readonly metrics: Metrics) {}

  /**
   * To be called for every broadcast that reaches this gateway, after it was handed to the sockets: the adapter of Redis
   * and the embedded publisher do so. Never throws. A field, so that it can be passed on as it is.
   *
   * @param except the connections that the broadcast was not for
   */
  readonly observe = (
    event: string,
    channel: string,
    payload: unknown,
    except: readonly string[] = [],
  ): void => {
    this.metrics.broadcasts.inc({ event });
    if (event === 'member:removed') this.memberRemoved(channel, except);
    const { roomId, version } = (payload ?? {}) as { roomId?: unknown; version?: unknown };
    if (typeof roomId !== 'string') return;
    if (typeof version === 'number') this.versionTold(roomId, version);
    if (event === 'room:closed') this.roomClosed(roomId);
  };

  /** The edge itself listens here. */
  onRoomClosed(listener: (roomId: string) => void): void {
    this.roomClosed = listener;
  }

  /** And here: a member's own channel, and the connections that stay. */
  onMemberRemoved(listener: (channel: string, except: readonly string[]) => void): void {
    this.memberRemoved = listener;
  }

  /** And here. */
  onVersion(listener: (roomId: string, version: number) => void): void {
    this.versionTold = listener;
  }
}

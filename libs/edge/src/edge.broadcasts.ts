import type { Metrics } from '#libs/ops';

/** What this gateway hears of rooms, besides handing it on to its sockets. */
export class EdgeBroadcasts {
  private roomClosed: (roomId: string) => void = () => {};
  private versionTold: (roomId: string, version: number) => void = () => {};

  constructor(private readonly metrics: Metrics) {}

  /**
   * To be called for every broadcast that reaches this gateway, after it was handed to the sockets: the adapter of Redis
   * and the embedded publisher do so. Never throws. A field, so that it can be passed on as it is.
   */
  readonly observe = (event: string, _channel: string, payload: unknown): void => {
    this.metrics.broadcasts.inc({ event });
    const { roomId, version } = (payload ?? {}) as { roomId?: unknown; version?: unknown };
    if (typeof roomId !== 'string') return;
    if (typeof version === 'number') this.versionTold(roomId, version);
    if (event === 'room:closed') this.roomClosed(roomId);
  };

  /** The edge itself listens here. */
  onRoomClosed(listener: (roomId: string) => void): void {
    this.roomClosed = listener;
  }

  /** And here. */
  onVersion(listener: (roomId: string, version: number) => void): void {
    this.versionTold = listener;
  }
}

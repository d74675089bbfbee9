import type { GatewayMetrics, RunTraces } from '#libs/ops';
import type { EpochMs, Snapshot } from '#libs/timer-core';

/** Of the ticks that reach this gateway one in so many is in its run's trace; the first one is. */
const TICKS_PER_SPAN = 10;

/** What this gateway hears of rooms, besides handing it on to its sockets. */
export class EdgeBroadcasts {
  private roomClosed: (roomId: string) => void = () => {};
  private versionTold: (roomId: string, version: number) => void = () => {};
  private changeTold: (roomId: string, at: EpochMs) => void = () => {};
  private snapshotTold: (snapshot: Snapshot, event: string) => void = () => {};
  private memberRemoved: (channel: string, except: readonly string[]) => void = () => {};

  private ticks = 0;

  constructor(
    private readonly metrics: GatewayMetrics,
    private readonly traces?: RunTraces,
  ) {}

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
    const snapshot = snapshotIn(event, payload);
    if (snapshot !== undefined) {
      this.snapshotTold(snapshot, event);
      if (isChange(event)) this.changeTold(snapshot.roomId, snapshot.serverNow);
    }
    const { roomId, version } = (payload ?? {}) as { roomId?: unknown; version?: unknown };
    if (typeof roomId !== 'string') return;
    if (typeof version === 'number') this.versionTold(roomId, version);
    if (this.traces !== undefined) this.traced(this.traces, event, roomId, payload as object);
    if (event === 'room:closed') this.roomClosed(roomId);
  };

  private traced(traces: RunTraces, event: string, roomId: string, payload: object): void {
    if (!event.startsWith('question:')) return;
    if (event === 'question:tick' && this.ticks++ % TICKS_PER_SPAN !== 0) return;
    const { runId, questionId, version } = payload as {
      runId?: number;
      questionId?: string;
      version?: number;
    };
    if (typeof runId !== 'number' || typeof questionId !== 'string') return;
    const span = { roomId, runId, questionId, ...(version === undefined ? {} : { version }) };
    traces.tell({ name: `deliver ${event}`, kind: 'consumer', tookMs: 0, ...span });
  }

  /** The edge itself listens here. */
  onRoomClosed(listener: (roomId: string) => void): void {
    this.roomClosed = listener;
  }

  /** And here: a member's own channel, and the connections that stay. */
  onMemberRemoved(listener: (channel: string, except: readonly string[]) => void): void {
    this.memberRemoved = listener;
  }

  /** And here: every state of a room that its members are told, ticks too. */
  onSnapshot(listener: (snapshot: Snapshot, event: string) => void): void {
    this.snapshotTold = listener;
  }

  /** And here: that the question of a room was changed, and the instant at which it was told. */
  onChange(listener: (roomId: string, at: EpochMs) => void): void {
    this.changeTold = listener;
  }

  /** And here. */
  onVersion(listener: (roomId: string, version: number) => void): void {
    this.versionTold = listener;
  }
}

const isChange = (event: string): boolean => event.startsWith('question:') && event !== 'question:tick';

/** The state that a broadcast tells; whoever published it made it, so it is not parsed again. */
function snapshotIn(event: string, payload: unknown): Snapshot | undefined {
  if (event === 'room:state') return (payload as { snapshot?: Snapshot } | null)?.snapshot;
  return event.startsWith('question:') ? (payload as Snapshot) : undefined;
}

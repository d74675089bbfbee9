import { Redis } from 'ioredis';
import { EVENT_NAMESPACE, type KeySpace } from '#libs/redis-store';
import { shardOfRoom } from '#libs/room';
import type { Told } from './client.record.js';

/** What Redis published to a room: the event's name and its payload. */
export type PublicationListener = (event: string, payload: Told) => void;

interface AdapterMessage {
  readonly data?: { readonly packet?: { readonly data?: readonly unknown[] } };
}

const RETRY_MS = 50;

/**
 * Hears every room's channels at Redis itself, beside the gateways: what is published twice is seen here even if no
 * gateway delivers it. While its own connection is away it hears nothing, and says so.
 */
export class RoomFollower {
  private readonly redis: Redis;
  private readonly channels: string[] = [];
  /** Spans in which something may have gone unheard; the last one may be open. */
  private readonly gaps: { readonly fromAt: number; toAt: number }[] = [];
  private isFollowing = false;
  private isClosed = false;

  /** @param now the server's instant, as far as it is known */
  constructor(
    url: string,
    private readonly keys: KeySpace,
    private readonly how: { readonly now: () => number; readonly onPublished: PublicationListener },
  ) {
    this.redis = new Redis(url, {
      connectionName: 'drill-follower',
      maxRetriesPerRequest: null,
      autoResubscribe: false,
      retryStrategy: () => RETRY_MS,
    });
    this.redis.on('error', () => {}); // a fault took Redis away: it retries
    this.redis.on('close', () => this.lose());
    this.redis.on('ready', () => void this.subscribe());
    this.redis.on('smessage', (_channel: string, message: string) => this.receive(message));
  }

  /** Follows these rooms, once Redis has confirmed it. */
  async follow(roomIds: readonly string[]): Promise<void> {
    for (const roomId of roomIds) {
      const shard = shardOfRoom(roomId, this.keys.shards) ?? 0;
      for (const audience of ['room', 'ticks'] as const) {
        const socketRoom = this.keys.socketRoom(audience, roomId, shard);
        this.channels.push(this.keys.adapterChannel(socketRoom, EVENT_NAMESPACE));
      }
    }
    await this.subscribe();
  }

  get isComplete(): boolean {
    return this.isFollowing;
  }

  /** Whether a publication of that instant can have gone unheard. */
  isBlindAt(at: number): boolean {
    return this.gaps.some(({ fromAt, toAt }) => at >= fromAt && at <= toAt);
  }

  close(): void {
    this.isClosed = true;
    this.redis.disconnect();
  }

  private lose(): void {
    if (!this.isFollowing) return;
    this.isFollowing = false;
    // What was published just before may have been lost with the connection.
    this.gaps.push({ fromAt: this.how.now() - 1_000, toAt: Number.POSITIVE_INFINITY });
  }

  private async subscribe(): Promise<void> {
    if (this.channels.length === 0 || this.redis.status !== 'ready') return;
    try {
      // One by one in one go: on a Redis Cluster, which may come later, a command takes channels of one slot only.
      await Promise.all(this.channels.map((channel) => this.redis.ssubscribe(channel)));
    } catch {
      return; // the connection was lost again; `ready` comes back
    }
    if (this.isClosed) return;
    this.isFollowing = true;
    const gap = this.gaps.at(-1);
    if (gap !== undefined && gap.toAt === Number.POSITIVE_INFINITY) gap.toAt = this.how.now();
  }

  private receive(message: string): void {
    const [event, payload] = packetOf(message);
    if (typeof event === 'string' && isTold(payload)) this.how.onPublished(event, payload);
  }
}

function packetOf(message: string): readonly unknown[] {
  try {
    return (JSON.parse(message) as AdapterMessage).data?.packet?.data ?? [];
  } catch {
    return []; // the adapter's own messages between gateways may be binary
  }
}

/** Our own scripts made it: that it has the fields of a snapshot tells it from `room:presence` and its like. */
function isTold(payload: unknown): payload is Told {
  return typeof payload === 'object' && payload !== null && 'phase' in payload && 'version' in payload;
}

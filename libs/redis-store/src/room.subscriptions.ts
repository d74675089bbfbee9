import { createShardedAdapter } from '@socket.io/redis-adapter';
import { StoreUnavailableError } from '#libs/room';
import { EVENT_NAMESPACE } from './adapter.frame.js';
import type { KeySpace } from './room.keys.js';
import type { RedisClient } from './script.definition.js';

/** A join is answered `unavailable` when its channel was not confirmed within this time (ms). */
const CONFIRM_WITHIN_MS = 2_000;
const RETRY_MS = 100;

/** Told of each broadcast that this gateway received, after its members were; it was not for the connections `except`. */
export type BroadcastObserver = (
  event: string,
  socketRoom: string,
  payload: unknown,
  except: readonly string[],
) => void;

type AdapterFactory = ReturnType<typeof createShardedAdapter>;

interface BroadcastMessage {
  readonly type: number;
  readonly data?: { packet?: { data?: unknown[] }; opts?: { rooms?: string[]; except?: string[] } };
}

/**
 * The sharded Socket.IO adapter in dynamic mode, with what it lacks: it does not wait for SSUBSCRIBE, so a join that is
 * acknowledged at once may miss broadcasts, and a failed SSUBSCRIBE would end the process as an unhandled rejection.
 */
export class RoomSubscriptions {
  /** By channel, the confirmation of its subscription; false when it was given up. */
  private readonly confirmations = new Map<string, Promise<boolean>>();
  private closed = false;

  constructor(
    private readonly pub: RedisClient,
    private readonly sub: RedisClient,
    private readonly keys: KeySpace,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** The adapter constructor for Socket.IO; `observe` hears of every broadcast after it was delivered. */
  adapter(observe: BroadcastObserver): AdapterFactory {
    const create = createShardedAdapter(this.pub, this.subscriber(), {
      channelPrefix: this.keys.prefix,
      subscriptionMode: 'dynamic',
    });
    // Socket.IO calls it with `new`, which an arrow function does not take.
    // biome-ignore lint/complexity/useArrowFunction: Socket.IO calls it with `new`, which no arrow function allows
    const factory = function (namespace: Parameters<AdapterFactory>[0]) {
      const adapter = create(namespace);
      const inner = adapter as unknown as { onMessage(message: BroadcastMessage): void };
      const deliver = inner.onMessage.bind(adapter);
      inner.onMessage = (message) => {
        deliver(message);
        const [event, payload] = message.data?.packet?.data ?? [];
        const { rooms: [room] = [], except = [] } = message.data?.opts ?? {};
        if (typeof event === 'string' && room !== undefined) observe(event, room, payload, except);
      };
      return adapter;
    };
    return factory as AdapterFactory;
  }

  /**
   * Resolves when Redis has confirmed the subscription to a Socket.IO room that a socket has just joined.
   *
   * @throws StoreUnavailableError when it was not confirmed in time
   */
  async confirmed(socketRoom: string): Promise<void> {
    const confirmation = this.confirmations.get(this.keys.adapterChannel(socketRoom, EVENT_NAMESPACE));
    if (confirmation === undefined) throw new StoreUnavailableError('the room is not subscribed');
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      const error = new StoreUnavailableError(
        `the subscription was not confirmed within ${CONFIRM_WITHIN_MS} ms`,
      );
      timer = setTimeout(() => reject(error), CONFIRM_WITHIN_MS);
    });
    try {
      const isConfirmed = await Promise.race([confirmation, tooLate]);
      if (!isConfirmed)
        throw new StoreUnavailableError('the room was left before its subscription was confirmed');
    } finally {
      clearTimeout(timer);
    }
  }

  /** No more retries. */
  close(): void {
    this.closed = true;
  }

  /** What the adapter takes for its subscribing client. */
  private subscriber() {
    return {
      on: (event: string, listener: (...args: unknown[]) => void) => this.sub.on(event, listener),
      ssubscribe: (channel: string) => {
        // A channel that was left and joined again has a subscription of its own; the older one no longer counts.
        const confirmation = this.subscribe(channel, () => this.confirmations.get(channel) === confirmation);
        this.confirmations.set(channel, confirmation);
      },
      sunsubscribe: (channels: string | string[]) => {
        const list = [channels].flat();
        for (const channel of list) this.confirmations.delete(channel);
        return this.sub.sunsubscribe(...list).catch(this.onError);
      },
    };
  }

  private async subscribe(channel: string, isWanted: () => boolean): Promise<boolean> {
    for (;;) {
      try {
        await this.sub.ssubscribe(channel);
        return true;
      } catch (error) {
        if (this.closed || !isWanted()) return false;
        this.onError(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        // Left meanwhile: a late subscription would stay for ever.
        if (this.closed || !isWanted()) return false;
      }
    }
  }
}

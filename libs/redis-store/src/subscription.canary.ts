import { Cluster } from 'ioredis';
import { CANARY_BEAT_MS, CanaryWatch } from './canary.watch.js';
import type { KeySpace } from './room.keys.js';
import type { RedisClient } from './script.definition.js';

/** A canary is a number; everything longer on the connection is somebody's broadcast. */
const MAX_CANARY_BYTES = 10;
const RETRY_MS = 100;

export interface SubscriptionCanaryOptions {
  /** A connection that publishes. */
  readonly pub: RedisClient;
  /** The connection that is watched. */
  readonly sub: RedisClient;
  readonly keys: KeySpace;
  /** Of this process; its canaries are nobody else's. */
  readonly processId: string;
  /** Broadcasts of these shards may have been missed; from now on they are heard again. */
  readonly onGap: (shards: readonly number[]) => void;
  /** The subscribing connection is cut because nothing comes through. */
  readonly onDeaf: (shards: readonly number[]) => void;
  readonly onError: (error: unknown) => void;
}

/** What one subscribing connection carries: all shards, or in a Cluster, where each master has its own, one of them. */
interface Lane {
  readonly channel: string;
  readonly shards: readonly number[];
  readonly watch: CanaryWatch;
}

/**
 * Notices when this process may have missed broadcasts. Each second it publishes to a channel of its own, which comes back
 * by the same connection as the rooms' events: nothing else tells a connection that is silent from one that is dead.
 */
export class SubscriptionCanary {
  private readonly lanes: ReadonlyMap<string, Lane>;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  /** How often the connection was lost, so that a confirmation of an earlier one counts for nothing. */
  private losses = 0;
  private firstHeard: () => void = () => {};

  constructor(private readonly options: SubscriptionCanaryOptions) {
    const { keys, sub } = options;
    const all = Array.from({ length: keys.shards }, (_, shard) => shard);
    const divided = sub instanceof Cluster ? all.map((shard) => [shard]) : [all];
    this.lanes = new Map(divided.map((shards) => this.lane(shards)).map((lane) => [lane.channel, lane]));
  }

  /** Whether what is published is heard, as far as can be known; of a Cluster what any master publishes. */
  get isHeard(): boolean {
    return [...this.lanes.values()].some(({ watch }) => watch.isHeard);
  }

  /**
   * Resolves when everything that was published to the shard's rooms before now was heard, or lost in a gap that is told
   * afterwards.
   */
  async caughtUp(shard: number): Promise<void> {
    await [...this.lanes.values()].find(({ shards }) => shards.includes(shard))?.watch.caughtUp();
  }

  /** Begins to watch; resolves when the first canaries were heard, or after `withinMs` in any case. */
  async start(withinMs: number): Promise<void> {
    const { sub } = this.options;
    sub.on('smessageBuffer', this.receive);
    if (sub instanceof Cluster) {
      // A master's subscriptions are made again by one command for all channels of a slot, the canary's among them.
      for (const event of ['-subscriber', 'subscribersReady']) sub.on(event, () => this.doubt());
    } else {
      sub.on('close', () => this.lost());
      sub.on('ready', () => void this.subscribe());
    }
    this.timer = setInterval(() => this.beat(), CANARY_BEAT_MS);
    const heard = new Promise<void>((resolve) => {
      this.firstHeard = resolve;
    });
    void this.subscribe();
    let tooLong: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => {
      tooLong = setTimeout(resolve, withinMs);
    });
    await Promise.race([heard, waited]);
    clearTimeout(tooLong);
  }

  stop(): void {
    this.isStopped = true;
    clearInterval(this.timer);
  }

  private lane(shards: readonly number[]): Lane {
    const { keys, processId, pub, sub, onGap, onDeaf } = this.options;
    const channel = keys.canaryChannel(shards[0] ?? 0, processId);
    const watch = new CanaryWatch({
      now: () => performance.now(),
      send: (canary) => pub.spublish(channel, String(canary)),
      // Asks for nothing new. A Cluster's client would remember the channel once more each time.
      ...(sub instanceof Cluster ? {} : { ask: () => sub.ssubscribe(channel) }),
      onGap: () => this.isStopped || onGap(shards),
      reconnect: () => {
        if (this.isStopped) return;
        onDeaf(shards);
        sub.disconnect(true);
      },
    });
    return { channel, shards, watch };
  }

  private beat(): void {
    for (const { watch } of this.lanes.values()) watch.beat();
  }

  private readonly receive = (channel: Buffer, message: Buffer): void => {
    if (message.length > MAX_CANARY_BYTES) return;
    this.lanes.get(channel.toString())?.watch.heard(Number(message.toString()));
    if ([...this.lanes.values()].every(({ watch }) => watch.isHeard)) this.firstHeard();
  };

  private lost(): void {
    this.losses++;
    for (const { watch } of this.lanes.values()) watch.lost();
  }

  private doubt(): void {
    for (const { watch } of this.lanes.values()) {
      watch.lost();
      watch.restored();
    }
  }

  /**
   * Subscribes the canaries, behind all other channels: a connection that was made anew subscribes them again one after
   * the other before it says that it is ready, so that the last confirmation is the confirmation of all.
   */
  private async subscribe(): Promise<void> {
    const losses = this.losses;
    await Promise.all([...this.lanes.values()].map((lane) => this.subscribeLane(lane, losses)));
  }

  private async subscribeLane({ channel, watch }: Lane, losses: number): Promise<void> {
    while (!this.isStopped && losses === this.losses) {
      try {
        await this.options.sub.ssubscribe(channel);
        if (losses === this.losses) watch.restored();
        return;
      } catch (error) {
        if (this.isStopped) return;
        this.options.onError(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

import { closeRedis } from './redis.connection.js';
import type { KeySpace } from './room.keys.js';
import type { RedisClient, ScriptRunner } from './script.definition.js';
import { fairShare } from './shard.share.js';
import { beatScript } from './store.scripts.js';

/** How often a scheduler says that it is alive and looks who else is (ms). */
const BEAT_MS = 200;

/**
 * How long a scheduler lives without a beat (ms). Shorter than a lease: when the shards of a killed one become free, the
 * others already know that their shares have grown.
 */
const LIFETIME_MS = 1_000;

/**
 * Without a look for so long (ms), a scheduler that still holds shards counts nobody but itself: in a Cluster the master of
 * the roster is away and others are not, and who of the others died meanwhile is not to be known.
 */
const BLIND_AFTER_MS = 2_000;

/** A start waits so long (ms) until the others' releases are heard; without them a shard is found by looking. */
const LISTEN_WITHIN_MS = 1_000;

export interface SchedulerRosterOptions {
  readonly ownerId: string;
  /** Opens a connection for subscribing. */
  readonly openSubscriber: () => RedisClient;
  readonly onError: (error: unknown) => void;
  /** The own share may have changed. */
  readonly changed: () => void;
  /** Whether this scheduler holds a shard now, so that Redis answers somewhere. */
  readonly holdsAny: () => boolean;
  /** Another scheduler has given the shard back. */
  readonly released: (shard: number) => void;
}

/** Who shares the shards: all schedulers that beat. Nothing rests on it but fairness; leases decide who owns a shard. */
export class SchedulerRoster {
  private living: string[] = [];
  private lookedAt = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private subscriber: RedisClient | undefined;
  private listening: Promise<unknown> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: KeySpace,
    private readonly options: SchedulerRosterOptions,
  ) {}

  /** How many shards this scheduler should hold. */
  get share(): number {
    const isBlind = performance.now() - this.lookedAt > BLIND_AFTER_MS && this.options.holdsAny();
    return fairShare(this.options.ownerId, isBlind ? [] : this.living, this.keys.shards);
  }

  /** Whether the others know of this scheduler, and it of them. */
  get isSeen(): boolean {
    return this.living.includes(this.options.ownerId) && performance.now() - this.lookedAt < BLIND_AFTER_MS;
  }

  /** Joins the others; the share is known afterwards, if Redis answers. */
  async start(): Promise<void> {
    this.subscriber = this.options.openSubscriber();
    this.subscriber.on('message', (_channel: string, shard: string) => void this.onReleased(Number(shard)));
    this.listening = this.subscriber.subscribe(this.keys.releasedShards).catch(this.options.onError);
    await this.beat();
  }

  /** Resolves when it hears what others give back, or will not soon: a standby that takes over at once, or by looking. */
  async whenListening(): Promise<void> {
    let tooLong: NodeJS.Timeout | undefined;
    const waited = new Promise((resolve) => {
      tooLong = setTimeout(resolve, LISTEN_WITHIN_MS);
    });
    await Promise.race([this.listening, waited]);
    clearTimeout(tooLong);
  }

  /** Leaves the others, so that their shares grow at once. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await Promise.allSettled([
      this.scripts.redis.zrem(this.keys.schedulers, this.options.ownerId),
      ...(this.subscriber === undefined ? [] : [closeRedis(this.subscriber)]),
    ]);
  }

  /** One that leaves also gives its shards back: the share has to be known before one is taken. */
  private async onReleased(shard: number): Promise<void> {
    await this.look();
    if (!this.isStopped) this.options.released(shard);
  }

  private async beat(): Promise<void> {
    await this.look();
    if (this.isStopped) return;
    this.options.changed();
    this.timer = setTimeout(() => void this.beat(), BEAT_MS);
  }

  private async look(): Promise<void> {
    // A look is a beat as well: one after the farewell would count this scheduler in for a lifetime, and leave its shards free.
    if (this.isStopped) return;
    const { schedulers } = this.keys;
    const { ownerId, onError } = this.options;
    try {
      this.living = await this.scripts.run(beatScript, { schedulers, ownerId, lifetimeMs: LIFETIME_MS });
      this.lookedAt = performance.now();
    } catch (error) {
      onError(error);
    }
  }
}

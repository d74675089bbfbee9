import { randomBytes } from 'node:crypto';
import type { RedisMetrics } from '#libs/ops';
import type {
  AnswerStore,
  ArrivalClock,
  DeliveryStore,
  MemberStore,
  OwnerStore,
  Ownership,
  PresenceStore,
  RateLimits,
  RoomStore,
  SharedRates,
} from '#libs/room';
import { GatewayHeartbeat } from './gateway.heartbeat.js';
import { CardWriter, type ProcessCard } from './process.card.js';
import { RedisAnswerStore } from './redis.answer.store.js';
import {
  type ConnectionOptions,
  type ConnectionUse,
  closeRedis,
  mastersOf,
  openReader,
  openRedis,
  whenReady,
} from './redis.connection.js';
import { RedisDeliveryStore } from './redis.delivery.store.js';
import { RedisLimits } from './redis.limits.js';
import { RedisMemberStore } from './redis.member.store.js';
import { RedisOwnership } from './redis.ownership.js';
import { RedisRoomStore } from './redis.room.store.js';
import { type ClockStep, RedisShardClock } from './redis.shard.clock.js';
import { KeySpace } from './room.keys.js';
import { type BroadcastObserver, RoomSubscriptions } from './room.subscriptions.js';
import { type RedisClient, ScriptRunner } from './script.definition.js';
import { checkRedis, StartupError } from './startup.checks.js';
import { SubscriptionCanary } from './subscription.canary.js';

export interface RedisBackendOptions {
  /** `redis://`, `rediss://`, `redis+sentinel://h1,h2/<master>` or `redis+cluster://h1,h2`. */
  readonly url: string;
  readonly prefix: string;
  readonly shards: number;
  /** How long a closed room's data is kept (ms). */
  readonly retentionMs: number;
  /** How many rooms the whole service holds at most; absent: no limit. */
  readonly maxRooms?: number;
  /** After this long (ms) an unanswered command counts as failed. */
  readonly timeoutMs: number;
  /** What kind of process this is; part of its id and of the connections' names. */
  readonly processName: string;
  /** Counts the steps of Redis' clock that this process corrected. */
  readonly onClockStep?: () => void;
  readonly metrics?: RedisMetrics;
  readonly logger?: { warn(details: object, message: string): void };
}

/** How long a start waits for Redis (ms). */
const START_WITHIN_MS = 10_000;
/** How long it waits for the first canaries (ms); without them it starts, but is not ready. */
const FIRST_CANARY_WITHIN_MS = 2_000;

const MS_PER_SECOND = 1_000;

/** How often errors of one kind are told (ms). */
const TELL_ERRORS_EVERY_MS = 5_000;

/** Everything that a process has of Redis: its connections and the adapters on them. */
export class RedisBackend {
  /** Random, so that no two processes, nor two lives of one, are taken for each other. */
  readonly processId: string;
  readonly store: RoomStore & OwnerStore;
  readonly members: MemberStore & PresenceStore;
  readonly answers: AnswerStore;
  readonly deliveries: DeliveryStore;
  readonly keys: KeySpace;
  readonly warnings: string[] = [];
  private readonly connections = new Set<RedisClient>();
  private readonly commands: RedisClient;
  private readonly scripts: ScriptRunner;
  private readonly shardClock: RedisShardClock;
  private owned: RedisOwnership | undefined;
  private subscriptions: RoomSubscriptions | undefined;
  private heartbeat: GatewayHeartbeat | undefined;
  private card: CardWriter | undefined;
  private canary: SubscriptionCanary | undefined;
  private gapListener: (shards: readonly number[]) => void = () => {};

  private constructor(private readonly options: RedisBackendOptions) {
    this.processId = `${options.processName}-${randomBytes(6).toString('hex')}`;
    this.keys = new KeySpace(options.prefix, options.shards);
    this.commands = this.open('commands');
    this.scripts = new ScriptRunner(this.commands);
    this.store = new RedisRoomStore(this.commands, this.keys, {
      retentionMs: options.retentionMs,
      ...(options.maxRooms === undefined ? {} : { maxRooms: options.maxRooms }),
    });
    this.members = new RedisMemberStore(this.commands, this.keys, { gatewayId: this.processId });
    this.answers = new RedisAnswerStore(this.commands, this.keys, {
      retentionMs: options.retentionMs,
    });
    this.deliveries = new RedisDeliveryStore(this.commands, this.keys);
    const clockTrouble = this.onError('clock');
    this.shardClock = new RedisShardClock(this.scripts, this.keys, {
      onError: (error) => {
        options.metrics?.failedSamples.inc();
        clockTrouble(error);
      },
      answered: (roundTripMs) => options.metrics?.roundTrip.observe(roundTripMs / MS_PER_SECOND),
      stepped: (step) => this.correct(step),
      adopted: (step) => {
        options.metrics?.adoptedSteps.inc();
        options.logger?.warn(step, "Redis' clock has stepped, and nobody corrected it");
      },
    });
  }

  /**
   * Connects, checks Redis, and synchronises the clocks.
   *
   * @throws StartupError with every problem found
   */
  static async connect(options: RedisBackendOptions): Promise<RedisBackend> {
    const backend = RedisBackend.open(options);
    try {
      await checkRedis(backend.commands, backend.keys, START_WITHIN_MS, backend.warnings);
      await backend.shardClock.start();
      options.metrics?.observeClocks(() => backend.shardClock.readings());
      return backend;
    } catch (error) {
      await backend.close();
      throw error;
    }
  }

  private async correct(step: ClockStep): Promise<void> {
    if (!(await this.owned?.correctClock(step))) return;
    this.options.onClockStep?.();
    this.options.logger?.warn(step, "Redis' clock stepped; the jump was taken out of the shard's clock");
  }

  private static open(options: RedisBackendOptions): RedisBackend {
    try {
      return new RedisBackend(options);
    } catch (error) {
      throw new StartupError([(error as Error).message]);
    }
  }

  get clock(): ArrivalClock {
    return this.shardClock;
  }

  /** Limits that all gateways share. */
  limits(rates: SharedRates): RateLimits {
    return new RedisLimits(this.commands, this.keys, rates);
  }

  /** The ownership of shards for a scheduler; started and stopped by its caller. */
  ownership(): Ownership {
    const owned = new RedisOwnership(this.scripts, this.keys, {
      ownerId: this.processId,
      openReader: (key) =>
        this.remember(openReader(this.commands, key, this.connection('blocking'), this.onError('blocking'))),
      openSubscriber: () => this.open('subscriptions'),
      onError: this.onError('ownership'),
    });
    this.owned = owned;
    return owned;
  }

  /** The Socket.IO adapter of a gateway, and the confirmation of its subscriptions. */
  async socketAdapter({ observe }: { observe: BroadcastObserver }) {
    const sub = this.open('subscriptions');
    const pub = this.open('commands');
    await Promise.all([whenReady(sub, START_WITHIN_MS), whenReady(pub, START_WITHIN_MS)]);
    const subscriptions = new RoomSubscriptions(pub, sub, this.keys, this.onError('subscriptions'));
    this.subscriptions = subscriptions;
    const canary = new SubscriptionCanary({
      pub: this.commands,
      sub,
      keys: this.keys,
      processId: this.processId,
      onGap: (shards) => this.gapListener(shards),
      onDeaf: (shards) =>
        this.options.logger?.warn({ shards }, 'Nothing is heard of what is published: subscribing anew'),
      onError: this.onError('canary'),
    });
    this.canary = canary;
    this.options.metrics?.observeHearing(() => canary.isHeard);
    await canary.start(FIRST_CANARY_WITHIN_MS);
    return {
      adapter: subscriptions.adapter(observe),
      subscribed: (socketRoom: string) => subscriptions.confirmed(socketRoom),
      /** Resolves when everything that was published to the shard's rooms before now was delivered, or lost. */
      caughtUp: (shard: number) => canary.caughtUp(shard),
      /** Told of the shards whose broadcasts may have been missed, when they are heard again. */
      onGap: (listener: (shards: readonly number[]) => void) => {
        this.gapListener = listener;
      },
    };
  }

  /**
   * The connection of all commands, which fails fast, and a way to open one that blocks and retries for ever, for a queue of
   * another library. Both are closed with this.
   */
  get queueConnections(): { readonly commands: RedisClient; readonly openBlocking: () => RedisClient } {
    return { commands: this.commands, openBlocking: () => this.open('blocking') };
  }

  /** From now on this gateway counts as alive, and its members as connected. */
  async startHeartbeat(): Promise<void> {
    this.heartbeat = new GatewayHeartbeat(this.scripts, this.keys, this.processId, this.onError('heartbeat'));
    await this.heartbeat.start();
  }

  /** Tells operators who this process is, as long as it lives. */
  async introduce(card: ProcessCard): Promise<void> {
    this.card = new CardWriter(this.commands, this.keys, this.processId, card, this.onError('card'));
    await this.card.start();
  }

  /** False while all broadcasts may be missed: the subscribing connection is lost or silent. Of a Cluster as `ready`. */
  get isHearing(): boolean {
    return this.canary?.isHeard ?? true;
  }

  /** What of Redis every process needs, by name: the checks of its readiness. */
  async checks(): Promise<{ redis: boolean; clock: boolean }> {
    return { redis: await this.ready(), clock: this.shardClock.isSynchronised };
  }

  /** Whether this scheduler owns shards, or could: it is known to the others and asks for what is free. */
  get isOwningOrStandby(): boolean {
    return this.owned?.isOwningOrStandby ?? false;
  }

  /** True when Redis answers now; of a Cluster any master, since the rooms of the others do not suffer with one. */
  async ready(): Promise<boolean> {
    try {
      await Promise.any(mastersOf(this.commands).map((master) => master.ping()));
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    this.shardClock.stop();
    this.subscriptions?.close();
    this.canary?.stop();
    this.heartbeat?.stop();
    this.card?.stop();
    await Promise.all([...this.connections].map(closeRedis));
  }

  private open(use: ConnectionUse): RedisClient {
    return this.remember(openRedis(use, this.connection(use), this.onError(use)));
  }

  private connection(use: ConnectionUse): ConnectionOptions {
    const { url, timeoutMs, processName } = this.options;
    return { url, timeoutMs, name: `quizbell-${processName}-${use}` };
  }

  private remember(client: RedisClient): RedisClient {
    this.connections.add(client);
    client.once('end', () => this.connections.delete(client));
    return client;
  }

  /** An outage gives many errors of one kind: one is told, and how many came since. */
  private onError(what: string): (error: unknown) => void {
    let toldAt = Number.NEGATIVE_INFINITY;
    let untold = 0;
    return (error) => {
      if (performance.now() - toldAt < TELL_ERRORS_EVERY_MS) {
        untold += 1;
        return;
      }
      const { message } = error as Error;
      this.options.logger?.warn({ error: message, moreSince: untold }, `Redis trouble (${what})`);
      toldAt = performance.now();
      untold = 0;
    };
  }
}

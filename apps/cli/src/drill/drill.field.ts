import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { KeySpace } from '#libs/redis-store';
import { shardOfRoom } from '#libs/room';
import { createRoom } from '../demo/rest.client.js';
import { ServerClock } from '../demo/server.clock.js';
import { AnswerChecker, type AnswerListener } from './answer.checker.js';
import { BusyRoom, type LoadShape } from './busy.room.js';
import type { Told } from './client.record.js';
import { type ClusterShape, DRILL_PREFIX, DRILL_SHARDS, DrillCluster } from './drill.cluster.js';
import { OutcomeReader } from './outcome.reader.js';
import type { ProcessLog } from './process.log.js';
import { type CheckerListener, PromiseChecker } from './promise.checker.js';
import { RedisAuditor } from './redis.auditor.js';
import { RoomFollower } from './room.follower.js';
import { seededRandom } from './seeded.random.js';
import { instantOf, readLeases, type ShardLease } from './shard.owners.js';
import { TakeoverWatch } from './takeover.watch.js';

export interface FieldOptions {
  readonly seed: number;
  readonly rooms: number;
  readonly shape: ClusterShape;
  readonly load: LoadShape;
  readonly log: ProcessLog;
  readonly listener: CheckerListener & AnswerListener;
  /** Nothing is broken only because the machine stood still for a second. */
  readonly isPatient: boolean;
  /** For a room's player, another way to the gateways: the self-test puts its proxies there. */
  readonly playerUrls?: (room: number, urls: readonly string[]) => Promise<readonly string[]>;
}

const SAMPLE_MS = 200;
const FIRST_SAMPLES = 8;
const AUDIT_MS = 500;
const READ_OUTCOMES_MS = 250;
const POLL_MS = 20;
const JOINS_AT_ONCE = 10;
const TAKEOVER_GIVE_UP_MS = 10_000;
/** A room that has been open for so long has had a tick in so long, whatever its interval of 500 ms. */
const TICK_SILENCE_MS = 1_200;

/** A machine that others use stands still for a second now and then, and then has to catch up (ms). */
const STANDS_STILL_MS = 2_000;
/** By default a Redis that is silent for a second counts as away, and a player that comes back is not told of its answer. */
const PATIENT_ENV = { QUIZBELL_REDIS_TIMEOUT_MS: '3000' };
/** The drill's own look at Redis (ms). */
const LOOK_WITHIN_MS = 3_000;

/** What only owners publish, as long as no command comes to a room whose instant has passed. */
const OWNERS_EVENTS = new Set(['question:tick', 'question:opened', 'question:closed']);

/** The cluster under load, and everybody who watches it. */
export class DrillField {
  readonly cluster: DrillCluster;
  readonly clock = new ServerClock();
  readonly checker: PromiseChecker;
  readonly answers: AnswerChecker;
  readonly keys = new KeySpace(DRILL_PREFIX, DRILL_SHARDS);
  readonly rooms: BusyRoom[] = [];
  /** No fault is on, so what is not as it should be now is an effect that stays. */
  isCalm = true;
  private link: { redis: Redis; follower: RoomFollower; auditor: RedisAuditor } | undefined;
  private reader: OutcomeReader | undefined;
  private watch: TakeoverWatch | undefined;
  private plays: Promise<void>[] = [];
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(private readonly options: FieldOptions) {
    this.cluster = new DrillCluster(options.log);
    this.answers = new AnswerChecker(options.listener);
    this.checker = new PromiseChecker(
      options.listener,
      (at) => this.link === undefined || this.link.follower.isBlindAt(at),
      options.isPatient ? STANDS_STILL_MS : 0,
    );
  }

  /** The drill's own connection. */
  get redis(): Redis {
    return this.connected.redis;
  }

  /** The server's instant now. */
  now(): number {
    return this.clock.at(performance.now());
  }

  /** @throws CannotRun if something does not start; `stop` is to be called all the same */
  async start(signal: AbortSignal): Promise<void> {
    setMaxListeners(0, signal); // each room waits with it
    const { shape, isPatient } = this.options;
    await this.cluster.start(isPatient ? { ...shape, env: PATIENT_ENV } : shape);
    signal.throwIfAborted();
    this.connect(this.cluster.redis.url);
    for (let taken = 0; taken < FIRST_SAMPLES; taken += 1) await this.sampleClock();
    this.every(SAMPLE_MS, () => this.sampleClock());
    const tokens = new Map<string, string>();
    this.reader = new OutcomeReader(this.cluster.urls, this.answers, (roomId) => tokens.get(roomId) ?? '');
    await this.openRooms(signal);
    for (const { room } of this.rooms) tokens.set(room.roomId, room.hostToken);
    await this.connected.follower.follow(this.rooms.map(({ room }) => room.roomId));
    this.plays = this.rooms.map((room) => room.play(signal));
    this.every(AUDIT_MS, () => this.audit());
    const { reader } = this;
    if (reader) this.every(READ_OUTCOMES_MS, () => reader.readDue(() => this.now()));
  }

  /** Looks at the records of runs that are past their deadline, unless a fault is on. */
  async audit(): Promise<void> {
    if (this.isCalm) await this.connected.auditor.lookAtRuns(this.now());
  }

  /** Why the cluster is not at work as it should be; `undefined` if it is. */
  async trouble(): Promise<string | undefined> {
    const { follower, auditor } = this.connected;
    const dead = this.cluster.dead().map(({ name }) => name);
    if (dead.length > 0) return `${dead.join(' and ')} ended`;
    const away = this.clients.filter(({ member }) => !member.isJoined).length;
    if (away > 0) return `${away} clients are not connected`;
    if (!follower.isComplete) return 'Redis does not confirm the subscriptions';
    const { at, leases } = await readLeases(this.redis, this.keys);
    const living = new Set(this.cluster.schedulers.map(({ processId }) => processId));
    const ownerless = leases.filter(({ owner, until }) => !living.has(owner) || until <= at).length;
    if (ownerless > 0) return `${ownerless} shards have no owner`;
    const shares = [...living].map((id) => leases.filter(({ owner }) => owner === id).length);
    if (Math.max(...shares) - Math.min(...shares) > 1) return `the shards are shared ${shares.join(' to ')}`;
    const overdue = await auditor.overdue(at);
    if (overdue > 0) return `${overdue} instants are overdue in Redis`;
    const silent = this.silentRooms(at);
    return silent > 0 ? `${silent} rooms get no ticks` : undefined;
  }

  /**
   * Watches the shards of a process that is about to lose them (`undefined`: all shards, whoever owns them) until somebody
   * acts for each that has a live question. How long it took, at most 10 s; `undefined` if nobody had to.
   *
   * @param act what takes them away
   */
  async takeover(
    victim: { owner: string; shards: readonly number[] } | undefined,
    act: () => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const shards = victim?.shards ?? Array.from({ length: DRILL_SHARDS }, (_, shard) => shard);
    const watch = new TakeoverWatch(victim?.owner ?? '', shards, Math.floor(this.now()));
    this.watch = watch;
    const giveUpAt = performance.now() + TAKEOVER_GIVE_UP_MS;
    const acting = Promise.resolve(act());
    acting.catch(() => {}); // told below
    while (performance.now() < giveUpAt) {
      const seen = await readLeases(this.redis, this.keys).catch(() => undefined);
      if (seen) watch.sawLeases(seen.leases, seen.at);
      if (!watch.silentShards().some((shard) => this.needsOwner(shard))) break;
      await sleep(POLL_MS, undefined, { signal });
    }
    const isTaken = performance.now() < giveUpAt;
    await acting;
    return isTaken ? watch.takeoverMs() : TAKEOVER_GIVE_UP_MS;
  }

  /** Who holds which shards. */
  async leases(): Promise<ShardLease[]> {
    return (await readLeases(this.redis, this.keys)).leases;
  }

  get clients() {
    return this.rooms.flatMap((room) => room.clients);
  }

  /** No more questions; settles when the last ones are over, as far as their hosts know. */
  async finishQuestions(): Promise<void> {
    for (const room of this.rooms) room.finish();
    await Promise.all(this.plays);
  }

  /** Ends everything. Names the processes that did not end as they should. */
  async stop(): Promise<string[]> {
    for (const timer of this.timers) clearInterval(timer);
    for (const room of this.rooms) room.close();
    this.reader?.close();
    this.link?.follower.close();
    this.link?.redis.disconnect();
    return this.cluster.stop();
  }

  private get connected() {
    if (this.link === undefined) throw new Error('The drill was not started');
    return this.link;
  }

  private connect(url: string): void {
    const redis = new Redis(url, {
      connectionName: 'drill',
      enableOfflineQueue: true,
      commandTimeout: LOOK_WITHIN_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 50,
    });
    redis.on('error', () => {}); // a fault took Redis away: it comes back
    const follower = new RoomFollower(url, this.keys, {
      now: () => this.now(),
      onPublished: (event, told) => this.hearPublication(event, told),
    });
    this.link = { redis, follower, auditor: new RedisAuditor(redis, this.keys, this.checker) };
  }

  private hearPublication(event: string, told: Told): void {
    this.checker.published(event, told);
    const isOwners = OWNERS_EVENTS.has(event) && told.reason !== 'stopped';
    const shard = shardOfRoom(told.roomId, DRILL_SHARDS);
    if (isOwners && shard !== null) this.watch?.ticked(shard, told.serverNow);
  }

  private async openRooms(signal: AbortSignal): Promise<void> {
    const { rooms, seed, load, playerUrls } = this.options;
    const { urls } = this.cluster;
    const numbers = Array.from({ length: rooms }, (_, index) => index);
    for (let from = 0; from < rooms; from += JOINS_AT_ONCE) {
      signal.throwIfAborted();
      await Promise.all(
        numbers.slice(from, from + JOINS_AT_ONCE).map(async (number) => {
          const url = urls[number % urls.length] ?? '';
          const room = await createRoom(url, { apiKey: undefined }, {});
          const busy = new BusyRoom(room, {
            number,
            urls,
            ...(playerUrls === undefined ? {} : { playerUrls: await playerUrls(number, urls) }),
            checker: this.checker,
            answers: this.answers,
            clock: this.clock,
            random: seededRandom(seed, 'room', number),
            answerRandom: seededRandom(seed, 'answers', number),
            load,
          });
          this.rooms[number] = busy; // by number: the joins end in any order
          await busy.join();
        }),
      );
    }
  }

  /** Whether a room of the shard waits for its owner: for a tick, an opening or a closing. */
  private needsOwner(shard: number): boolean {
    return [...this.checker.rooms.values()].some(
      (room) => shardOfRoom(room.roomId, DRILL_SHARDS) === shard && room.hasLiveRun,
    );
  }

  private silentRooms(now: number): number {
    return [...this.checker.rooms.values()].filter(
      (room) =>
        room.isOpenAt(now, TICK_SILENCE_MS) &&
        room.clients.some(
          ({ wantsTicks, lastHeardAt = 0 }) => wantsTicks && lastHeardAt < now - TICK_SILENCE_MS,
        ),
    ).length;
  }

  private async sampleClock(): Promise<void> {
    const sentAt = performance.now();
    const serverNow = instantOf(await this.redis.time());
    this.clock.add({ sentAt, serverNow, receivedAt: performance.now() });
  }

  /** Again and again, never twice at once; what Redis does not answer is asked the next time. */
  private every(ms: number, act: () => Promise<void>): void {
    let isBusy = false;
    this.timers.push(
      setInterval(() => {
        if (isBusy) return;
        isBusy = true;
        act()
          .catch(() => {})
          .finally(() => {
            isBusy = false;
          });
      }, ms),
    );
  }
}

import {
  advance,
  type Command,
  type DurationMs,
  decide,
  durationMs,
  type EpochMs,
  epochMs,
  newRoom,
  nextVersion,
  notAfterAt,
  type RoomCloseReason,
  type RoomState,
  type Snapshot,
  snapshotOf,
  type Version,
} from '#libs/timer-core';
import type { RoomSettings } from './member.ports.js';
import { newRoomId, pinOutside, shardOfPin, shardOfRoom } from './room.id.js';
import {
  type IdSource,
  type LoadedRoom,
  type RoomStore,
  type ShardClock,
  StoreUnavailableError,
} from './room.ports.js';
import { guarded, notFound, putOut, type RoomRefusal, refuse, unavailable } from './room.refusal.js';

/** A decision holds for at most this long after the state was read, so that a command that its client gave up never lands. */
export const DECISION_HOLDS_MS = 1_000;

/** Begins the name under which an API key gives commands; no member's id begins so. */
export const API_ACTOR_PREFIX = 'api:';

/** Commands are refused with `unavailable` when a shard has had no owner for this long. */
export const OWNERLESS_AFTER_MS = 3_000;

/**
 * An instant of the store that is this far off the estimated clock (ms) is a step of the store's clock. The estimate is
 * exact to a round trip, and steps that are smaller than this are not corrected.
 */
const CLOCK_DOUBT_MS = 100;

/** How often a command is decided anew when others were faster; then the client is told `conflict`. */
export const MAX_COMMIT_ATTEMPTS = 8;

/** A six-digit PIN is tried this often before a new room gives up. */
const MAX_PIN_ATTEMPTS = 20;

/** Rooms end when they are idle: a full service has room again soon. */
const FULL_RETRY_AFTER_MS = durationMs(60_000);

const serviceFull = () =>
  refuse('rate_limited', 'This service holds as many rooms as it may (QUIZBELL_MAX_ROOMS).', {
    retryAfterMs: FULL_RETRY_AFTER_MS,
  });

/** A room as told at `snapshot.serverNow`; `content` is JSON text. */
export interface RoomView {
  readonly kind: 'room';
  readonly state: RoomState;
  readonly snapshot: Snapshot;
  readonly content: string | null;
}

/** How a room ended, as read at `serverNow`. */
export interface RoomEnd {
  readonly kind: 'ended';
  /** Of `room:closed`: the room's last. */
  readonly version: Version;
  readonly reason: RoomCloseReason;
  readonly serverNow: EpochMs;
}

export interface CommandDone {
  readonly kind: 'done';
  readonly repeated: boolean;
  readonly snapshot: Snapshot;
  readonly content: string | null;
}

/** What a start carries besides its clock: JSON texts, opaque to the service. */
export interface StartExtras {
  readonly content?: string;
  readonly correct?: string;
}

export interface RoomServiceOptions {
  /** For rooms whose settings do not say. */
  readonly idleMs: DurationMs;
}

/** The use cases of a room: load, decide, commit. Holds no state of any room. */
export class RoomService {
  constructor(
    private readonly store: RoomStore,
    private readonly clock: ShardClock,
    private readonly ids: IdSource,
    private readonly options: RoomServiceOptions,
  ) {}

  async createRoom(
    settings: RoomSettings,
  ): Promise<{ kind: 'created'; roomId: string; pin: string } | RoomRefusal> {
    return guarded(async () => {
      const idleMs = (settings.idleMs ?? this.options.idleMs) as DurationMs;
      const full = new Set<number>();
      for (let taken = 0; taken < MAX_PIN_ATTEMPTS && full.size < this.store.shards; ) {
        const pin = pinOutside(full, this.ids.pin(), this.store.shards);
        const shard = shardOfPin(pin, this.store.shards);
        const roomId = newRoomId(this.ids, shard);
        const state = newRoom({ roomId, pin, idleMs, now: this.clock.now(shard) });
        const result = await this.store.create({ state, settings });
        if (result === 'created') return { kind: 'created', roomId, pin };
        if (result === 'full') full.add(shard);
        else taken += 1;
      }
      if (full.size === this.store.shards) return serviceFull();
      return refuse('conflict', 'No free PIN was found.');
    });
  }

  /**
   * Makes sure that a room of this id is there: one that is over is made anew, under a higher version. Its PIN is its id, so
   * nobody joins it by a PIN. `conflict` while its idle end has come and is not committed.
   */
  async openRoom(roomId: string, settings: RoomSettings): Promise<{ kind: 'open' } | RoomRefusal> {
    return guarded(async () => {
      const shard = this.shardOf(roomId);
      if (shard === null) return notFound();
      const earlier = await this.loadExisting(roomId);
      if (earlier !== null && earlier.state.closed === null) {
        const { state } = advance(earlier.state, earlier.now, await this.occupiedAt(earlier));
        return state.closed === null ? { kind: 'open' } : refuse('conflict', 'This room is just ending.');
      }
      const now = earlier?.now ?? this.clock.now(shard);
      const idleMs = (settings.idleMs ?? this.options.idleMs) as DurationMs;
      const made = newRoom({ roomId, pin: roomId, idleMs, now });
      const version = earlier === null ? made.version : nextVersion(earlier.state.version, now);
      const state = { ...made, version };
      const result = await this.store.create({ state, settings, mayReplaceEnded: true });
      // Taken: somebody else was faster, which is as good.
      return result === 'full' ? serviceFull() : { kind: 'open' };
    });
  }

  /** The room of a PIN. */
  async findByPin(pin: string): Promise<{ kind: 'found'; roomId: string } | RoomRefusal> {
    return guarded(async () => {
      const roomId = await this.store.findByPin(pin);
      return roomId === null ? notFound() : { kind: 'found', roomId };
    });
  }

  /** The room advanced to now; a closed one is not found. */
  async view(roomId: string): Promise<RoomView | RoomRefusal> {
    return guarded(async () => {
      const loaded = await this.loadExisting(roomId);
      if (loaded === null) return notFound();
      const { state } = advance(loaded.state, loaded.now, await this.occupiedAt(loaded));
      if (state.closed !== null) return notFound();
      return { kind: 'room', state, snapshot: snapshotOf(state, loaded.now), content: loaded.content };
    });
  }

  /**
   * The room as its connected members have to be told it, also when it is over; not found when nobody remembers it.
   */
  async present(roomId: string): Promise<RoomView | RoomEnd | RoomRefusal> {
    return guarded(async () => {
      const loaded = await this.loadExisting(roomId);
      if (loaded === null) return notFound();
      const { now, content } = loaded;
      // They are here: only a commit ends the room under them.
      const { state } = advance(loaded.state, now, now);
      if (state.closed === null) return { kind: 'room', state, snapshot: snapshotOf(state, now), content };
      return { kind: 'ended', version: state.version, reason: state.closed.reason, serverNow: now };
    });
  }

  /**
   * Decides and commits a host's command; decides anew while others are faster. `forbidden` for a member who was removed:
   * the gateway that has the connection may not have heard of it.
   */
  async command(
    roomId: string,
    command: Command,
    extras: StartExtras = {},
  ): Promise<CommandDone | RoomRefusal> {
    return guarded(async () => {
      // Asked at the same time: a command takes no longer for it.
      const [existing, isRemoved] = await Promise.all([
        this.loadExisting(roomId),
        this.isRemoved(roomId, command.actor),
      ]);
      let loaded = existing;
      if (loaded !== null && isRemoved) return putOut();
      const shard = this.shardOf(roomId) ?? 0;
      for (let attempt = 0; attempt < MAX_COMMIT_ATTEMPTS; attempt++) {
        if (loaded === null) return notFound();
        if (loaded.now - loaded.ownedUntilAt > OWNERLESS_AFTER_MS) {
          return unavailable('No scheduler has owned this room for a while.');
        }
        const decision = decide(loaded.state, command, loaded.now, await this.occupiedAt(loaded));
        switch (decision.kind) {
          case 'refused':
            return decision;
          case 'repeated':
          case 'unchanged':
            return {
              kind: 'done',
              repeated: decision.kind === 'repeated',
              snapshot: snapshotOf(decision.state, loaded.now),
              content: loaded.content,
            };
          case 'change':
            break;
          default:
            return decision satisfies never;
        }
        const content = command.type === 'question:start' ? (extras.content ?? null) : undefined;
        const askedAt = this.clock.now(shard);
        const result = await this.store.commit({
          change: decision,
          expected: loaded.state.version,
          notAfterAt: notAfterAt(
            advance(loaded.state, loaded.now, loaded.now).state,
            decision.state,
            loaded.now,
            DECISION_HOLDS_MS,
          ),
          ...(content === undefined ? {} : { content }),
          ...(extras.correct === undefined ? {} : { correct: extras.correct }),
        });
        if (result.committed) {
          return {
            kind: 'done',
            repeated: false,
            snapshot: snapshotOf(decision.state, result.now),
            content: content === undefined ? loaded.content : content,
          };
        }
        loaded = result.current;
        this.trustInstant(shard, askedAt, loaded);
      }
      return refuse('conflict', 'Others changed this room at the same time.');
    });
  }

  /** Whether this member was put out of the room; a room that is over is remembered, too. */
  async removal(
    roomId: string,
    playerId: string,
  ): Promise<{ readonly kind: 'removal'; readonly isRemoved: boolean } | RoomRefusal> {
    return guarded(async () => ({ kind: 'removal', isRemoved: await this.isRemoved(roomId, playerId) }));
  }

  private async isRemoved(roomId: string, actor: string): Promise<boolean> {
    if (this.shardOf(roomId) === null || actor.startsWith(API_ACTOR_PREFIX)) return false;
    return this.store.isRemoved(roomId, actor);
  }

  private shardOf(roomId: string): number | null {
    return shardOfRoom(roomId, this.store.shards);
  }

  private async loadExisting(roomId: string): Promise<LoadedRoom | null> {
    const shard = this.shardOf(roomId);
    if (shard === null) return null;
    const askedAt = this.clock.now(shard);
    const loaded = await this.store.load(roomId);
    this.trustInstant(shard, askedAt, loaded);
    return loaded;
  }

  /**
   * The store's instant has to lie between asking and being answered on the estimated clock. If it does not, the store's
   * clock has stepped and its correction is under way: a decision now might close a question early.
   *
   * @throws StoreUnavailableError then
   */
  private trustInstant(shard: number, askedAt: EpochMs, loaded: LoadedRoom | null): void {
    if (loaded === null) return;
    const tooEarly = askedAt - loaded.now > CLOCK_DOUBT_MS;
    const tooLate = loaded.now - this.clock.now(shard) > CLOCK_DOUBT_MS;
    if (tooEarly || tooLate) throw new StoreUnavailableError('the clock is being corrected');
  }

  /** Who is connected only matters to a room that would end as idle otherwise. */
  private async occupiedAt({ state, now }: LoadedRoom): Promise<EpochMs> {
    const unattended = advance(state, now, epochMs(0)).state;
    if (unattended.closed === null || state.closed !== null) return epochMs(0);
    return this.store.occupiedAt(state.roomId);
  }
}

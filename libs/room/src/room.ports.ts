import type { Change, EpochMs, RoomState, RunId, Version } from '#libs/timer-core';
import type { RoomSettings } from './member.ports.js';

/** Who hears a broadcast: all members, those that want ticks, hosts and screens, or one player. */
export type Audience = 'room' | 'ticks' | 'staff' | 'player';

/** A room as it was at the instant `now`. */
export interface LoadedRoom {
  readonly state: RoomState;
  /** The current question's content as JSON text; null when there is none, and in what `OwnerStore` reads. */
  readonly content: string | null;
  /** The instant of reading, on the shard's clock. */
  readonly now: EpochMs;
  /** Until when the shard's last owner holds or held its lease; 0 when it never had one. */
  readonly ownedUntilAt: EpochMs;
}

/** One decision, to be written and published as one. */
export interface CommitRequest {
  readonly change: Change;
  /** The version that the decision was made on. */
  readonly expected: Version;
  /** The commit is refused at or after this instant. */
  readonly notAfterAt: EpochMs;
  /** JSON text of the question's content; null removes it, undefined leaves it as it is. */
  readonly content?: string | null;
  /** JSON text of the right answer, kept with the run that this change starts. */
  readonly correct?: string;
}

export type CommitResult =
  | { readonly committed: true; readonly now: EpochMs }
  /** Another version, outside the window, or the lease is not the caller's: nothing was written or published. */
  | {
      readonly committed: false;
      readonly why: 'version' | 'window' | 'fence' | 'gone';
      readonly now: EpochMs;
      /** The room as it is; null when it is gone. */
      readonly current: LoadedRoom | null;
    };

/** `taken`: the PIN or the id is; `full`: the room's shard holds as many rooms as it may. */
export type CreateResult = 'created' | 'taken' | 'full';

export interface NewRoom {
  readonly state: RoomState;
  readonly settings: RoomSettings;
  /** A room of the same id and PIN that is over makes way, and nothing of it is kept. Absent: id and PIN must be free. */
  readonly mayReplaceEnded?: true;
}

/**
 * Where rooms live. Every method is atomic by itself and takes its instant from the one clock of the room's shard.
 *
 * @throws StoreUnavailableError when the store did not answer in time: then it is unknown whether a write was done
 */
export interface RoomStore {
  /** The number of shards; a PIN's shard is its number modulo this, a room id begins with it. */
  readonly shards: number;

  /** Claims the PIN and creates the room, or does nothing. */
  create(room: NewRoom): Promise<CreateResult>;

  /** The room that holds the PIN, or null; a closed room still holds it for a day. */
  findByPin(pin: string): Promise<string | null>;

  /** The room, or null when it does not exist or its retention time is over. Not advanced. */
  load(roomId: string): Promise<LoadedRoom | null>;

  /**
   * Compares version and window, then writes state and due instants, appends the change and publishes the events, in
   * that order and as one. Events of one room reach every member in the order of their commits, at most once.
   */
  commit(request: CommitRequest): Promise<CommitResult>;

  /** Whether this member was put out of the room (see `MemberStore.remove`). */
  isRemoved(roomId: string, playerId: string): Promise<boolean>;

  /** The instant at which somebody was last known to be connected: now when somebody is, 0 when nobody ever was. */
  occupiedAt(roomId: string): Promise<EpochMs>;

  /** The Socket.IO room that an audience of a room is in. */
  channel(audience: Audience, roomId: string, playerId?: string): string;
}

/** Proof of owning a shard: every script of an owner checks it. */
export interface Fence {
  readonly shard: number;
  readonly epoch: number;
  readonly ownerId: string;
}

/** One entry of a shard's due instants: a room, or a run to settle. */
export interface DueEntry {
  readonly roomId: string;
  /** The run to settle; null when the room itself is due. */
  readonly runId: RunId | null;
  readonly at: EpochMs;
}

/** A tick that was planned on a state. */
export interface PlannedTick {
  readonly state: RoomState;
}

export interface DueNow {
  readonly now: EpochMs;
  readonly entries: DueEntry[];
  /** Stands for all changes of the shard so far; see `Ownership.heard`. */
  readonly changes: string;
}

/** One run of a room. */
export interface RunOfRoom {
  readonly roomId: string;
  readonly runId: RunId;
}

/** What only the owner of a shard does. A stale owner's calls write and publish nothing. */
export interface OwnerStore {
  /** Everything that is due now, earliest first, at most `limit`. */
  due(fence: Fence, limit: number): Promise<DueNow | 'fenced'>;

  /** The ids of all rooms of the shard that are not over. */
  roomIds(shard: number): Promise<string[]>;

  /** Remembers the run of the store (see `OwnershipListener.granted`), for the shard's later owners. */
  confirmRun(fence: Fence, storeRun: string): Promise<void>;

  /** Every due instant of the shard, passed and future: what an owner rebuilds its queue from. */
  schedule(shard: number): Promise<DueEntry[]>;

  /** When these rooms are due, by the schedule; null for one that never is, or that it does not know. */
  dueInstants(shard: number, roomIds: readonly string[]): Promise<(EpochMs | null)[]>;

  /**
   * Many rooms of one shard, without their content, which no owner needs. Null for a room that is gone, and for one whose
   * state this release cannot read: it must not keep an owner from the others.
   */
  loadMany(shard: number, roomIds: readonly string[]): Promise<(LoadedRoom | null)[]>;

  /**
   * Does ahead of time what a commit needs and its request alone determines, so that `commitMany` of the same object is
   * only sent. Writes nothing and is no promise: version, window and fence are compared by `commitMany`.
   */
  prepare(fence: Fence, request: CommitRequest): void;

  /**
   * As `RoomStore.commit`, for many rooms of the shard in one call; each stands or falls by itself. No change is appended:
   * the owner learns of it by the answer, and is the only one who follows the changes.
   */
  commitMany(fence: Fence, requests: readonly CommitRequest[]): Promise<CommitResult[]>;

  /**
   * Publishes a tick for each room whose version is still the planned one and whose deadline has not come; volatile, at
   * most once. For the others it answers with the room as it is, without content.
   */
  tickMany(fence: Fence, ticks: readonly PlannedTick[]): Promise<TickResult[]>;

  /**
   * Fixes the outcomes of runs of the shard for good, each once, not before its `settlesAt`. Of a room with a webhook only if
   * `isQueued`, that is, if the caller has told the `OutcomeSink` of the run; otherwise it does nothing and answers
   * `unqueued`.
   */
  settle(fence: Fence, runs: readonly RunOfRoom[], isQueued: boolean): Promise<SettleResult[]>;

  /** The instant at which somebody was last known to be connected; see `RoomStore`. */
  occupiedAt(roomId: string): Promise<EpochMs>;
}

export type SettleResult = 'settled' | 'already' | 'early' | 'unqueued' | 'fenced';

export type TickResult =
  | { readonly sent: true; readonly now: EpochMs }
  | { readonly sent: false; readonly why: 'version' | 'fence'; readonly current: LoadedRoom | null };

/** What happened to a shard before it was granted. */
export interface ShardPast {
  /** Until when somebody else owned it: what was due since then, nobody has done. 0 when nobody ever owned it. */
  readonly vacantSinceAt: EpochMs;
  /**
   * Set when the store was restarted, or replaced by a copy, since the last owner: it may have lost writes, so every room
   * is retold first, and then `OwnerStore.confirmRun` is called with this.
   */
  readonly storeRun?: string | undefined;
}

/** What an owner is told of its shards. Handlers do not throw. */
export interface OwnershipListener {
  /** The shard is ours from now on. */
  granted(fence: Fence, past: ShardPast): void;
  /** The shard is no longer ours: act for it no more. */
  revoked(shard: number): void;
  /**
   * The room has changed; may be repeated, or be lost. `version`, where it is known, is the one that it changed to: it
   * spares the owner from reading a room back that it changed itself.
   */
  changed(shard: number, roomId: string, version?: Version): void;
}

/** All of them; not all, some were lost; or it is not known, because one may be on its way. */
export type HeardChanges = 'all' | 'not-all' | 'unknown';

/** Takes shards, keeps them, follows their changes. At most one process acts for a shard. */
export interface Ownership {
  start(listener: OwnershipListener): Promise<void>;
  /** How many of the shard's changes that `DueNow.changes` stands for `changed` has told. */
  heard(shard: number, changes: string): HeardChanges;
  /** Gives every shard back at once. */
  stop(): Promise<void>;
}

/** Instants of the shards' clocks, without asking the store each time. */
export interface ShardClock {
  /** Now on the shard's clock; exact to the store's round trip. */
  now(shard: number): EpochMs;
}

/** Also tells when something came. */
export interface ArrivalClock extends ShardClock {
  /** The shard's time at an instant of `performance.now()`: milliseconds and parts of them, as exact as `now`. */
  at(shard: number, instantMs: number): number;
}

/** Random names. */
export interface IdSource {
  /** A PIN of six digits. */
  pin(): string;
  /** `length` random characters of `[a-z0-9]`. */
  token(length: number): string;
}

/** The store did not answer in time, or is away; whether a write was done is unknown. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

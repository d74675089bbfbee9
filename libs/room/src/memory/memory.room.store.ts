import {
  type DurationMs,
  type EpochMs,
  epochMs,
  nextAt,
  type RoomState,
  type RunId,
  type RunRecord,
  type Version,
} from '#libs/timer-core';
import { contentOf, type PublishedEvent, publishedEvent, publishedTick } from '../room.events.js';
import type {
  Audience,
  CommitRequest,
  CommitResult,
  DueEntry,
  Fence,
  LoadedRoom,
  MemberRecord,
  NewRoom,
  OwnerStore,
  PlannedTick,
  PlayerRecord,
  RoomInfo,
  RoomSettings,
  RoomStore,
  RosterEntry,
  TickResult,
} from '../room.ports.js';

/** A closed room's PIN is not given out again for a day. */
const PIN_RESERVED_MS = 86_400_000;

interface StoredRun {
  readonly record: RunRecord;
  readonly correct?: string;
  readonly settledAt?: EpochMs;
}

interface StoredRoom {
  /** As JSON text, so that nobody shares an object with the store. */
  state: string;
  content: string | null;
  readonly settings: RoomSettings;
  readonly players: Map<string, PlayerRecord>;
  readonly members: Map<string, MemberRecord>;
  readonly runs: Map<RunId, StoredRun>;
  seenAt: EpochMs;
  expiresAt: EpochMs | null;
}

export interface MemoryRoomStoreOptions {
  /** The clock of the only shard; monotonic. */
  readonly now: () => EpochMs;
  /** Hands an event to the members of a channel, in order. */
  readonly publish: (channel: string, event: PublishedEvent) => void;
  /** Told after each commit. */
  readonly changed: (roomId: string, version: Version) => void;
  readonly retentionMs: DurationMs;
  /** Owners other than this fence are refused; absent: everyone is let in. */
  readonly fence?: () => Fence;
}

/**
 * Rooms in this process's memory, for the embedded service and for tests. One shard. Every call yields before it reads,
 * so that decisions race as they do over a network.
 */
export class MemoryRoomStore implements RoomStore, OwnerStore {
  readonly shards = 1;
  private readonly rooms = new Map<string, StoredRoom>();
  private readonly pins = new Map<string, { roomId: string; reservedUntilAt: EpochMs | null }>();
  /** Due instants by entry name: `<roomId>` or `<roomId>/<runId>`. */
  private readonly dueAt = new Map<string, EpochMs>();

  constructor(private readonly options: MemoryRoomStoreOptions) {}

  async create({ state, settings }: NewRoom): Promise<boolean> {
    const now = await this.enterCall();
    this.forgetExpired(now);
    const held = this.pins.get(state.pin);
    if (held !== undefined || this.rooms.has(state.roomId)) return false;
    this.pins.set(state.pin, { roomId: state.roomId, reservedUntilAt: null });
    this.rooms.set(state.roomId, {
      state: JSON.stringify(state),
      content: null,
      settings,
      players: new Map(),
      members: new Map(),
      runs: new Map(),
      seenAt: epochMs(0),
      expiresAt: null,
    });
    this.plan(state.roomId, nextAt(state));
    this.options.changed(state.roomId, state.version);
    return true;
  }

  async findByPin(pin: string): Promise<string | null> {
    const now = await this.enterCall();
    const held = this.pins.get(pin);
    if (held === undefined || (held.reservedUntilAt !== null && held.reservedUntilAt <= now)) return null;
    return held.roomId;
  }

  async load(roomId: string): Promise<LoadedRoom | null> {
    await this.enterCall();
    return this.read(roomId);
  }

  async commit(request: CommitRequest): Promise<CommitResult> {
    await this.enterCall();
    return this.commitNow(request);
  }

  prepare(_fence: Fence, _request: CommitRequest): void {
    // Nothing is encoded here.
  }

  async commitMany(fence: Fence, requests: readonly CommitRequest[]): Promise<CommitResult[]> {
    await this.enterCall();
    if (this.isFenced(fence)) {
      return requests.map(() => ({ committed: false, why: 'fence', now: this.options.now(), current: null }));
    }
    return requests.map((request) => this.commitNow(request));
  }

  async occupiedAt(roomId: string): Promise<EpochMs> {
    const now = await this.enterCall();
    const room = this.kept(roomId);
    if (room === null) return epochMs(0);
    return room.members.size > 0 ? now : room.seenAt;
  }

  async info(roomId: string): Promise<RoomInfo | null> {
    await this.enterCall();
    const room = this.kept(roomId);
    return room === null ? null : { settings: room.settings, players: room.players.size };
  }

  async addPlayer(roomId: string, player: PlayerRecord, maxPlayers: number): Promise<'added' | 'full'> {
    await this.enterCall();
    const players = this.alive(roomId)?.players;
    if (players === undefined || players.has(player.playerId)) return 'added';
    if (players.size >= maxPlayers) return 'full';
    players.set(player.playerId, player);
    return 'added';
  }

  async enter(roomId: string, connection: string, member: MemberRecord): Promise<void> {
    await this.enterCall();
    this.alive(roomId)?.members.set(connection, member);
  }

  async leave(roomId: string, connection: string): Promise<void> {
    const now = await this.enterCall();
    const room = this.rooms.get(roomId);
    if (room?.members.delete(connection)) room.seenAt = now;
  }

  async roster(roomId: string): Promise<RosterEntry[]> {
    await this.enterCall();
    const room = this.kept(roomId);
    if (room === null) return [];
    return rosterOf(room.players.values(), room.members.values());
  }

  channel(audience: Audience, roomId: string, playerId = ''): string {
    return `${audience}:${roomId}${playerId}`;
  }

  async due(fence: Fence, limit: number): ReturnType<OwnerStore['due']> {
    const now = await this.enterCall();
    if (this.isFenced(fence)) return 'fenced';
    const passed = this.entries().filter((entry) => entry.at <= now);
    return { now, entries: passed.slice(0, limit) };
  }

  async roomIds(_shard: number): Promise<string[]> {
    await this.enterCall();
    return [...this.rooms.keys()].filter((roomId) => this.alive(roomId) !== null);
  }

  /** Memory is never restarted without the process. */
  async confirmRun(): Promise<void> {
    await this.enterCall();
  }

  async schedule(_shard: number): Promise<DueEntry[]> {
    await this.enterCall();
    return this.entries();
  }

  async loadMany(_shard: number, roomIds: readonly string[]): Promise<(LoadedRoom | null)[]> {
    await this.enterCall();
    return roomIds.map((roomId) => withoutContent(this.read(roomId)));
  }

  async tickMany(fence: Fence, ticks: readonly PlannedTick[]): Promise<TickResult[]> {
    const now = await this.enterCall();
    return ticks.map(({ state }) => {
      if (this.isFenced(fence)) return { sent: false, why: 'fence', current: null };
      const current = withoutContent(this.read(state.roomId));
      const endsAt = state.question?.phase === 'open' ? state.question.endsAt : 0;
      if (current?.state.version !== state.version || now >= endsAt)
        return { sent: false, why: 'version', current };
      this.options.publish(this.channel('ticks', state.roomId), publishedTick(state, now));
      return { sent: true, now };
    });
  }

  async settle(fence: Fence, roomId: string, runId: RunId): ReturnType<OwnerStore['settle']> {
    const now = await this.enterCall();
    if (this.isFenced(fence)) return 'fenced';
    const run = this.rooms.get(roomId)?.runs.get(runId);
    const settlesAt = run?.record.settlesAt;
    if (run === undefined || settlesAt == null || run.settledAt !== undefined) {
      this.dueAt.delete(`${roomId}/${runId}`);
      return 'already';
    }
    if (now < settlesAt) return 'early';
    this.rooms.get(roomId)?.runs.set(runId, { ...run, settledAt: now });
    this.dueAt.delete(`${roomId}/${runId}`);
    return 'settled';
  }

  /** The record of a run, for tests. */
  runOf(roomId: string, runId: RunId): StoredRun | undefined {
    return this.rooms.get(roomId)?.runs.get(runId);
  }

  private commitNow({ change, expected, notAfterAt, content, correct }: CommitRequest): CommitResult {
    const now = this.options.now();
    const { state } = change;
    const room = this.rooms.get(state.roomId);
    const current = this.read(state.roomId);
    if (room === undefined || current === null) return { committed: false, why: 'gone', now, current: null };
    if (current.state.version !== expected) return { committed: false, why: 'version', now, current };
    if (now < (change.notBeforeAt ?? 0) || now >= notAfterAt)
      return { committed: false, why: 'window', now, current };
    const contents = {
      none: null,
      before: room.content,
      after: content === undefined ? room.content : content,
    };
    room.state = JSON.stringify(state);
    room.content = contents.after;
    this.plan(state.roomId, nextAt(state));
    for (const record of change.runs) {
      const isCurrent = record.runId === state.question?.runId;
      const right = isCurrent && correct !== undefined ? { correct } : {};
      room.runs.set(record.runId, { ...room.runs.get(record.runId), record, ...right });
      this.plan(`${state.roomId}/${record.runId}`, record.settlesAt);
    }
    if (state.closed !== null) this.retire(state, room, now);
    for (const event of change.events) {
      const told = publishedEvent(event, now, contents[contentOf(event, change)]);
      this.options.publish(this.channel('room', state.roomId), told);
    }
    this.options.changed(state.roomId, state.version);
    return { committed: true, now };
  }

  private retire(state: RoomState, room: StoredRoom, now: EpochMs): void {
    room.expiresAt = epochMs(now + this.options.retentionMs);
    this.pins.set(state.pin, { roomId: state.roomId, reservedUntilAt: epochMs(now + PIN_RESERVED_MS) });
  }

  private read(roomId: string): LoadedRoom | null {
    const room = this.rooms.get(roomId);
    const now = this.options.now();
    if (room === undefined) return null;
    if (room.expiresAt !== null && room.expiresAt <= now) {
      this.rooms.delete(roomId);
      return null;
    }
    return { state: JSON.parse(room.state) as RoomState, content: room.content, now, ownedUntilAt: now };
  }

  /** The room, over or not, within its retention time. */
  private kept(roomId: string): StoredRoom | null {
    return this.read(roomId) === null ? null : (this.rooms.get(roomId) ?? null);
  }

  private alive(roomId: string): StoredRoom | null {
    const room = this.kept(roomId);
    return room?.expiresAt === null ? room : null;
  }

  /** A process that runs for months would fill its memory with rooms that are over. */
  private forgetExpired(now: EpochMs): void {
    for (const [roomId, { expiresAt }] of this.rooms) {
      if (expiresAt !== null && expiresAt <= now) this.rooms.delete(roomId);
    }
    for (const [pin, { reservedUntilAt }] of this.pins) {
      if (reservedUntilAt !== null && reservedUntilAt <= now) this.pins.delete(pin);
    }
  }

  private entries(): DueEntry[] {
    return [...this.dueAt]
      .map(([name, at]) => {
        const [roomId = '', runId] = name.split('/');
        return { roomId, runId: runId === undefined ? null : (Number(runId) as RunId), at };
      })
      .sort((a, b) => a.at - b.at);
  }

  private plan(name: string, at: EpochMs | null): void {
    if (at === null) this.dueAt.delete(name);
    else this.dueAt.set(name, at);
  }

  private isFenced(fence: Fence): boolean {
    const held = this.options.fence?.();
    return held !== undefined && (held.epoch !== fence.epoch || held.ownerId !== fence.ownerId);
  }

  private async enterCall(): Promise<EpochMs> {
    await Promise.resolve();
    return this.options.now();
  }
}

const withoutContent = (room: LoadedRoom | null): LoadedRoom | null => room && { ...room, content: null };

/** Players and connected members, each person once; a connected record wins. */
export function rosterOf(players: Iterable<PlayerRecord>, members: Iterable<MemberRecord>): RosterEntry[] {
  const roster = new Map<string, RosterEntry>();
  for (const { playerId, name } of players)
    roster.set(playerId, { playerId, name, role: 'player', connected: false });
  for (const member of members) roster.set(member.playerId, { ...member, connected: true });
  return [...roster.values()];
}

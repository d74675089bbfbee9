import {
  after,
  type DurationMs,
  type EpochMs,
  epochMs,
  nextAt,
  type RoomState,
  type RunId,
  type RunRecord,
  timelineOf,
  type Version,
} from '#libs/timer-core';
import { contentOf, type PublishedEvent, publishedEvent, publishedTick } from '../room.events.js';
import type {
  Audience,
  CommitRequest,
  CommitResult,
  CreateResult,
  DueEntry,
  Fence,
  LoadedRoom,
  NewRoom,
  OwnerStore,
  PlannedTick,
  RoomStore,
  RunOfRoom,
  SettleResult,
  TickResult,
} from '../room.ports.js';
import type { MemoryRooms, StoredRoom, StoredRun } from './memory.rooms.js';

/** A closed room's PIN is not given out again for a day. */
const PIN_RESERVED_MS = 86_400_000;

export interface MemoryRoomStoreOptions {
  readonly memory: MemoryRooms;
  /** Hands an event to the members of a channel, in order. */
  readonly publish: (channel: string, event: PublishedEvent) => void;
  /** Told after each commit. */
  readonly changed: (roomId: string, version: Version) => void;
  readonly retentionMs: DurationMs;
  /** How many rooms that are not over it holds at most; absent: no limit. */
  readonly maxRooms?: number;
  /** Owners other than this fence are refused; absent: everyone is let in. */
  readonly fence?: () => Fence;
}

/**
 * Rooms in this process's memory, for the embedded service and for tests. One shard. Every call yields before it reads,
 * so that decisions race as they do over a network.
 */
export class MemoryRoomStore implements RoomStore, OwnerStore {
  readonly shards = 1;
  /** How many were told so far. */
  private changes = 0;
  /** Rooms that are not over. */
  private live = 0;
  private readonly pins = new Map<string, { roomId: string; reservedUntilAt: EpochMs | null }>();
  /** Due instants by entry name: `<roomId>` or `<roomId>/<runId>`. */
  private readonly dueAt = new Map<string, EpochMs>();

  private readonly memory: MemoryRooms;
  private readonly rooms: MemoryRooms['rooms'];

  constructor(private readonly options: MemoryRoomStoreOptions) {
    this.memory = options.memory;
    this.rooms = options.memory.rooms;
  }

  async create({ state, settings, mayReplaceEnded }: NewRoom): Promise<CreateResult> {
    const now = await this.memory.enterCall();
    this.forgetExpired(now);
    const held = this.pins.get(state.pin);
    const isTaken = held !== undefined || this.rooms.has(state.roomId);
    const isOver =
      this.memory.alive(state.roomId) === null && (held === undefined || held.roomId === state.roomId);
    if (isTaken && !(mayReplaceEnded && isOver)) return 'taken';
    if (this.live >= (this.options.maxRooms ?? Number.POSITIVE_INFINITY)) return 'full';
    this.live += 1;
    this.pins.set(state.pin, { roomId: state.roomId, reservedUntilAt: null });
    this.rooms.set(state.roomId, {
      state: JSON.stringify(state),
      content: null,
      settings,
      players: new Map(),
      names: new Map(),
      removed: new Map(),
      seats: new Map(),
      runs: new Map(),
      told: { presence: null, answers: null },
      seenAt: epochMs(0),
      expiresAt: null,
    });
    this.plan(state.roomId, nextAt(state));
    this.tellChanged(state.roomId, state.version);
    return 'created';
  }

  async findByPin(pin: string): Promise<string | null> {
    const now = await this.memory.enterCall();
    const held = this.pins.get(pin);
    if (held === undefined || (held.reservedUntilAt !== null && held.reservedUntilAt <= now)) return null;
    return held.roomId;
  }

  async load(roomId: string): Promise<LoadedRoom | null> {
    await this.memory.enterCall();
    return this.memory.read(roomId);
  }

  async commit(request: CommitRequest): Promise<CommitResult> {
    await this.memory.enterCall();
    const result = this.commitNow(request);
    const { roomId, version } = request.change.state;
    if (result.committed) this.tellChanged(roomId, version);
    return result;
  }

  prepare(_fence: Fence, _request: CommitRequest): void {
    // Nothing is encoded here.
  }

  async commitMany(fence: Fence, requests: readonly CommitRequest[]): Promise<CommitResult[]> {
    await this.memory.enterCall();
    if (this.isFenced(fence)) {
      return requests.map(() => ({ committed: false, why: 'fence', now: this.memory.now(), current: null }));
    }
    return requests.map((request) => this.commitNow(request));
  }

  async isRemoved(roomId: string, playerId: string): Promise<boolean> {
    await this.memory.enterCall();
    return this.memory.kept(roomId)?.removed.has(playerId) ?? false;
  }

  async occupiedAt(roomId: string): Promise<EpochMs> {
    const now = await this.memory.enterCall();
    const room = this.memory.kept(roomId);
    if (room === null) return epochMs(0);
    return room.seats.size > 0 ? now : room.seenAt;
  }

  channel(audience: Audience, roomId: string, playerId = ''): string {
    return `${audience}:${roomId}${playerId}`;
  }

  async due(fence: Fence, limit: number): ReturnType<OwnerStore['due']> {
    const now = await this.memory.enterCall();
    if (this.isFenced(fence)) return 'fenced';
    const passed = this.entries().filter((entry) => entry.at <= now);
    return { now, entries: passed.slice(0, limit), changes: String(this.changes) };
  }

  async roomIds(_shard: number): Promise<string[]> {
    await this.memory.enterCall();
    return [...this.rooms.keys()].filter((roomId) => this.memory.alive(roomId) !== null);
  }

  /** Memory is never restarted without the process. */
  async confirmRun(): Promise<void> {
    await this.memory.enterCall();
  }

  async schedule(_shard: number): Promise<DueEntry[]> {
    await this.memory.enterCall();
    return this.entries();
  }

  async dueInstants(_shard: number, roomIds: readonly string[]): Promise<(EpochMs | null)[]> {
    await this.memory.enterCall();
    return roomIds.map((roomId) => this.dueAt.get(roomId) ?? null);
  }

  async loadMany(_shard: number, roomIds: readonly string[]): Promise<(LoadedRoom | null)[]> {
    await this.memory.enterCall();
    return roomIds.map((roomId) => withoutContent(this.memory.read(roomId)));
  }

  async tickMany(fence: Fence, ticks: readonly PlannedTick[]): Promise<TickResult[]> {
    const now = await this.memory.enterCall();
    return ticks.map(({ state }) => {
      if (this.isFenced(fence)) return { sent: false, why: 'fence', current: null };
      const current = withoutContent(this.memory.read(state.roomId));
      const endsAt = state.question?.phase === 'open' ? state.question.endsAt : 0;
      if (current?.state.version !== state.version || now >= endsAt)
        return { sent: false, why: 'version', current };
      this.options.publish(this.channel('ticks', state.roomId), publishedTick(state, now));
      return { sent: true, now };
    });
  }

  async settle(fence: Fence, runs: readonly RunOfRoom[], isQueued: boolean): Promise<SettleResult[]> {
    const now = await this.memory.enterCall();
    return runs.map((run) => (this.isFenced(fence) ? 'fenced' : this.settleNow(run, isQueued, now)));
  }

  private settleNow({ roomId, runId }: RunOfRoom, isQueued: boolean, now: EpochMs): SettleResult {
    const room = this.rooms.get(roomId);
    const run = room?.runs.get(runId);
    const settlesAt = run?.record.settlesAt;
    if (run === undefined || settlesAt == null || run.settledAt !== undefined) {
      this.dueAt.delete(`${roomId}/${runId}`);
      return 'already';
    }
    if (now < settlesAt) return 'early';
    if (!isQueued && room?.settings.webhook !== undefined) return 'unqueued';
    run.settledAt = now;
    this.dueAt.delete(`${roomId}/${runId}`);
    if (room !== undefined) this.forgetSettledRuns(room, runId, now);
    return 'settled';
  }

  /** The record of a run, for tests. */
  runOf(roomId: string, runId: RunId): StoredRun | undefined {
    return this.rooms.get(roomId)?.runs.get(runId);
  }

  private tellChanged(roomId: string, version: Version): void {
    this.changes += 1;
    this.options.changed(roomId, version);
  }

  private commitNow({ change, expected, notAfterAt, content, correct }: CommitRequest): CommitResult {
    const now = this.memory.now();
    const { state } = change;
    const room = this.rooms.get(state.roomId);
    const current = this.memory.read(state.roomId);
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
      const run = room.runs.get(record.runId) ?? newRun(record);
      run.record = record;
      run.timeline.push(...timelineOf(change, record.runId));
      if (correct !== undefined && record.runId === state.question?.runId) run.correct = correct;
      room.runs.set(record.runId, run);
      this.plan(`${state.roomId}/${record.runId}`, record.settlesAt);
    }
    if (state.closed !== null) this.retire(state, room, now);
    for (const event of change.events) {
      const told = publishedEvent(event, now, contents[contentOf(event, change)]);
      this.options.publish(this.channel('room', state.roomId), told);
    }
    return { committed: true, now };
  }

  private retire(state: RoomState, room: StoredRoom, now: EpochMs): void {
    if (room.expiresAt === null) this.live -= 1;
    room.expiresAt = epochMs(now + this.options.retentionMs);
    this.pins.set(state.pin, { roomId: state.roomId, reservedUntilAt: epochMs(now + PIN_RESERVED_MS) });
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

  /** Those whose answers are not kept any more; not the current one, nor the one that was settled last. */
  private forgetSettledRuns({ runs, settings }: StoredRoom, lastRunId: RunId, now: EpochMs): void {
    const keptMs = settings.outcomes === 'none' ? 0 : this.options.retentionMs;
    const current = [...runs.keys()].at(-1);
    for (const [runId, { settledAt }] of runs) {
      const isOld = settledAt !== undefined && after(settledAt, keptMs) <= now;
      if (isOld && runId !== current && runId !== lastRunId) runs.delete(runId);
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
}

const withoutContent = (room: LoadedRoom | null): LoadedRoom | null => room && { ...room, content: null };

const newRun = (record: RunRecord): StoredRun => ({
  record,
  timeline: [],
  answers: new Map(),
  earlier: new Map(),
});

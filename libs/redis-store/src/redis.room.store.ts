import {
  type Audience,
  type CommitRequest,
  type CommitResult,
  type CreateResult,
  type DueEntry,
  type Fence,
  type LoadedRoom,
  type NewRoom,
  type OwnerStore,
  type PlannedTick,
  type RoomStore,
  type RunOfRoom,
  roomsOfShard,
  type SettleResult,
  shardOfPin,
  type TickResult,
} from '#libs/room';
import {
  type EpochMs,
  epochMs,
  nextAt,
  ROOM_STATE_FORMAT,
  type RoomState,
  type RunId,
  timelineOf,
} from '#libs/timer-core';
import { EVENT_NAMESPACE, eventFrame, TICK_TAIL, tickFrame } from './adapter.frame.js';
import { occupiedScript } from './member.scripts.js';
import { GATEWAY_LIFETIME_MS } from './redis.member.store.js';
import type { KeySpace, RoomKeys } from './room.keys.js';
import { type RedisClient, ScriptRunner, storeCall } from './script.definition.js';
import {
  type CommitEntry,
  commitScript,
  confirmRunScript,
  createRoomScript,
  dueScript,
  type EncodedCommit,
  type EncodedTick,
  encodeCommit,
  encodeTick,
  type LeaseProof,
  loadScript,
  NO_LEASE,
  type RawRoom,
  settleScript,
  tickScript,
} from './store.scripts.js';

/** A closed room's PIN is not given out again for a day. */
const PIN_RESERVED_MS = 86_400_000;

/**
 * The due instant of a room that waits for a command, such as a paused one: so that the due instants name every room that
 * is not over.
 */
const NEVER = '+inf';

export interface RedisRoomStoreOptions {
  /** How long a closed room's data is kept. */
  readonly retentionMs: number;
  /** How many rooms that are not over the whole service holds at most; absent: no limit. */
  readonly maxRooms?: number;
}

/** Rooms in Redis 7 or newer: standalone, Sentinel or Cluster. One script per call, one slot per script. */
export class RedisRoomStore implements RoomStore, OwnerStore {
  readonly shards: number;
  private readonly scripts: ScriptRunner;
  /** Arguments of commits that were made ready; they go with their requests. */
  private readonly prepared = new WeakMap<CommitRequest, EncodedCommit>();
  private readonly ticks = new WeakMap<RoomState, EncodedTick>();

  constructor(
    private readonly redis: RedisClient,
    private readonly keys: KeySpace,
    private readonly options: RedisRoomStoreOptions,
  ) {
    this.shards = keys.shards;
    this.scripts = new ScriptRunner(redis);
  }

  async create({ state, settings, mayReplaceEnded }: NewRoom): Promise<CreateResult> {
    const shard = this.keys.shardOf(state.roomId);
    return this.scripts.run(createRoomScript, {
      pin: this.keys.pin(state.pin, shard),
      keys: this.keys.room(state.roomId, shard),
      mayReplaceEnded: mayReplaceEnded === true,
      shard: this.keys.shard(shard),
      roomId: state.roomId,
      version: state.version,
      state: JSON.stringify(state),
      settings: JSON.stringify(settings),
      nextAt: nextAt(state) ?? epochMs(0),
      limit: roomsOfShard(this.options.maxRooms ?? Number.MAX_SAFE_INTEGER, shard, this.shards),
    });
  }

  async findByPin(pin: string): Promise<string | null> {
    return storeCall(() => this.redis.get(this.keys.pin(pin, shardOfPin(pin, this.shards))));
  }

  async load(roomId: string): Promise<LoadedRoom | null> {
    const { rooms, now, ownedUntilAt } = await this.loadRooms(this.keys.shardOf(roomId), [roomId], true);
    const [room] = rooms;
    return room === undefined ? null : loadedRoom(room, now, ownedUntilAt);
  }

  async loadMany(shard: number, roomIds: readonly string[]): Promise<(LoadedRoom | null)[]> {
    if (roomIds.length === 0) return [];
    const { rooms, now, ownedUntilAt } = await this.loadRooms(shard, roomIds, false);
    return rooms.map((room) => {
      try {
        return loadedRoom(room, now, ownedUntilAt);
      } catch {
        return null; // unreadable
      }
    });
  }

  async commit(request: CommitRequest): Promise<CommitResult> {
    const [result] = await this.commitAll(this.keys.shardOf(request.change.state.roomId), NO_LEASE, [
      request,
    ]);
    if (result === undefined) throw new Error('a commit was not answered');
    return result;
  }

  prepare({ shard }: Fence, request: CommitRequest): void {
    this.prepared.set(request, encodeCommit(this.commitEntry(shard, request)));
  }

  async commitMany(fence: Fence, requests: readonly CommitRequest[]): Promise<CommitResult[]> {
    return requests.length === 0 ? [] : this.commitAll(fence.shard, fence, requests);
  }

  async isRemoved(roomId: string, playerId: string): Promise<boolean> {
    const { room } = this.keys.room(roomId, this.keys.shardOf(roomId));
    return (await storeCall(() => this.redis.hexists(room, `removed:${playerId}`))) === 1;
  }

  async occupiedAt(roomId: string): Promise<EpochMs> {
    return this.scripts.run(occupiedScript, { ...this.keysOf(roomId), lifetimeMs: GATEWAY_LIFETIME_MS });
  }

  channel(audience: Audience, roomId: string, playerId?: string): string {
    return this.keys.socketRoom(audience, roomId, this.keys.shardOf(roomId), playerId);
  }

  async due(fence: Fence, limit: number): ReturnType<OwnerStore['due']> {
    const shard = this.keys.shard(fence.shard);
    const reply = await this.scripts.run(dueScript, { shard, lease: fence, limit });
    if (reply === 'fence') return 'fenced';
    const entries = reply.entries.map(({ name, at }) => dueEntry(name, at));
    return { now: reply.now, entries, changes: JSON.stringify(reply.changes) };
  }

  async roomIds(shard: number): Promise<string[]> {
    const names = await storeCall(() => this.redis.zrange(this.keys.shard(shard).due, '0', '-1'));
    return names.filter((name) => !name.includes('/'));
  }

  async confirmRun(fence: Fence, storeRun: string): Promise<void> {
    const { owner } = this.keys.shard(fence.shard);
    await this.scripts.run(confirmRunScript, { owner, lease: fence, redisRun: storeRun });
  }

  async schedule(shard: number): Promise<DueEntry[]> {
    const flat = await storeCall(() =>
      this.redis.zrangebyscore(this.keys.shard(shard).due, '-inf', `(${NEVER}`, 'WITHSCORES'),
    );
    return Array.from({ length: flat.length / 2 }, (_, i) =>
      dueEntry(flat[2 * i] ?? '', epochMs(Number(flat[2 * i + 1]))),
    );
  }

  async dueInstants(shard: number, roomIds: readonly string[]): Promise<(EpochMs | null)[]> {
    if (roomIds.length === 0) return [];
    const scores = await storeCall(() => this.redis.zmscore(this.keys.shard(shard).due, ...roomIds));
    return scores.map((score) => {
      const at = Number(score ?? Number.POSITIVE_INFINITY);
      return Number.isFinite(at) ? epochMs(at) : null;
    });
  }

  async tickMany(fence: Fence, ticks: readonly PlannedTick[]): Promise<TickResult[]> {
    if (ticks.length === 0) return [];
    const { now, ownedUntilAt, unsent } = await this.scripts.run(tickScript, {
      owner: this.keys.shard(fence.shard).owner,
      lease: fence,
      tail: TICK_TAIL,
      ticks: ticks.map(({ state }) => this.encodedTick(fence.shard, state)),
    });
    if (unsent === 'fence') return ticks.map(() => ({ sent: false, why: 'fence', current: null }));
    const sent: TickResult = { sent: true, now };
    return ticks.map((_, i) => {
      const state = unsent.get(i);
      if (state === undefined) return sent;
      return {
        sent: false,
        why: 'version',
        current: loadedRoom({ state, content: null }, now, ownedUntilAt),
      };
    });
  }

  async settle(fence: Fence, runs: readonly RunOfRoom[], isQueued: boolean): Promise<SettleResult[]> {
    if (runs.length === 0) return [];
    const reply = await this.scripts.run(settleScript, {
      shard: this.keys.shard(fence.shard),
      lease: fence,
      retentionMs: this.options.retentionMs,
      isQueued,
      runs: runs.map(({ roomId, runId }) => ({
        keys: this.keys.room(roomId, fence.shard),
        answers: this.keys.answers(roomId, runId, fence.shard),
        entry: `${roomId}/${runId}`,
        runId,
      })),
    });
    return reply === 'fence' ? runs.map(() => 'fenced') : reply;
  }

  /** All ticks of one state are the same but for the instant, which the script writes. */
  private encodedTick(shard: number, state: RoomState): EncodedTick {
    const known = this.ticks.get(state);
    if (known !== undefined) return known;
    const socketRoom = this.keys.socketRoom('ticks', state.roomId, shard);
    const encoded = encodeTick({
      room: this.keys.room(state.roomId, shard).room,
      version: state.version,
      channel: this.keys.adapterChannel(socketRoom, EVENT_NAMESPACE),
      head: tickFrame(socketRoom, state).head,
      endsAt: state.question?.phase === 'open' ? state.question.endsAt : epochMs(0),
    });
    this.ticks.set(state, encoded);
    return encoded;
  }

  private loadRooms(shard: number, roomIds: readonly string[], withContent: boolean) {
    return this.scripts.run(loadScript, {
      owner: this.keys.shard(shard).owner,
      rooms: roomIds.map((roomId) => this.keys.room(roomId, shard).room),
      withContent,
    });
  }

  private async commitAll(
    shard: number,
    lease: LeaseProof,
    requests: readonly CommitRequest[],
  ): Promise<CommitResult[]> {
    const { now, ownedUntilAt, results } = await this.scripts.run(commitScript, {
      shard: this.keys.shard(shard),
      lease,
      pinReservedMs: PIN_RESERVED_MS,
      commits: requests.map(
        (request) => this.prepared.get(request) ?? encodeCommit(this.commitEntry(shard, request)),
      ),
    });
    if (results === 'fence')
      return requests.map(() => ({ committed: false, why: 'fence', now, current: null }));
    const committed: CommitResult = { committed: true, now };
    return results.map(({ why, current }) =>
      why === ''
        ? committed
        : { committed: false, why, now, current: loadedRoom(current, now, ownedUntilAt) },
    );
  }

  private commitEntry(shard: number, request: CommitRequest): CommitEntry {
    const { change, expected, notAfterAt, content, correct } = request;
    const { state } = change;
    const socketRoom = this.keys.socketRoom('room', state.roomId, shard);
    const channel = this.keys.adapterChannel(socketRoom, EVENT_NAMESPACE);
    return {
      keys: this.keys.room(state.roomId, shard),
      pin: this.keys.pin(state.pin, shard),
      roomId: state.roomId,
      expected,
      notBeforeAt: change.notBeforeAt ?? 0,
      notAfterAt,
      version: state.version,
      state: JSON.stringify(state),
      nextAt: nextAt(state) ?? (state.closed === null ? NEVER : null),
      content,
      retentionMs: state.closed === null ? null : this.options.retentionMs,
      runs: change.runs.map((record) => ({
        runId: record.runId,
        record: JSON.stringify(record),
        settlesAt: record.settlesAt,
        correct: record.runId === state.question?.runId ? (correct ?? '') : '',
        timeline: timelineOf(change, record.runId)
          .map((entry) => `${JSON.stringify(entry)}\n`)
          .join(''),
      })),
      events: change.events.map((event) => ({ channel, ...eventFrame(socketRoom, event, change) })),
    };
  }

  private keysOf(roomId: string): { keys: RoomKeys; shard: ReturnType<KeySpace['shard']> } {
    const shard = this.keys.shardOf(roomId);
    return { keys: this.keys.room(roomId, shard), shard: this.keys.shard(shard) };
  }
}

function dueEntry(name: string, at: EpochMs): DueEntry {
  const [roomId = '', runId] = name.split('/');
  return { roomId, runId: runId === undefined ? null : (Number(runId) as RunId), at };
}

/** @throws Error when the stored state has a format that this release does not read */
function loadedRoom(raw: RawRoom, now: EpochMs, ownedUntilAt: EpochMs): LoadedRoom | null {
  if (raw.state === null) return null;
  const state = JSON.parse(raw.state) as RoomState;
  if (state.format !== ROOM_STATE_FORMAT)
    throw new Error(`room state of format ${state.format} cannot be read`);
  return { state, content: raw.content, now, ownedUntilAt };
}

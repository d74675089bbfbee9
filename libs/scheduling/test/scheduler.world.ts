import {
  type Fence,
  type IdSource,
  MemoryMemberStore,
  MemoryRoomStore,
  MemoryRooms,
  type OwnerStore,
  type PresenceStore,
  type PublishedEvent,
  RoomService,
  SoleOwnership,
  StoreUnavailableError,
} from '#libs/room';
import { type Command, durationMs, type EpochMs, epochMs, type RunId, type Snapshot } from '#libs/timer-core';
import type { SchedulerObserver, SchedulerOptions } from '../src/scheduler.options.js';
import { RecordedPresence } from './recorded.presence.js';

const STARTS_AT = 1_800_000_000_000;
const ACTOR = 'host';
const ANN = { playerId: 'p1', connection: 'c1' };

/** What was published of a room, with the instant by the store's clock. */
export interface Heard {
  readonly event: string;
  readonly roomId: string;
  readonly at: EpochMs;
  readonly payload: Record<string, unknown>;
}

type CallName = keyof OwnerStore | keyof PresenceStore;

/** One life of a scheduler process: what it calls, and how its calls fare. */
export class SchedulerLife {
  /** Names of the calls, in order. */
  readonly calls: string[] = [];
  isDown = false;
  /** How far this process' clock runs ahead of the store's (ms). */
  aheadMs = 0;
  /** Runs before a call of that name reaches the store. */
  readonly before: Partial<Record<CallName, () => void | Promise<void>>> = {};
  /** Runs after the store did the call and before it answers. */
  readonly after: Partial<Record<CallName, () => void | Promise<void>>> = {};
  readonly seen = {
    fired: [] as { kind: string; latenessMs: number; roomId: string }[],
    skipped: 0,
    stalePlans: 0,
    early: 0,
    late: 0,
    settled: 0,
    healed: 0,
    fenced: 0,
    failed: 0,
    stalled: 0,
  };
  readonly options: SchedulerOptions;

  constructor(world: SchedulerWorld) {
    this.options = {
      store: this.faulty<OwnerStore>(world.store),
      presence: this.faulty<PresenceStore>(world.presence),
      ownership: world.ownership,
      clock: { now: () => epochMs(world.now() + this.aheadMs) },
      observer: this.observer(),
    };
  }

  private observer(): SchedulerObserver {
    const { seen } = this;
    const count = (what: Exclude<keyof typeof seen, 'fired'>, by = 1) => {
      seen[what] += by;
    };
    return {
      fired: (latenessMs, kind, roomId) => {
        seen.fired.push({ kind, latenessMs, roomId });
      },
      ticksSkipped: (skipped) => count('skipped', skipped),
      stalePlan: () => count('stalePlans'),
      outsideWindow: (side) => count(side),
      settled: () => count('settled'),
      healed: (found) => count('healed', found),
      fenced: () => count('fenced'),
      failed: () => count('failed'),
      stalled: () => count('stalled'),
    };
  }

  private faulty<Store extends object>(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as unknown;
        if (typeof method !== 'function') return method;
        if (name === 'prepare') {
          this.calls.push(name);
          return method.bind(target);
        }
        return async (...args: unknown[]) => {
          this.calls.push(String(name));
          if (this.isDown) throw new StoreUnavailableError('down');
          await this.before[name as CallName]?.();
          const answer: unknown = await method.apply(target, args);
          await this.after[name as CallName]?.();
          return answer;
        };
      },
    });
  }
}

/** A memory store with a clock that runs and can jump, a room service to give commands, and everything that was published. */
export class SchedulerWorld {
  readonly heard: Heard[] = [];
  readonly ownership = new SoleOwnership();
  /** False loses the store's notes of changes on their way. */
  tellsChanges = true;
  /** Who the store takes for the owner. */
  fence: Fence = this.ownership.fence;
  private jumpedMs = 0;
  private readonly bornAt = performance.now();
  private lastId = 0;

  readonly memory = new MemoryRooms(() => this.now());
  readonly presence = new RecordedPresence();
  readonly store = new MemoryRoomStore({
    memory: this.memory,
    publish: (channel, event) => this.hear(channel, event),
    changed: (roomId, version) => {
      if (this.tellsChanges) this.ownership.changed(roomId, version);
    },
    retentionMs: durationMs(60_000_000),
    fence: () => this.fence,
  });

  private readonly members = new MemoryMemberStore(this.memory, {
    publish: (channel, event) => this.hear(channel, event),
    channel: (audience, roomId, playerId) => this.store.channel(audience, roomId, playerId),
    fence: () => this.fence,
  });

  private readonly ids: IdSource = {
    pin: () => String(++this.lastId).padStart(6, '0'),
    token: (length) => String(this.lastId).padStart(length, '0'),
  };

  readonly service = new RoomService(this.store, { now: () => this.now() }, this.ids, {
    idleMs: durationMs(3_600_000),
  });

  /** The store's clock. */
  now(): EpochMs {
    return epochMs(Math.floor(STARTS_AT + this.jumpedMs + performance.now() - this.bornAt));
  }

  jump(ms: number): void {
    this.jumpedMs += ms;
  }

  async newRoom(idleMs = 3_600_000): Promise<string> {
    const room = await this.service.createRoom({ idleMs });
    if (room.kind !== 'created') throw new Error(room.message);
    return room.roomId;
  }

  /** Somebody comes, always the same one. */
  async enter(roomId: string): Promise<void> {
    const entered = await this.members.enter({
      roomId,
      connection: ANN.connection,
      member: { playerId: ANN.playerId, role: 'player', name: 'Ann' },
      nameKey: 'ann',
      maxPlayers: 10,
      secondConnection: 'replace',
    });
    if (!entered.entered) throw new Error(entered.why);
  }

  /** And goes. */
  async leave(roomId: string): Promise<void> {
    await this.members.leave({ roomId, ...ANN });
  }

  async command(roomId: string, command: Command): Promise<Snapshot> {
    const done = await this.service.command(roomId, command);
    if (done.kind !== 'done') throw new Error(done.message);
    return done.snapshot;
  }

  /** Starts a question of 100 ms without lead-in and ticks, unless told otherwise. */
  async startQuestion(
    roomId: string,
    given: { durationMs?: number; leadInMs?: number; tickMs?: number } = {},
  ): Promise<Snapshot & { runId: RunId; opensAt: EpochMs; endsAt: EpochMs }> {
    const snapshot = await this.command(roomId, {
      type: 'question:start',
      actor: ACTOR,
      questionId: 'q1',
      durationMs: durationMs(given.durationMs ?? 100),
      leadInMs: durationMs(given.leadInMs ?? 0),
      graceMs: durationMs(0),
      tickMs: durationMs(given.tickMs ?? 0),
    });
    const { runId, opensAt, endsAt } = snapshot;
    if (runId === null || opensAt === null || endsAt === null)
      throw new Error('the question was not started');
    return { ...snapshot, runId, opensAt, endsAt };
  }

  async extend(roomId: string, byMs: number): Promise<Snapshot> {
    return this.command(roomId, { type: 'question:extend', actor: ACTOR, byMs: durationMs(byMs) });
  }

  /** What members heard of one kind of event, of one room or of all. */
  of(event: string, roomId?: string): Heard[] {
    return this.heard.filter((heard) => heard.event === event && (roomId ?? heard.roomId) === heard.roomId);
  }

  private hear(_channel: string, { event, payload }: PublishedEvent): void {
    this.heard.push({ event, payload, roomId: String(payload.roomId), at: this.now() });
  }
}

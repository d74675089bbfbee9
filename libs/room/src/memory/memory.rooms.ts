import type { EpochMs, RoomState, RunId, RunRecord, TimelineEntry } from '#libs/timer-core';
import type { AnswerRecord } from '../answer.ports.js';
import type { MemberRecord, Removal, Role, RoomSettings } from '../member.ports.js';
import type { LoadedRoom } from '../room.ports.js';

export interface StoredRun {
  record: RunRecord;
  correct?: string;
  settledAt?: EpochMs;
  /** The digest of the body that was sent first of its outcome. */
  firstBody?: string;
  readonly timeline: TimelineEntry[];
  /** By player id. */
  readonly answers: Map<string, AnswerRecord>;
  /** By player id, oldest first. */
  readonly earlier: Map<string, AnswerRecord[]>;
}

export interface StoredPlayer {
  readonly member: MemberRecord;
  readonly nameKey: string;
}

export interface StoredSeat extends StoredPlayer {
  readonly connection: string;
}

export interface RemovedMember {
  readonly removal: Removal;
  readonly role: Role;
  readonly nameKey: string;
}

export interface StoredRoom {
  /** As JSON text, so that nobody shares an object with the store. */
  state: string;
  content: string | null;
  readonly settings: RoomSettings;
  readonly players: Map<string, StoredPlayer>;
  /** By name key: the player that has the name, or `banned`. */
  readonly names: Map<string, string>;
  /** Who may not come back, by player id. */
  readonly removed: Map<string, RemovedMember>;
  /** Who is connected, by player id, and by which connection. */
  readonly seats: Map<string, StoredSeat>;
  readonly runs: Map<RunId, StoredRun>;
  /** What members were told last, as JSON text; null to tell again. */
  told: { presence: string | null; answers: string | null };
  seenAt: EpochMs;
  expiresAt: EpochMs | null;
}

/** The rooms of this process, shared by the stores that work on them. */
export class MemoryRooms {
  readonly rooms = new Map<string, StoredRoom>();
  /** Rooms whose members or answers changed since they were last told. */
  readonly stirred = new Set<string>();

  constructor(readonly now: () => EpochMs) {}

  /** Every call of a store begins here: it yields, so that decisions race as they do over a network. */
  async enterCall(): Promise<EpochMs> {
    await Promise.resolve();
    return this.now();
  }

  read(roomId: string): LoadedRoom | null {
    const room = this.rooms.get(roomId);
    const now = this.now();
    if (room === undefined) return null;
    if (room.expiresAt !== null && room.expiresAt <= now) {
      this.rooms.delete(roomId);
      return null;
    }
    return { state: JSON.parse(room.state) as RoomState, content: room.content, now, ownedUntilAt: now };
  }

  /** The room, over or not, within its retention time. */
  kept(roomId: string): StoredRoom | null {
    return this.read(roomId) === null ? null : (this.rooms.get(roomId) ?? null);
  }

  /** The room, unless it is over. */
  alive(roomId: string): StoredRoom | null {
    const room = this.kept(roomId);
    return room?.expiresAt === null ? room : null;
  }
}

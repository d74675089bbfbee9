import { distinctName } from '../member.names.js';
import type {
  Admission,
  EnterRequest,
  EnterResult,
  MemberStore,
  Presence,
  Removal,
  Role,
  RosterChoice,
  RosterMember,
  Seat,
  SeatLoss,
} from '../member.ports.js';
import type { PresenceStore, StirredRoom } from '../presence.ports.js';
import type { PublishedEvent } from '../room.events.js';
import type { Audience, Fence } from '../room.ports.js';
import type { MemoryRooms, StoredPlayer, StoredRoom } from './memory.rooms.js';

/** The only gateway of this process, which lives as long as it. */
const GATEWAY = 'embedded';

/** What stands in place of a player id beside a name that may not be used. */
const BANNED = 'banned';

export interface MemoryMemberStoreOptions {
  /** Hands an event to the members of a channel, in order; not to the connection `except`. */
  readonly publish: (channel: string, event: PublishedEvent, except?: string) => void;
  /** As `RoomStore.channel`. */
  readonly channel: (audience: Audience, roomId: string, playerId?: string) => string;
  /** Owners other than this fence are refused; absent: everyone is let in. */
  readonly fence?: () => Fence;
}

/** The members of the rooms of this process: one gateway, always alive. */
export class MemoryMemberStore implements MemberStore, PresenceStore {
  constructor(
    private readonly memory: MemoryRooms,
    private readonly options: MemoryMemberStoreOptions,
  ) {}

  async admission(roomId: string, playerId: string | null): Promise<Admission | null> {
    await this.memory.enterCall();
    const room = this.memory.alive(roomId);
    if (room === null) return null;
    return {
      settings: room.settings,
      presence: presenceOf(room),
      removal: room.removed.get(playerId ?? '')?.removal ?? null,
      isConnected: room.seats.has(playerId ?? ''),
    };
  }

  async enter(request: EnterRequest): Promise<EnterResult> {
    await this.memory.enterCall();
    const { roomId, connection } = request;
    const { playerId, role } = request.member;
    const room = this.memory.alive(roomId);
    if (room === null) return { entered: false, why: 'over' };
    const seat = room.seats.get(playerId);
    const refusal = refusalOf(room, request);
    if (refusal !== null) return { entered: false, why: refusal };
    const player = role === 'player' ? rememberedPlayer(room, request) : request;
    if (player === null) return { entered: false, why: 'full' };
    const { member, nameKey } = player;
    if (seat?.connection === connection && seat.member.role === role)
      return { entered: true, name: member.name };
    if (seat !== undefined && seat.connection !== connection)
      this.tellRemoved(roomId, playerId, 'replaced', connection);
    room.seats.set(playerId, { connection, member, nameKey });
    room.told = { presence: null, answers: null };
    this.memory.stirred.add(roomId);
    return { entered: true, name: member.name };
  }

  async leave({ roomId, playerId, connection }: Seat): Promise<void> {
    const now = await this.memory.enterCall();
    const room = this.memory.kept(roomId);
    if (room?.seats.get(playerId)?.connection !== connection) return;
    room.seats.delete(playerId);
    room.seenAt = now;
    this.memory.stirred.add(roomId);
  }

  async seatLosses(roomId: string, seats: readonly Omit<Seat, 'roomId'>[]): Promise<(SeatLoss | null)[]> {
    await this.memory.enterCall();
    const room = this.memory.kept(roomId);
    return seats.map(({ playerId, connection }) => {
      const holder = room?.seats.get(playerId)?.connection ?? connection;
      return room?.removed.get(playerId)?.removal ?? (holder === connection ? null : 'replaced');
    });
  }

  async roster(roomId: string, { away }: RosterChoice): Promise<RosterMember[]> {
    await this.memory.enterCall();
    const room = this.memory.kept(roomId);
    if (room === null) return [];
    const isAway = (player: StoredPlayer): boolean => !room.seats.has(player.member.playerId);
    const absent = away ? [...room.players.values()].filter(isAway) : [];
    return [
      ...[...room.seats.values()].map(({ member }) => ({ ...member, connected: true })),
      ...absent.map(({ member }) => ({ ...member, connected: false })),
    ];
  }

  async roleOf(roomId: string, playerId: string): Promise<Role | null> {
    await this.memory.enterCall();
    const room = this.memory.kept(roomId);
    const known = room?.seats.get(playerId) ?? room?.players.get(playerId);
    return known?.member.role ?? room?.removed.get(playerId)?.role ?? null;
  }

  async remove(roomId: string, playerId: string, removal: Removal): Promise<void> {
    const now = await this.memory.enterCall();
    const room = this.memory.alive(roomId);
    const known = room?.seats.get(playerId) ?? room?.players.get(playerId);
    const before = room?.removed.get(playerId);
    const nameKey = known?.nameKey ?? before?.nameKey;
    const role = known?.member.role ?? before?.role;
    if (room === null || nameKey === undefined || role === undefined) return;
    const isBanned = removal === 'banned' || before?.removal === 'banned';
    room.removed.set(playerId, { removal: isBanned ? 'banned' : 'kicked', role, nameKey });
    forgetPlayer(room, playerId);
    if (isBanned && !room.names.has(nameKey)) room.names.set(nameKey, BANNED);
    if (!room.seats.delete(playerId)) return;
    room.seenAt = now;
    this.memory.stirred.add(roomId);
    this.tellRemoved(roomId, playerId, removal);
  }

  async takeStirred(fence: Fence, limit: number): ReturnType<PresenceStore['takeStirred']> {
    await this.memory.enterCall();
    if (this.isFenced(fence)) return 'fenced';
    const roomIds = [...this.memory.stirred].slice(0, limit);
    for (const roomId of roomIds) this.memory.stirred.delete(roomId);
    return { roomIds, gateways: [GATEWAY] };
  }

  async tellStirred(fence: Fence, rooms: readonly StirredRoom[]): ReturnType<PresenceStore['tellStirred']> {
    const now = await this.memory.enterCall();
    if (this.isFenced(fence)) return 'fenced';
    for (const { roomId, run } of rooms) {
      const room = this.memory.alive(roomId);
      if (room === null) continue;
      const told = JSON.stringify(presenceOf(room));
      if (told !== room.told.presence) {
        room.told.presence = told;
        const payload = { roomId, ...presenceOf(room), serverNow: now };
        this.publish('room', roomId, { event: 'room:presence', payload });
      }
      if (run === null) continue;
      const count = room.runs.get(run.runId)?.answers.size ?? 0;
      const toldAnswers = `${run.runId} ${count}`;
      if (toldAnswers === room.told.answers) continue;
      room.told.answers = toldAnswers;
      const payload = { roomId, questionId: run.questionId, count, serverNow: now };
      this.publish('staff', roomId, { event: 'answers:count', payload });
    }
    return 'told';
  }

  private publish(audience: Audience, roomId: string, event: PublishedEvent): void {
    this.options.publish(this.options.channel(audience, roomId), event);
  }

  private tellRemoved(roomId: string, playerId: string, reason: string, except?: string): void {
    const channel = this.options.channel('player', roomId, playerId);
    this.options.publish(channel, { event: 'member:removed', payload: { reason } }, except);
  }

  private isFenced(fence: Fence): boolean {
    const held = this.options.fence?.();
    return held !== undefined && (held.epoch !== fence.epoch || held.ownerId !== fence.ownerId);
  }
}

function presenceOf({ seats }: StoredRoom): Presence {
  const by = { host: 0, 'co-host': 0, player: 0, spectator: 0 };
  for (const { member } of seats.values()) by[member.role]++;
  return {
    players: by.player,
    spectators: by.spectator,
    hostConnected: by.host + by['co-host'] > 0,
  };
}

function refusalOf(
  room: StoredRoom,
  request: EnterRequest,
): Extract<EnterResult, { entered: false }>['why'] | null {
  const { playerId, role } = request.member;
  const seat = room.seats.get(playerId);
  if (room.removed.has(playerId)) return 'removed';
  const isPlayer = role === 'player';
  if (isPlayer && !room.players.has(playerId) && room.names.get(request.nameKey) === BANNED) return 'name';
  const isElsewhere = seat !== undefined && seat.connection !== request.connection;
  if (isElsewhere && request.secondConnection === 'refuse') return 'taken';
  const takesPlace = isPlayer && seat?.member.role !== 'player';
  return takesPlace && presenceOf(room).players >= request.maxPlayers ? 'full' : null;
}

/** The player as the room remembers them, from now on if it did not before; null when nobody can be forgotten for them. */
function rememberedPlayer(
  room: StoredRoom,
  { member, nameKey, maxPlayers }: EnterRequest,
): StoredPlayer | null {
  const { playerId } = member;
  const known = room.players.get(playerId);
  if (known !== undefined) return known;
  if (room.players.size >= 2 * maxPlayers) {
    const away = [...room.players.keys()].find((id) => !room.seats.has(id));
    if (away === undefined) return null;
    forgetPlayer(room, away);
  }
  const named = distinctName({ name: member.name, nameKey }, (key) => room.names.has(key));
  const player = { member: { ...member, name: named.name }, nameKey: named.nameKey };
  room.players.set(playerId, player);
  room.names.set(named.nameKey, playerId);
  return player;
}

export function forgetPlayer(room: StoredRoom, playerId: string): void {
  const nameKey = room.players.get(playerId)?.nameKey;
  room.players.delete(playerId);
  if (nameKey !== undefined && room.names.get(nameKey) === playerId) room.names.delete(nameKey);
}

import type {
  EnterResult,
  MemberRecord,
  MemberStore,
  Presence,
  Removal,
  Role,
  RoomSettings,
  RosterChoice,
  RosterMember,
  Seat,
  SeatLoss,
  SecondConnection,
} from './member.ports.js';
import { guarded, notFound, putOut, type RoomRefusal, refuse } from './room.refusal.js';

export interface MemberServiceOptions {
  /** For rooms whose settings do not say, and more than which no settings allow. */
  readonly maxPlayers: number;
}

/** Somebody may enter this room: what `enter` has to know of it. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly roomId: string;
  readonly maxPlayers: number;
  readonly secondConnection: SecondConnection;
}

/** Somebody who was admitted, with the connection that is to be theirs. */
export interface Entrant {
  /** Names the connection within this gateway: its Socket.IO id. */
  readonly connection: string;
  readonly member: MemberRecord;
  /** The form by which two names count as the same. */
  readonly nameKey: string;
}

/** Who asks for something: a member, or an API key, which has no player id and the rights of a host. */
export interface Actor {
  readonly playerId: string | null;
  readonly role: Role;
}

/** Who is in a room. */
export interface Roster {
  readonly kind: 'roster';
  readonly members: readonly RosterMember[];
  /** Players who are away and are not listed. */
  readonly more: number;
}

/** Everybody who ever looked in stays remembered, up to twice a room's places: no acknowledgement should carry them all. */
export const MAX_AWAY_LISTED = 1_000;

/** The use cases of a room's members. Holds nothing of any room. */
export class MemberService {
  constructor(
    private readonly store: MemberStore,
    private readonly options: MemberServiceOptions,
  ) {}

  /**
   * Whether somebody may enter, before anything is done: `room_not_found`; `forbidden` for a member who was removed;
   * `room_full` for a player who is not connected already. Only `enter` is sure: others may be faster.
   *
   * @param member whom a token names; absent for a new player
   */
  async admission(
    roomId: string,
    member?: Pick<MemberRecord, 'playerId' | 'role'>,
  ): Promise<Admitted | RoomRefusal> {
    return guarded(async () => {
      const found = await this.store.admission(roomId, member?.playerId ?? null);
      if (found === null) return notFound();
      if (found.removal !== null) return putOut();
      const maxPlayers = this.maxPlayers(found.settings);
      const takesPlace = (member?.role ?? 'player') === 'player' && !found.isConnected;
      if (takesPlace && found.presence.players >= maxPlayers) return refusalOf('full');
      const secondConnection = found.settings.secondConnection ?? 'replace';
      return { kind: 'admitted', roomId, maxPlayers, secondConnection };
    });
  }

  /**
   * Takes the member's seat, and answers with the name that the member has in this room: a player's own, or told apart
   * from another's by a number. A connection that had the seat is told `member:removed` (`replaced`).
   */
  async enter(
    { roomId, maxPlayers, secondConnection }: Admitted,
    entrant: Entrant,
  ): Promise<{ kind: 'entered'; name: string } | RoomRefusal> {
    return guarded(async () => {
      const result = await this.store.enter({ roomId, maxPlayers, secondConnection, ...entrant });
      return result.entered ? { kind: 'entered', name: result.name } : refusalOf(result.why);
    });
  }

  /** Gives up the member's seat, unless another connection has it by now. */
  async leave(roomId: string, playerId: string, connection: string): Promise<{ kind: 'left' } | RoomRefusal> {
    return guarded(async () => {
      await this.store.leave({ roomId, playerId, connection });
      return { kind: 'left' };
    });
  }

  /** How each of these connections of this gateway, which had their seats, has lost it; null for one that has not. */
  async seatLosses(
    roomId: string,
    seats: readonly Omit<Seat, 'roomId'>[],
  ): Promise<{ kind: 'losses'; losses: (SeatLoss | null)[] } | RoomRefusal> {
    return guarded(async () => ({ kind: 'losses', losses: await this.store.seatLosses(roomId, seats) }));
  }

  /**
   * Everybody who is connected, and with `away` the players who are not: of these `MAX_AWAY_LISTED` at most, and `more` says how
   * many are left out. `forbidden` for a member who was removed.
   */
  async roster(roomId: string, by: string, choice: RosterChoice): Promise<Roster | RoomRefusal> {
    return guarded(async () => {
      const [found, asking] = await Promise.all([
        this.store.roster(roomId, choice),
        this.store.admission(roomId, by),
      ]);
      if ((asking?.removal ?? null) !== null) return putOut();
      const away = found.filter(({ connected }) => !connected).slice(0, MAX_AWAY_LISTED);
      const members = [...found.filter(({ connected }) => connected), ...away];
      return { kind: 'roster', members, more: found.length - members.length };
    });
  }

  /** The settings of a room, and who is connected; a closed room is not found. */
  async presence(
    roomId: string,
  ): Promise<
    { readonly kind: 'presence'; readonly settings: RoomSettings; readonly presence: Presence } | RoomRefusal
  > {
    return guarded(async () => {
      const found = await this.store.admission(roomId, null);
      if (found === null) return notFound();
      return { kind: 'presence', settings: found.settings, presence: found.presence };
    });
  }

  /**
   * Puts a member out for good. A host may remove anybody but a host, a co-host players and screens, nobody themself,
   * and one who was removed nobody: everything else is `forbidden`; a stranger is `not_found`. The same again is done again, without an effect.
   */
  async remove(
    roomId: string,
    by: Actor,
    playerId: string,
    removal: Removal,
  ): Promise<{ kind: 'removed' } | RoomRefusal> {
    return guarded(async () => {
      const [room, role] = await Promise.all([
        this.store.admission(roomId, by.playerId),
        this.store.roleOf(roomId, playerId),
      ]);
      if (room === null) return notFound();
      if (by.role !== 'host' && by.role !== 'co-host') {
        return refuse('forbidden', 'Only hosts may remove members.');
      }
      if (room.removal !== null) return putOut();
      if (role === null) {
        return refuse('not_found', 'There is no such member in this room.', { field: 'playerId' });
      }
      if (by.playerId === playerId) return refuse('forbidden', 'Nobody can remove themself: leave the room.');
      if (!mayRemove(by.role, role)) return refuse('forbidden', `A ${by.role} cannot remove a ${role}.`);
      await this.store.remove(roomId, playerId, removal);
      return { kind: 'removed' };
    });
  }

  private maxPlayers({ maxPlayers }: RoomSettings): number {
    return Math.min(maxPlayers ?? this.options.maxPlayers, this.options.maxPlayers);
  }
}

const mayRemove = (by: 'host' | 'co-host', target: Role): boolean =>
  target === 'player' || target === 'spectator' || (by === 'host' && target === 'co-host');

function refusalOf(why: Extract<EnterResult, { entered: false }>['why']): RoomRefusal {
  switch (why) {
    case 'full':
      return refuse('room_full', 'This room has no place left.');
    case 'removed':
      return putOut();
    case 'name':
      return refuse('forbidden', 'This name may not be used in this room.', { field: 'name' });
    case 'taken':
      return refuse('conflict', 'You are connected elsewhere; try again when that connection has ended.');
    case 'over':
      return notFound();
    default:
      return why satisfies never;
  }
}

/** What a member may do, given once by the token. */
export type Role = 'host' | 'co-host' | 'player' | 'spectator';

/** What a second connection of the same member does: end the first one, or be refused while that one lives. */
export type SecondConnection = 'replace' | 'refuse';

/** Why a member may not come back. */
export type Removal = 'kicked' | 'banned';

/** Settings that a room was created with; kept as given, beside the state. */
export interface RoomSettings {
  readonly idleMs?: number;
  readonly maxPlayers?: number;
  readonly secondConnection?: SecondConnection;
  readonly webhook?: string;
  /** Nobody asks how its runs went: they are sent to nobody, and forgotten once the next one is settled. */
  readonly outcomes?: 'none';
}

/** A member of a room, as others see it. */
export interface MemberRecord {
  readonly playerId: string;
  readonly role: Role;
  readonly name: string;
}

/** Somebody of a room's roster, and whether they are connected through a gateway that is alive. */
export interface RosterMember extends MemberRecord {
  readonly connected: boolean;
}

/** Whom a roster lists: who is connected, and with `away` also the players who are not. */
export interface RosterChoice {
  readonly away: boolean;
}

/** Who is connected through gateways that are alive. */
export interface Presence {
  readonly players: number;
  readonly spectators: number;
  readonly hostConnected: boolean;
}

/** What is known of a room and of one who asks to enter it, before anything is done. */
export interface Admission {
  readonly settings: RoomSettings;
  readonly presence: Presence;
  /** Set when this member was put out. */
  readonly removal: Removal | null;
  /** Whether this member has a seat at a gateway that is alive. */
  readonly isConnected: boolean;
}

export interface EnterRequest {
  readonly roomId: string;
  /** Names the connection within this gateway: its Socket.IO id. */
  readonly connection: string;
  readonly member: MemberRecord;
  /** The form by which two names count as the same. */
  readonly nameKey: string;
  /** Connected players at most; hosts, co-hosts and spectators do not count. */
  readonly maxPlayers: number;
  readonly secondConnection: SecondConnection;
}

export type EnterResult =
  /** `name` is the member's own, or told apart from another's by a number: `Ada (2)`. */
  | { readonly entered: true; readonly name: string }
  /**
   * `full`: no place left · `removed`: was kicked or banned · `name`: the name of a banned player · `taken`: is connected
   * already, and the room refuses a second connection · `over`: the room is closed or gone
   */
  | { readonly entered: false; readonly why: 'full' | 'removed' | 'name' | 'taken' | 'over' };

/** A member's connection: only it gives up its seat. */
export interface Seat {
  readonly roomId: string;
  readonly playerId: string;
  readonly connection: string;
}

/**
 * How a connection lost its seat: the member was put out, or another connection has the seat. A seat that nobody has (given
 * up, or lost with the writes of a store that died) was taken from nobody.
 */
export type SeatLoss = Removal | 'replaced';

/**
 * Who is in a room. A member has one seat: a connection of one gateway. A seat of a gateway that is silent for
 * `GATEWAY_LIFETIME_MS` counts for nobody.
 *
 * @throws StoreUnavailableError when the store did not answer in time: then it is unknown whether a write was done
 */
export interface MemberStore {
  /** Null when there is no such room, or it is closed. */
  admission(roomId: string, playerId: string | null): Promise<Admission | null>;

  /**
   * Takes a seat, in one step: remembers a player (the name made unlike all others of the room), refuses when the room is
   * full or over or the member was removed, and takes the seat over from another connection of the same member, which is
   * told `member:removed` (`replaced`) on the member's own channel, all but the new connection. The same connection
   * again changes nothing. Players who are not connected are forgotten, in no order, when twice `maxPlayers` are
   * remembered; their answers stay.
   */
  enter(request: EnterRequest): Promise<EnterResult>;

  /** Gives up the seat, unless another connection has it by now. */
  leave(seat: Seat): Promise<void>;

  /**
   * How each of these connections of this gateway, which had their seats, has lost it; null for one that has not. Whether
   * the gateway counts as alive does not matter.
   */
  seatLosses(roomId: string, seats: readonly Omit<Seat, 'roomId'>[]): Promise<(SeatLoss | null)[]>;

  /**
   * Everybody who is connected, each once and in no order; with `away` also the players who joined, are not connected now
   * (dropped, or left) and were not put out. At most twice `maxPlayers` are remembered. Not read in one step: of who comes
   * or goes meanwhile it tells one of both.
   */
  roster(roomId: string, choice: RosterChoice): Promise<RosterMember[]>;

  /** The role of somebody who is connected, a player who is remembered, or one who was removed; null for a stranger. */
  roleOf(roomId: string, playerId: string): Promise<Role | null>;

  /**
   * Puts a member out for good: frees the seat, remembers that the member may not come back, and tells `member:removed` on
   * the member's own channel. A player's name is free again; a ban keeps it from being used again in this room. Answers
   * that were given stay. Again, or for a stranger: nothing happens, but a ban may follow a kick.
   */
  remove(roomId: string, playerId: string, removal: Removal): Promise<void>;
}

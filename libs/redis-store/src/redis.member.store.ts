import {
  type Admission,
  type EnterRequest,
  type EnterResult,
  type Fence,
  type MemberStore,
  type PresenceStore,
  type Removal,
  type Role,
  type RoomSettings,
  type RosterChoice,
  type RosterMember,
  type Seat,
  type SeatLoss,
  type StirredRoom,
  shardOfRoom,
} from '#libs/room';
import { EVENT_NAMESPACE, openFrame, TICK_TAIL, wholeFrame } from './adapter.frame.js';
import {
  admissionScript,
  enterScript,
  leaveScript,
  type MemberNotice,
  removeMemberScript,
  roleOfScript,
  rosterScript,
  type StirredEntry,
  seatLossesScript,
  takeStirredScript,
  tellStirredScript,
} from './member.scripts.js';
import type { KeySpace, RoomKeys, ShardKeys } from './room.keys.js';
import { type RedisClient, ScriptRunner } from './script.definition.js';

/**
 * A gateway that was silent for this long holds no members any more: three missed beats. Within 5 s of its end every room
 * is told who is left; its owner looks once a second.
 */
export const GATEWAY_LIFETIME_MS = 3_500;

/** One script looks at so many seats: about a millisecond of Redis, which serves nobody else meanwhile. */
const SEATS_PER_CALL = 500;

export interface RedisMemberStoreOptions {
  /** Names this process in the seats of its members. */
  readonly gatewayId: string;
}

/** The shard, the keys and the id of a room. */
interface Place {
  readonly roomId: string;
  readonly shard: ShardKeys;
  readonly keys: RoomKeys;
}

/** Members of rooms in Redis. What is no room id of this service names no room. */
export class RedisMemberStore implements MemberStore, PresenceStore {
  private readonly scripts: ScriptRunner;

  constructor(
    redis: RedisClient,
    private readonly keys: KeySpace,
    private readonly options: RedisMemberStoreOptions,
  ) {
    this.scripts = new ScriptRunner(redis);
  }

  async admission(roomId: string, playerId: string | null): Promise<Admission | null> {
    const place = this.placeOf(roomId);
    if (place === null) return null;
    const found = await this.scripts.run(admissionScript, {
      ...place,
      playerId: playerId ?? '',
      lifetimeMs: GATEWAY_LIFETIME_MS,
    });
    if (found === null) return null;
    const { settings, players, spectators, hosts, removal, isConnected } = found;
    return {
      settings: JSON.parse(settings) as RoomSettings,
      presence: { players, spectators, hostConnected: hosts > 0 },
      removal,
      isConnected,
    };
  }

  async enter(request: EnterRequest): Promise<EnterResult> {
    const { roomId, connection, member } = request;
    const place = this.placeOf(roomId);
    if (place === null) return { entered: false, why: 'over' };
    return this.scripts.run(enterScript, {
      ...place,
      ...request,
      gatewayId: this.options.gatewayId,
      lifetimeMs: GATEWAY_LIFETIME_MS,
      replaced: this.removedNotice(roomId, member.playerId, 'replaced', [connection]),
    });
  }

  async leave(seat: Seat): Promise<void> {
    const place = this.placeOf(seat.roomId);
    if (place === null) return;
    await this.scripts.run(leaveScript, { ...place, seat, gatewayId: this.options.gatewayId });
  }

  async seatLosses(roomId: string, seats: readonly Omit<Seat, 'roomId'>[]): Promise<(SeatLoss | null)[]> {
    const place = this.placeOf(roomId);
    if (place === null) return seats.map(() => null);
    const { gatewayId } = this.options;
    const losses: (SeatLoss | null)[] = [];
    for (let from = 0; from < seats.length; from += SEATS_PER_CALL) {
      const some = seats.slice(from, from + SEATS_PER_CALL);
      losses.push(
        ...(await this.scripts.run(seatLossesScript, { keys: place.keys, gatewayId, seats: some })),
      );
    }
    return losses;
  }

  async roster(roomId: string, { away }: RosterChoice): Promise<RosterMember[]> {
    const place = this.placeOf(roomId);
    if (place === null) return [];
    const members = new Map<string, RosterMember>();
    await this.readRoster(place, 'seats', members);
    // Read later, it says of a player who came or went meanwhile how it is now.
    if (away) await this.readRoster(place, 'players', members);
    return [...members.values()];
  }

  async roleOf(roomId: string, playerId: string): Promise<Role | null> {
    const place = this.placeOf(roomId);
    return place && this.scripts.run(roleOfScript, { keys: place.keys, playerId });
  }

  async remove(roomId: string, playerId: string, removal: Removal): Promise<void> {
    const place = this.placeOf(roomId);
    if (place === null) return;
    const notice = this.removedNotice(roomId, playerId, removal);
    await this.scripts.run(removeMemberScript, { ...place, playerId, removal, notice });
  }

  async takeStirred(fence: Fence, limit: number): ReturnType<PresenceStore['takeStirred']> {
    const reply = await this.scripts.run(takeStirredScript, {
      shard: this.keys.shard(fence.shard),
      lease: fence,
      limit,
      lifetimeMs: GATEWAY_LIFETIME_MS,
    });
    return reply === 'fence' ? 'fenced' : reply;
  }

  async tellStirred(fence: Fence, rooms: readonly StirredRoom[]): ReturnType<PresenceStore['tellStirred']> {
    if (rooms.length === 0) return 'told';
    const reply = await this.scripts.run(tellStirredScript, {
      shard: this.keys.shard(fence.shard),
      lease: fence,
      lifetimeMs: GATEWAY_LIFETIME_MS,
      tail: TICK_TAIL,
      rooms: rooms.map((room) => this.stirredEntry(fence.shard, room)),
    });
    return reply === 'fence' ? 'fenced' : reply;
  }

  private async readRoster(
    place: Place,
    part: 'seats' | 'players',
    members: Map<string, RosterMember>,
  ): Promise<void> {
    const asked = { ...place, part, lifetimeMs: GATEWAY_LIFETIME_MS, count: SEATS_PER_CALL };
    let cursor = '0';
    do {
      const found = await this.scripts.run(rosterScript, { ...asked, cursor });
      for (const member of found.members) members.set(member.playerId, member);
      cursor = found.next;
    } while (cursor !== '0');
  }

  private stirredEntry(shard: number, { roomId, run }: StirredRoom): StirredEntry {
    const [room, staff] = (['room', 'staff'] as const).map((audience) =>
      this.keys.socketRoom(audience, roomId, shard),
    ) as [string, string];
    const keys = this.keys.room(roomId, shard);
    return {
      keys,
      answers: run === null ? keys.counts : this.keys.answers(roomId, run.runId, shard).answers,
      runId: run?.runId ?? null,
      roomChannel: this.channelOf(room),
      presenceHead: openFrame(room, 'room:presence', { roomId }),
      staffChannel: this.channelOf(staff),
      answersHead: openFrame(staff, 'answers:count', { roomId, questionId: run?.questionId ?? null }),
    };
  }

  private removedNotice(
    roomId: string,
    playerId: string,
    reason: Removal | 'replaced',
    except: readonly string[] = [],
  ): MemberNotice {
    const shard = shardOfRoom(roomId, this.keys.shards) ?? 0;
    const socketRoom = this.keys.socketRoom('player', roomId, shard, playerId);
    return {
      channel: this.channelOf(socketRoom),
      frame: wholeFrame(socketRoom, 'member:removed', { reason }, except),
    };
  }

  private channelOf(socketRoom: string): string {
    return this.keys.adapterChannel(socketRoom, EVENT_NAMESPACE);
  }

  private placeOf(roomId: string): Place | null {
    const shard = shardOfRoom(roomId, this.keys.shards);
    return shard === null
      ? null
      : { roomId, shard: this.keys.shard(shard), keys: this.keys.room(roomId, shard) };
  }
}

import {
  type EnterResult,
  type MemberRecord,
  nameBases,
  type Removal,
  type Role,
  type RosterMember,
  type Seat,
  type SeatLoss,
  type SecondConnection,
} from '#libs/room';
import { type EpochMs, epochMs } from '#libs/timer-core';
import { luaScripts } from './generated/lua.scripts.js';
import type { RoomKeys, ShardKeys } from './room.keys.js';
import { defineScript } from './script.definition.js';
import type { LeaseProof } from './store.scripts.js';

/** What scripts need to tell one member something; the frame is whole. */
export interface MemberNotice {
  readonly channel: string;
  readonly frame: string;
}

interface AtRoom {
  readonly shard: ShardKeys;
  readonly keys: RoomKeys;
}

export const admissionScript = defineScript({
  name: 'admission',
  lua: luaScripts.admission,
  encode: ({ shard, keys, ...args }: AtRoom & { playerId: string; lifetimeMs: number }) => ({
    keys: [shard.owner, keys.room, keys.presence, keys.counts, shard.gateways],
    argv: [args.playerId, args.lifetimeMs],
  }),
  parse: (reply) => {
    if (reply === null) return null;
    const [settings, players, spectators, hosts, removal, isConnected] = reply as [string, ...unknown[]];
    return {
      settings,
      players: Number(players),
      spectators: Number(spectators),
      hosts: Number(hosts),
      removal: removal === '' ? null : (removal as Removal),
      isConnected: isConnected === 1,
    };
  },
});

export const enterScript = defineScript({
  name: 'enter',
  lua: luaScripts.enter,
  encode: ({
    shard,
    keys,
    ...args
  }: AtRoom & {
    roomId: string;
    gatewayId: string;
    connection: string;
    member: MemberRecord;
    nameKey: string;
    maxPlayers: number;
    secondConnection: SecondConnection;
    lifetimeMs: number;
    replaced: MemberNotice;
  }) => ({
    keys: [
      shard.owner,
      keys.room,
      keys.players,
      keys.names,
      keys.presence,
      keys.counts,
      shard.gateways,
      shard.stirred,
    ],
    argv: [
      args.roomId,
      args.gatewayId,
      args.connection,
      args.member.playerId,
      args.member.role,
      args.maxPlayers,
      args.secondConnection,
      args.lifetimeMs,
      args.replaced.channel,
      args.replaced.frame,
      args.member.name,
      args.nameKey,
      ...nameBases({ name: args.member.name, nameKey: args.nameKey }).flatMap((base) => [
        base.name,
        base.nameKey,
      ]),
    ],
  }),
  parse: (reply): EnterResult => {
    const [what, name] = reply as [string, string?];
    if (what === 'entered') return { entered: true, name: name ?? '' };
    return { entered: false, why: what as Extract<EnterResult, { entered: false }>['why'] };
  },
});

export const leaveScript = defineScript({
  name: 'leave',
  lua: luaScripts.leave,
  encode: ({ shard, keys, seat, gatewayId }: AtRoom & { seat: Seat; gatewayId: string }) => ({
    keys: [shard.owner, keys.room, keys.presence, keys.counts, shard.stirred],
    argv: [seat.roomId, seat.playerId, gatewayId, seat.connection],
  }),
  parse: (reply): boolean => reply === 1,
});

export const seatLossesScript = defineScript({
  name: 'seatLosses',
  lua: luaScripts.seatLosses,
  encode: (args: { keys: RoomKeys; gatewayId: string; seats: readonly Omit<Seat, 'roomId'>[] }) => ({
    keys: [args.keys.room, args.keys.presence],
    argv: [args.gatewayId, ...args.seats.flatMap(({ playerId, connection }) => [playerId, connection])],
  }),
  parse: (reply): (SeatLoss | null)[] =>
    (reply as (SeatLoss | '')[]).map((loss) => (loss === '' ? null : loss)),
});

export const removeMemberScript = defineScript({
  name: 'removeMember',
  lua: luaScripts.removeMember,
  encode: ({
    shard,
    keys,
    ...args
  }: AtRoom & { roomId: string; playerId: string; removal: Removal; notice: MemberNotice }) => ({
    keys: [shard.owner, keys.room, keys.players, keys.names, keys.presence, keys.counts, shard.stirred],
    argv: [args.roomId, args.playerId, args.removal, args.notice.channel, args.notice.frame],
  }),
  parse: (reply): boolean => reply === 1,
});

export const roleOfScript = defineScript({
  name: 'roleOf',
  lua: luaScripts.roleOf,
  encode: ({ keys, playerId }: { keys: RoomKeys; playerId: string }) => ({
    keys: [keys.room, keys.players, keys.presence],
    argv: [playerId],
  }),
  parse: (reply) => reply as Role | null,
});

export const rosterScript = defineScript({
  name: 'roster',
  lua: luaScripts.roster,
  encode: ({
    shard,
    keys,
    ...args
  }: AtRoom & { lifetimeMs: number; part: 'seats' | 'players'; cursor: string; count: number }) => ({
    keys: [shard.owner, keys.presence, keys.players, shard.gateways],
    argv: [args.lifetimeMs, args.part, args.cursor, args.count],
  }),
  parse: (reply): { next: string; members: RosterMember[] } => {
    const [next, ...found] = reply as [string, ...(number | string)[]];
    const members: RosterMember[] = [];
    for (let i = 0; i < found.length; i += 2) {
      const { playerId, role, name } = JSON.parse(String(found[i + 1])) as MemberRecord;
      members.push({ playerId, role, name, connected: found[i] === 1 });
    }
    return { next, members };
  },
});

export const takeStirredScript = defineScript({
  name: 'takeStirred',
  lua: luaScripts.takeStirred,
  encode: (args: { shard: ShardKeys; lease: LeaseProof; limit: number; lifetimeMs: number }) => ({
    keys: [args.shard.owner, args.shard.stirred, args.shard.gateways],
    argv: [args.lease.ownerId, args.lease.epoch, args.limit, args.lifetimeMs],
  }),
  parse: (reply): 'fence' | { roomIds: string[]; gateways: string[] } => {
    if (reply === 'fence') return 'fence';
    const [roomIds, gateways] = reply as [string[], string[]];
    return { roomIds, gateways };
  },
});

export interface StirredEntry {
  readonly keys: RoomKeys;
  /** The hash of the accepted answers; any key of the room's slot when there is no run. */
  readonly answers: string;
  readonly runId: number | null;
  readonly roomChannel: string;
  readonly presenceHead: string;
  readonly staffChannel: string;
  readonly answersHead: string;
}

export const tellStirredScript = defineScript({
  name: 'tellStirred',
  lua: luaScripts.tellStirred,
  encode: (args: {
    shard: ShardKeys;
    lease: LeaseProof;
    lifetimeMs: number;
    tail: string;
    rooms: readonly StirredEntry[];
  }) => ({
    keys: [
      args.shard.owner,
      args.shard.gateways,
      ...args.rooms.flatMap((room) => [room.keys.room, room.keys.counts, room.answers]),
    ],
    argv: [
      args.lease.ownerId,
      args.lease.epoch,
      args.lifetimeMs,
      args.tail,
      ...args.rooms.flatMap((room) => [
        room.runId ?? '',
        room.roomChannel,
        room.presenceHead,
        room.staffChannel,
        room.answersHead,
      ]),
    ],
  }),
  parse: (reply) => reply as 'told' | 'fence',
});

export const occupiedScript = defineScript({
  name: 'occupied',
  lua: luaScripts.occupied,
  encode: (args: { shard: ShardKeys; keys: RoomKeys; lifetimeMs: number }) => ({
    keys: [args.shard.owner, args.keys.room, args.keys.counts, args.shard.gateways],
    argv: [args.lifetimeMs],
  }),
  parse: (reply): EpochMs => epochMs(Number(reply)),
});

export const heartbeatScript = defineScript({
  name: 'heartbeat',
  lua: luaScripts.heartbeat,
  encode: (args: { shard: ShardKeys; gatewayId: string; isFirst: boolean; ageMs?: number }) => ({
    keys: [args.shard.owner, args.shard.gateways],
    argv: [args.gatewayId, args.isFirst ? 1 : 0, args.ageMs ?? 0],
  }),
  parse: () => undefined,
});

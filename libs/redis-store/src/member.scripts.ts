import { type EpochMs, epochMs } from '#libs/timer-core';
import { luaScripts } from './generated/lua.scripts.js';
import type { RoomKeys, ShardKeys } from './room.keys.js';
import { defineScript } from './script.definition.js';

export const addPlayerScript = defineScript({
  name: 'addPlayer',
  lua: luaScripts.addPlayer,
  encode: (args: { keys: RoomKeys; playerId: string; record: string; limit: number }) => ({
    keys: [args.keys.room, args.keys.players],
    argv: [args.playerId, args.record, args.limit],
  }),
  parse: (reply) => reply as 'added' | 'full',
});

export const enterScript = defineScript({
  name: 'enter',
  lua: luaScripts.enter,
  encode: (args: { keys: RoomKeys; connection: string; record: string }) => ({
    keys: [args.keys.room, args.keys.presence],
    argv: [args.connection, args.record],
  }),
  parse: (reply): boolean => reply === 1,
});

export const leaveScript = defineScript({
  name: 'leave',
  lua: luaScripts.leave,
  encode: (args: { shard: ShardKeys; keys: RoomKeys; connection: string }) => ({
    keys: [args.shard.owner, args.keys.room, args.keys.presence],
    argv: [args.connection],
  }),
  parse: (reply): boolean => reply === 1,
});

export const occupiedScript = defineScript({
  name: 'occupied',
  lua: luaScripts.occupied,
  encode: (args: { shard: ShardKeys; keys: RoomKeys; lifetimeMs: number }) => ({
    keys: [args.shard.owner, args.keys.room, args.keys.presence, args.shard.gateways],
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

export const rosterScript = defineScript({
  name: 'roster',
  lua: luaScripts.roster,
  encode: (args: { shard: ShardKeys; keys: RoomKeys; lifetimeMs: number }) => ({
    keys: [args.shard.owner, args.keys.players, args.keys.presence, args.shard.gateways],
    argv: [args.lifetimeMs],
  }),
  parse: (reply): { players: string[]; connected: string[] } => {
    const [players, connected] = reply as [string[], string[]];
    return { players, connected };
  },
});

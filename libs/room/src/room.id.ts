import type { IdSource } from './room.ports.js';

const SHARD_DIGITS = 3;

/**
 * Length of a room id: the shard in three digits and 21 random characters. With this length no channel name built
 * from it has the 20 characters that the sharded Socket.IO adapter takes for a socket id.
 */
export const ROOM_ID_LENGTH = 24;

/** PINs have six digits. */
const PINS = 1_000_000;

const ROOM_ID = /^\d{3}[a-z0-9]{21}$/;

/** The shard of a PIN. */
export const shardOfPin = (pin: string, shards: number): number => Number(pin) % shards;

/** The shard that a room id names, or null when it is no room id of this service. */
export function shardOfRoom(roomId: string, shards: number): number | null {
  if (!ROOM_ID.test(roomId)) return null;
  const shard = Number(roomId.slice(0, SHARD_DIGITS));
  return shard < shards ? shard : null;
}

export const newRoomId = (ids: Pick<IdSource, 'token'>, shard: number): string =>
  `${String(shard).padStart(SHARD_DIGITS, '0')}${ids.token(ROOM_ID_LENGTH - SHARD_DIGITS)}`;

/** How many rooms a shard holds at most, so that all together hold `maxRooms`; the low shards take the remainder. */
export const roomsOfShard = (maxRooms: number, shard: number, shards: number): number =>
  Math.floor(maxRooms / shards) + (shard < maxRooms % shards ? 1 : 0);

/** The PIN, or the next one whose shard is not in `full`; of the `shards` at least one is not. */
export function pinOutside(full: ReadonlySet<number>, pin: string, shards: number): string {
  let number = Number(pin);
  while (full.has(number % shards)) number = (number + 1) % PINS;
  return String(number).padStart(pin.length, '0');
}

import type { ReceivedFrame } from '../closing.observer.js';
import { tickIn } from '../ticks/tick.observer.js';

/** A scheduler's death. Instants on Redis' clock, ms. */
export interface TakeOver {
  readonly killedAt: number;
  /** By shard: when somebody else was seen to have it. Only shards that the dead scheduler had. */
  readonly takenAt: ReadonlyMap<number, number>;
}

/** What became of the rooms of a scheduler that was killed. */
export interface TakeOverReport {
  /** From the kill until all of its shards had another owner (ms). */
  readonly ownedMs: number;
  /** From the kill to the first tick by another owner, of each room (ms). */
  readonly silentMs: readonly number[];
  /** Rooms of which no tick was heard any more. */
  readonly lost: number;
}

/**
 * Judges what was heard from the kill on. What the dead one had sent may arrive after its end, and what the new one sends
 * shortly before its lease is seen: the middle between the two is far from both, because a lease has to run out first.
 *
 * @param rooms that tick, and lie in shards of the one that was killed
 */
export function judgeTakeOver(
  rooms: readonly { readonly roomId: string; readonly shard: number }[],
  frames: readonly ReceivedFrame[],
  { killedAt, takenAt }: TakeOver,
): TakeOverReport {
  const fromAt = new Map(
    rooms.map(({ roomId, shard }) => [roomId, (killedAt + (takenAt.get(shard) ?? Number.NaN)) / 2]),
  );
  const firstAt = new Map<string, number>();
  for (const { frame, receivedAt } of frames) {
    const tick = tickIn(frame);
    // Also false for rooms of somebody else, and shards that nobody took.
    if (tick === null || !(tick.serverNow >= (fromAt.get(tick.roomId) ?? Number.NaN))) continue;
    firstAt.set(tick.roomId, Math.min(receivedAt, firstAt.get(tick.roomId) ?? Number.POSITIVE_INFINITY));
  }
  return {
    ownedMs: Math.max(...takenAt.values()) - killedAt,
    silentMs: [...firstAt.values()].map((at) => at - killedAt),
    lost: rooms.length - firstAt.size,
  };
}

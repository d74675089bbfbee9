import { roomJoinAckSchema } from '#libs/protocol';
import { inParallel } from '../in.parallel.js';
import { CannotRun } from '../suite.types.js';
import { RawPlayer } from './raw.player.js';

/** Connects a player and has them join. @throws CannotRun when the join is refused */
export async function joinRoom(
  url: string,
  payload: { readonly pin: string; readonly name: string; readonly ticks?: boolean },
): Promise<{ readonly player: RawPlayer; readonly playerId: string }> {
  const player = await RawPlayer.connect(url);
  const { ack } = await player.call('room:join', payload);
  const joined = roomJoinAckSchema.parse(ack);
  if (!joined.ok) throw new CannotRun(`A join was refused: ${joined.error.code}, ${joined.error.message}`);
  return { player, playerId: joined.playerId };
}

/** Has so many join, a few at a time; `join` is called once with each number from 0 on. */
export async function joinMany(count: number, join: (index: number) => Promise<void>): Promise<void> {
  await inParallel(Array.from({ length: count }), (_, index) => join(index));
}

import { roomJoinAckSchema } from '#libs/protocol';
import { inParallel } from '../in.parallel.js';
import { CannotRun } from '../suite.types.js';
import { type AckListener, RawPlayer } from './raw.player.js';

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

/**
 * Connects to any server that knows `room:join`, and joins by this payload.
 *
 * @param onEvent hears from the beginning on
 * @throws CannotRun when the join is refused
 */
export async function enterRoom(
  url: string,
  payload: object,
  onEvent: AckListener = () => {},
): Promise<RawPlayer> {
  const player = await RawPlayer.connect(url);
  player.onEvent = onEvent;
  const { ack } = await player.call('room:join', payload);
  if (isGood(ack)) return player;
  throw new CannotRun(`A join was refused: ${JSON.stringify(ack)}`);
}

/** Whether an acknowledgement is no refusal. */
export const isGood = (ack: unknown): boolean => (ack as { ok?: unknown } | null)?.ok === true;

/** Has so many join, a few at a time; `join` is called once with each number from 0 on. */
export async function joinMany(count: number, join: (index: number) => Promise<void>): Promise<void> {
  await inParallel(Array.from({ length: count }), (_, index) => join(index));
}

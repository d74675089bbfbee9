import { z } from 'zod';
import { RawPlayer } from './raw.player.js';

const joined = z.object({ ok: z.literal(true) });

/**
 * Connects and joins, at a gateway or at anything else that acknowledges a `room:join` by `ok: true`.
 *
 * @throws ZodError when it is refused
 */
export async function joinAnywhere(url: string, join: object): Promise<RawPlayer> {
  const player = await RawPlayer.connect(url);
  const { ack } = await player.call('room:join', join);
  joined.parse(ack);
  return player;
}

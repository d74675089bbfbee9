import { setTimeout as sleep } from 'node:timers/promises';
import type { RawPlayer } from './raw.player.js';

/** The server asks each connection so long after it has heard of it last whether it is still there, and waits as long (ms). */
export const PING_INTERVAL_MS = 5_000;
const HELD_MS = 4_500;
const MARGIN_MS = 100;
/** From the return of `quietTime` on nobody is asked for so long. */
export const QUIET_MS = HELD_MS - 2 * MARGIN_MS;

/**
 * Puts the heartbeats of all connections together, and returns when they are over. What a heartbeat costs depends on what else
 * a server does: one that wakes it costs several times one that is served beside others, so that it cannot be taken
 * off as what an idle server costs. Within the quiet time there is nothing to take off.
 */
export async function quietTime(players: readonly RawPlayer[]): Promise<void> {
  const held: RawPlayer[] = [];
  for (const player of players) player.onPing = () => held.push(player);
  await sleep(HELD_MS);
  for (const player of players) player.onPing = () => player.answerPing();
  for (const player of held) player.answerPing();
  await sleep(PING_INTERVAL_MS - HELD_MS + MARGIN_MS);
}

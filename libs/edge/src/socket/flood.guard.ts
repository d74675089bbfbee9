import type { Config } from '#libs/ops';
import { type EndableConnection, endNow } from './connection.end.js';
import { EventWindow } from './event.window.js';
import type { EngineConnection } from './frame.guard.js';

/** Who sends so many times what is allowed is told nothing any more. */
const FLOOD_FACTOR = 10;

/**
 * Ends a connection that sends ten times as many frames as it may send events, of whatever kind: what a client is refused
 * costs the gateway too.
 *
 * @param rate of events; null for no limit
 * @param onFlood told when the connection is ended
 */
export function guardFlood(
  connection: EngineConnection & EndableConnection,
  rate: Config['limits']['events'],
  onFlood: () => void,
): void {
  if (rate === null) return;
  const window = new EventWindow(rate.perMs);
  const most = rate.count * FLOOD_FACTOR;
  let isOver = false;
  connection.on('packet', (packet) => {
    if (!isOver && window.add() <= most) return;
    packet.type = 'noop';
    if (isOver) return;
    isOver = true;
    onFlood();
    endNow(connection);
  });
}

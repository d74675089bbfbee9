import { untilOrLate } from '../players/open.loop.js';
import { enterRoom, joinMany } from '../players/player.join.js';
import type { RawPlayer } from '../players/raw.player.js';
import { serve } from '../process/bench.worker.js';
import { monotonicMs } from '../stats/monotonic.clock.js';
import type { HearingOrders } from './hearing.orders.js';

/** An event that is later than this counts as lost. */
const GIVE_UP_MS = 15_000;

let players: RawPlayer[] = [];
let beginning = '';
let heard = 0;
let firstMs = Number.NaN;
let lastMs = Number.NaN;

function hear(text: string, atMs: number): void {
  if (!text.startsWith(beginning)) return;
  if (heard === 0) firstMs = monotonicMs(atMs);
  heard += 1;
  lastMs = monotonicMs(atMs);
}

serve<HearingOrders>({
  async enter({ url, pin, players: count }) {
    await joinMany(count, async (i) => {
      const player = await enterRoom(url, { pin, name: `Player ${i}`, ticks: false });
      player.onEvent = hear;
      players.push(player);
    });
    return {};
  },

  async listen({ event }) {
    beginning = `["${event}"`;
    heard = 0;
    return {};
  },

  async heard() {
    await untilOrLate(() => heard >= players.length, GIVE_UP_MS);
    return { heard, firstMs, lastMs };
  },

  async leave() {
    for (const player of players) player.close();
    players = [];
    return {};
  },
});

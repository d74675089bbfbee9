import { enterRoom, joinMany } from '../players/player.join.js';
import type { RawPlayer } from '../players/raw.player.js';
import { serve } from '../process/bench.worker.js';
import type { ListenOrders } from './listen.orders.js';
import { heardInAll, RoomTicks } from './room.ticks.js';

const TICK = '["question:tick"';

const players: RawPlayer[] = [];
const rooms: RoomTicks[] = [];
let [fromMs, untilMs] = [0, 0];

async function join(url: string, payload: object, ticks: RoomTicks): Promise<void> {
  const hear = (text: string, atMs: number) => {
    if (text.startsWith(TICK)) ticks.hear(text, atMs);
  };
  players.push(await enterRoom(url, payload, hear));
}

serve<ListenOrders>({
  async join({ url, rooms: wanted }) {
    const joins = wanted.flatMap(({ payload, members }) => {
      const ticks = new RoomTicks(members);
      rooms.push(ticks);
      return Array.from({ length: members }, () => () => join(url, payload, ticks));
    });
    await joinMany(joins.length, async (i) => joins[i]?.());
    return {};
  },

  async begin() {
    fromMs = performance.now();
    return {};
  },

  async end() {
    untilMs = performance.now();
    return {};
  },

  async take({ tickMs }) {
    const heard = heardInAll(rooms.map((room) => room.take(fromMs, untilMs, tickMs)));
    return { ...heard, connected: players.filter(({ isOpen }) => isOpen).length };
  },
});

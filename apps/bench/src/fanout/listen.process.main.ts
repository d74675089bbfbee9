import { joinMany } from '../players/player.join.js';
import { RawPlayer } from '../players/raw.player.js';
import { serve } from '../process/bench.worker.js';
import { CannotRun } from '../suite.types.js';
import type { ListenOrders } from './listen.orders.js';
import { heardInAll, RoomTicks } from './room.ticks.js';

const TICK = '["question:tick"';

const players: RawPlayer[] = [];
const rooms: RoomTicks[] = [];
let [fromMs, untilMs] = [0, 0];

async function joinOne(url: string, payload: object, ticks: RoomTicks): Promise<void> {
  const player = await RawPlayer.connect(url);
  player.onEvent = (text, atMs) => {
    if (text.startsWith(TICK)) ticks.hear(text, atMs);
  };
  const { ack } = await player.call('room:join', payload);
  if ((ack as { ok?: unknown }).ok !== true)
    throw new CannotRun(`A join was refused: ${JSON.stringify(ack)}`);
  players.push(player);
}

serve<ListenOrders>({
  async join({ url, rooms: wanted }) {
    const joins = wanted.flatMap(({ payload, members }) => {
      const ticks = new RoomTicks(members);
      rooms.push(ticks);
      return Array.from({ length: members }, () => () => joinOne(url, payload, ticks));
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

import { Redis } from 'ioredis';
import type { ClientOrders } from './deadlines.clients.orders.js';
import { joinMany, joinRoom } from './players/player.join.js';
import type { RawPlayer } from './players/raw.player.js';
import { serve } from './process/bench.worker.js';
import { redisClockOffset } from './stats/redis.clock.js';

let clients: RawPlayer[] = [];
let offsetMs = 0;
let noted: { readonly text: string; readonly atMs: number }[] = [];

serve<ClientOrders>({
  async join({ seats }) {
    for (const client of clients) client.close();
    clients = [];
    await joinMany(seats.length, async (i) => {
      const { url = '', pin = '' } = seats[i] ?? {};
      const { player } = await joinRoom(url, { pin, name: `Client ${i + 1}` });
      clients[i] = player;
    });
    return {};
  },

  async note({ redisUrl, event }) {
    const redis = new Redis(redisUrl);
    offsetMs = await redisClockOffset(redis);
    await redis.quit();
    noted = [];
    for (const client of clients) {
      client.onEvent = (text, atMs) => {
        if (text.startsWith(`["${event}"`)) noted.push({ text, atMs });
      };
    }
    return {};
  },

  async take() {
    const events = noted.map(({ text, atMs }) => ({ text, receivedAt: atMs + offsetMs }));
    noted = [];
    return { events, connected: clients.filter((client) => client.isOpen).length };
  },
});

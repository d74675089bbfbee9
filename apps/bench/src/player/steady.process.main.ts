import { setTimeout as sleep } from 'node:timers/promises';
import { clockSyncAckSchema } from '#libs/protocol';
import { joinMany, joinRoom } from '../players/player.join.js';
import type { RawPlayer } from '../players/raw.player.js';
import { serve } from '../process/bench.worker.js';
import { seeded } from '../seeded.random.js';
import { CannotRun } from '../suite.types.js';
import type { SteadyOrders } from './steady.orders.js';

const EVENT_NAME = /^\["([^"]+)"/;

const players: RawPlayer[] = [];
let heard = new Map<string, number>();

function hear(text: string): void {
  const name = EVENT_NAME.exec(text)?.[1] ?? text;
  heard.set(name, (heard.get(name) ?? 0) + 1);
}

async function syncOnce(player: RawPlayer): Promise<void> {
  const { ack } = await player.call('clock:sync', { sentAt: Math.floor(performance.now()) });
  const answer = clockSyncAckSchema.parse(ack);
  if (!answer.ok) throw new CannotRun(`A clock:sync was refused: ${answer.error.message}`);
}

serve<SteadyOrders>({
  async join({ url, pins, perRoom, hasTicks }) {
    await joinMany(pins.length * perRoom, async (i) => {
      const pin = pins[i % pins.length] ?? '';
      const { player } = await joinRoom(url, { pin, name: `Player ${i}`, ticks: hasTicks });
      player.onEvent = hear;
      players.push(player);
    });
    return {};
  },

  async sync({ everyMs, forMs, seed }) {
    const random = seeded(seed);
    const due: { player: RawPlayer; atMs: number }[] = [];
    for (const player of players) {
      for (let atMs = random() * everyMs; atMs < forMs; atMs += everyMs) due.push({ player, atMs });
    }
    due.sort((a, b) => a.atMs - b.atMs);
    const startMs = performance.now();
    const answered: Promise<void>[] = [];
    for (const { player, atMs } of due) {
      const waitMs = startMs + atMs - performance.now();
      if (waitMs >= 1) await sleep(waitMs);
      answered.push(syncOnce(player));
    }
    await Promise.all(answered);
    return { synced: due.length };
  },

  async take() {
    const {
      'question:started': started = 0,
      'question:tick': ticks = 0,
      'question:closed': closed = 0,
      ...others
    } = Object.fromEntries(heard);
    heard = new Map();
    const connected = players.filter(({ isOpen }) => isOpen).length;
    return { started, ticks, closed, others, connected };
  },
});

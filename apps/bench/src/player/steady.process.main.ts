import { setTimeout as sleep } from 'node:timers/promises';
import { answerSubmitAckSchema, clockSyncAckSchema } from '#libs/protocol';
import { joinMany, joinRoom } from '../players/player.join.js';
import type { RawPlayer } from '../players/raw.player.js';
import { serve } from '../process/bench.worker.js';
import { seeded } from '../seeded.random.js';
import { CannotRun } from '../suite.types.js';
import type { SteadyOrders } from './steady.orders.js';

const EVENT_NAME = /^\["([^"]+)"/;

const players: RawPlayer[] = [];
/** The place of each player's room among the PINs. */
const roomOf = new Map<RawPlayer, number>();
const lastOf = new Map<string, string>();
let heard = new Map<string, number>();

function hear(text: string): void {
  const name = EVENT_NAME.exec(text)?.[1] ?? text;
  heard.set(name, (heard.get(name) ?? 0) + 1);
  lastOf.set(name, text);
}

/** Does something for players at instants of theirs (ms from now), and waits until all of it is done. */
async function doAll<T>(
  due: readonly { readonly player: RawPlayer; readonly atMs: number }[],
  action: (player: RawPlayer) => Promise<T>,
): Promise<T[]> {
  const startMs = performance.now();
  const done: Promise<T>[] = [];
  for (const { player, atMs } of due) {
    const waitMs = startMs + atMs - performance.now();
    if (waitMs >= 1) await sleep(waitMs);
    done.push(action(player));
  }
  return Promise.all(done);
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
      roomOf.set(player, i % pins.length);
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
    await doAll(due, syncOnce);
    return { synced: due.length };
  },

  async answer({ questions, forMs }) {
    const due = players.map((player, i) => ({ player, atMs: ((i + 0.5) * forMs) / players.length }));
    const judged = await doAll(due, async (player) => {
      const question = questions[roomOf.get(player) ?? -1];
      if (question === undefined) throw new RangeError('a room without a question');
      const { questionId, runId } = question;
      const { ack } = await player.call('answer:submit', { questionId, runId, choice: 'B' });
      const answer = answerSubmitAckSchema.parse(ack);
      return answer.ok && answer.verdict === 'accepted';
    });
    return { accepted: judged.filter(Boolean).length };
  },

  async sizes() {
    return Object.fromEntries([...lastOf].map(([name, text]) => [name, Buffer.byteLength(text)]));
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

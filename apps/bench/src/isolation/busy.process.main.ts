import { setTimeout as sleep } from 'node:timers/promises';
import { enterRoom, isGood, joinMany } from '../players/player.join.js';
import type { RawPlayer } from '../players/raw.player.js';
import { serve } from '../process/bench.worker.js';
import type { BusyOrders } from './busy.orders.js';

const players: RawPlayer[] = [];

/** Does each of the works at its own instant, evenly over the time. @returns how many gave true */
async function spread(works: readonly (() => Promise<boolean>)[], forMs: number): Promise<number> {
  const startMs = performance.now();
  const done = await Promise.all(
    works.map(async (work, i) => {
      await sleep(startMs + (i * forMs) / works.length - performance.now());
      return work();
    }),
  );
  return done.filter(Boolean).length;
}

serve<BusyOrders>({
  async join({ url, payloads, members }) {
    await joinMany(payloads.length * members, async (i) => {
      players.push(await enterRoom(url, payloads[i % payloads.length] ?? {}));
    });
    return {};
  },

  async stir({ url, payloads, questionId, forMs }) {
    const answering = questionId === null ? [] : players;
    const [answers, joins] = await Promise.all([
      spread(
        answering.map((player) => async () => {
          const { ack } = await player.call('answer:submit', { questionId, choice: 'a' });
          return isGood(ack);
        }),
        forMs,
      ),
      spread(
        payloads.map((payload) => async () => {
          const player = await enterRoom(url, payload);
          player.close();
          return true;
        }),
        forMs,
      ),
    ]);
    return { answers, joins };
  },
});

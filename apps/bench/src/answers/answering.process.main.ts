import { atInstants, untilOrLate } from '../players/open.loop.js';
import { enterRoom, joinMany } from '../players/player.join.js';
import { quietTime } from '../players/quiet.time.js';
import type { RawPlayer } from '../players/raw.player.js';
import { serve } from '../process/bench.worker.js';
import { seeded } from '../seeded.random.js';
import { answerInstants } from './answer.instants.js';
import type { AnsweringOrders } from './answering.orders.js';

/** A verdict that is later than this counts as none. */
const GIVE_UP_MS = 15_000;
/** Between the order and the first instant. */
const AHEAD_MS = 50;
const ACCEPTED = '"verdict":"accepted"';
/** As long as the ids of the SDK. */
const ID_LENGTH = 21;

let rooms = 1;
let sent = 0;
const players: RawPlayer[] = [];
const hosts: RawPlayer[] = [];

serve<AnsweringOrders>({
  async enter({ url, rooms: entered, perRoom }) {
    rooms = entered.length;
    await joinMany(rooms * perRoom, async (i) => {
      const { pin } = entered[i % rooms] ?? { pin: '' };
      players[i] = await enterRoom(url, { pin, name: `Player ${i}` });
    });
    for (const { hostToken } of entered) {
      if (hostToken !== undefined) hosts.push(await enterRoom(url, { token: hostToken }));
    }
    return {};
  },

  async quiet() {
    await quietTime([...players, ...hosts]);
    return {};
  },

  async answer({ questionId, runIds, answers, perSecond, seed }) {
    const latencyMs: number[] = [];
    const sentLateMs: number[] = [];
    const others: string[] = [];
    const due = answerInstants({ answers, perSecond }, players.length, seeded(seed));
    const beginMs = performance.now() + AHEAD_MS;
    let lastMs = beginMs;
    await atInstants(
      due,
      () => performance.now() - beginMs,
      ({ player, at }) => {
        const answerId = `${++sent}`.padStart(ID_LENGTH, 'a');
        const answer = { questionId, runId: runIds[player % rooms], answerId, choice: 'b' };
        const dueMs = beginMs + at;
        sentLateMs.push(performance.now() - dueMs);
        players[player]?.send('answer:submit', answer, (text, atMs) => {
          lastMs = atMs;
          if (text.includes(ACCEPTED)) latencyMs.push(atMs - dueMs);
          else others.push(text);
        });
      },
    );
    const missing = () => due.length - latencyMs.length - others.length;
    await untilOrLate(() => missing() === 0, GIVE_UP_MS);
    if (missing() > 0) others.push(`${missing()} answers without a verdict`);
    return { latencyMs, sentLateMs, tookMs: lastMs - beginMs, others };
  },
});

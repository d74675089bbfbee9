import { questionTickSchema } from '#libs/protocol';
import { serve } from '../process/bench.worker.js';
import { CannotRun } from '../suite.types.js';
import type { ClockOffset } from './clock.bounds.js';
import { syncClock } from './clock.sync.js';
import { atInstants, untilOrLate } from './open.loop.js';
import { joinMany, joinRoom } from './player.join.js';
import type { HeardTick, PlayerOrders, SentAnswer } from './player.orders.js';
import { RawPlayer } from './raw.player.js';

/** An acknowledgement that is later than this counts as lost. */
const GIVE_UP_MS = 15_000;
const TICK = '["question:tick"';

const players: RawPlayer[] = [];
const playerIds: string[] = [];
let timekeeper: RawPlayer | undefined;
let clock: ClockOffset = { offsetMs: 0, uncertaintyMs: Number.POSITIVE_INFINITY };
let noted: { member: number; text: string; atMs: number }[] = [];

serve<PlayerOrders>({
  async join({ url, pin, players: count, firstName }) {
    timekeeper ??= await RawPlayer.connect(url);
    await joinMany(count, async (i) => {
      const joined = await joinRoom(url, { pin, name: `Player ${firstName + i}` });
      players[i] = joined.player;
      playerIds[i] = joined.playerId;
    });
    return { playerIds };
  },

  async sync() {
    if (timekeeper === undefined) throw new CannotRun('Nobody has joined.');
    clock = await syncClock(timekeeper);
    return clock;
  },

  async answer({ questionId, runId, answers }) {
    const { offsetMs } = clock;
    const sent: SentAnswer[] = [];
    let acked = 0;
    const now = () => performance.now() + offsetMs;
    await atInstants(answers, now, ({ player, choice, at }) => {
      const startedMs = performance.now();
      const answer: { -readonly [F in keyof SentAnswer]: SentAnswer[F] } = {
        playerId: playerIds[player] ?? '',
        choice,
        plannedAt: at,
        sentAt: startedMs + offsetMs,
        handedOverAt: 0,
        ack: null,
      };
      sent.push(answer);
      players[player]?.send('answer:submit', { questionId, runId, choice }, (text, atMs) => {
        answer.ack = { at: atMs + offsetMs, text };
        acked += 1;
      });
      answer.handedOverAt = performance.now() + offsetMs;
    });
    await untilOrLate(() => acked === answers.length, GIVE_UP_MS);
    return { answers: sent };
  },

  async noteTicks() {
    noted = [];
    players.forEach((player, member) => {
      player.onEvent = (text, atMs) => {
        if (text.startsWith(TICK)) noted.push({ member, text, atMs });
      };
    });
    return {};
  },

  async takeTicks() {
    const ticks = noted.map(({ member, text, atMs }): HeardTick => {
      const [, payload] = JSON.parse(text) as unknown[];
      const { endsAt, serverNow } = questionTickSchema.parse(payload);
      return [member, endsAt ?? Number.NaN, serverNow, atMs + clock.offsetMs];
    });
    noted = [];
    return { ticks, connected: players.filter((player) => player.isOpen).length };
  },
});

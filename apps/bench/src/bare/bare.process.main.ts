import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { QUIZ_NAMESPACE } from '#libs/protocol';
import { serve } from '../process/bench.worker.js';
import { TRANSPORT } from '../relay/relay.options.js';
import { roomAdapter } from '../relay/room.adapter.js';
import type { BareOrders } from './bare.orders.js';

// What a quiz app has that brings its own timers: Socket.IO with the Redis adapter. It believes whoever says anything, and
// keeps nothing.

type Ack = (reply: object) => void;
interface ClientEvents {
  'room:join': (join: { readonly pin: string }, ack: Ack) => void;
  'answer:submit': (answer: object, ack: Ack) => void;
  'question:start': (start: BareStart, ack: Ack) => void;
  'question:stop': (stop: object, ack: Ack) => void;
}

interface ServerEvents {
  'question:started': (snapshot: object) => void;
  'question:closed': (snapshot: object) => void;
}

interface BareStart {
  readonly questionId: string;
  readonly durationMs: number;
  readonly content?: object;
}

interface BareQuestion extends BareStart {
  readonly version: number;
}

/** The fields of Quizbell's snapshot, so that as many bytes travel. */
function snapshotOf(pin: string, { questionId, durationMs, content, version }: BareQuestion, phase: string) {
  const serverNow = Date.now();
  return {
    roomId: pin.padEnd(ROOM_ID_LENGTH, 'x'),
    questionId,
    runId: version,
    version,
    phase,
    opensAt: version,
    endsAt: version + durationMs,
    durationMs,
    graceMs: 0,
    tickMs: 0,
    remainingMs: durationMs,
    serverNow,
    content,
  };
}

const ROOM_ID_LENGTH = 24;

serve<BareOrders>({
  async listen({ redisUrl, prefix }) {
    const http = createServer();
    const adapter = roomAdapter('sharded', redisUrl, prefix);
    const quiz = new Server<ClientEvents, ServerEvents>(http, { ...TRANSPORT, adapter }).of(QUIZ_NAMESPACE);
    quiz.on('connection', (socket) => {
      let room = '';
      let question: BareQuestion = { questionId: '', durationMs: 0, version: 0 };
      socket.on('room:join', async ({ pin }, ack) => {
        room = pin;
        await socket.join(pin);
        ack({ ok: true });
      });
      socket.on('answer:submit', (_answer, ack) => {
        const receivedAt = Date.now();
        ack({ ok: true, verdict: 'accepted', receivedAt, elapsedMs: receivedAt % 10_000 });
      });
      socket.on('question:start', (start, ack) => {
        question = { ...start, version: Date.now() };
        const snapshot = snapshotOf(room, question, 'open');
        quiz.to(room).emit('question:started', snapshot);
        ack({ ok: true, snapshot });
      });
      socket.on('question:stop', (_stop, ack) => {
        const snapshot = snapshotOf(room, question, 'closed');
        quiz.to(room).emit('question:closed', snapshot);
        ack({ ok: true, snapshot });
      });
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
  },

  async cpu() {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1_000 };
  },
});

import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { EVENT_NAMESPACE } from '#libs/redis-store';
import { serve } from '../process/bench.worker.js';
import { roomAdapter } from '../relay/room.adapter.js';
import { redisClockOffset } from '../stats/redis.clock.js';
import type { EmitOrders, EmittedRoom } from './emit.orders.js';
import { TickWheel } from './tick.wheel.js';

// What somebody would write instead of a scheduler: a Socket.IO server without clients, one timer, and one emit a room.

serve<EmitOrders>({
  async start({ redisUrl, prefix, adapter = 'sharded', tickMs, rooms }) {
    const redis = new Redis(redisUrl);
    const offsetMs = await redisClockOffset(redis);
    const now = () => performance.now() + offsetMs;
    const quiz = new Server({ adapter: roomAdapter(adapter, redisUrl, prefix) }).of(EVENT_NAMESPACE);
    const wheel = new TickWheel(rooms, tickMs, Math.ceil(now()));
    const emit = ({ roomId, socketRoom, endsAt }: EmittedRoom) => {
      const serverNow = Math.floor(now());
      quiz.to(socketRoom).volatile.emit('question:tick', {
        roomId,
        questionId: 'q1',
        // As long as the real ones: what is compared must not be the number of bytes.
        runId: endsAt - 600_000,
        version: endsAt - 600_000,
        phase: 'open',
        opensAt: endsAt - 600_000,
        endsAt,
        durationMs: 600_000,
        graceMs: 0,
        tickMs,
        remainingMs: endsAt - serverNow,
        serverNow,
      });
    };
    const turn = () => {
      for (const { item } of wheel.due(now())) emit(item);
      setTimeout(turn, Math.max(0, wheel.nextAt - now()));
    };
    turn();
    return {};
  },

  async cpu() {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1_000 };
  },
});

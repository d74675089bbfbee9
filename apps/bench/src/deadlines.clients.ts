import { fileURLToPath } from 'node:url';
import { CLOSED_EVENT, type DueRoom } from './closing.observer.js';
import type { NewRoom } from './contest.arena.js';
import type { ClientOrders, HeardEvent } from './deadlines.clients.orders.js';
import { BenchWorker } from './process/bench.worker.js';
import { CannotRun } from './suite.types.js';

const SCRIPT = fileURLToPath(new URL('./deadlines.clients.main.js', import.meta.url));

/** Clients on bare websockets in a process of their own, one in each of some rooms. */
export class DeadlineClients {
  private readonly worker = new BenchWorker<ClientOrders>('clients', SCRIPT);
  private rooms: readonly NewRoom[] = [];

  /** The clients of earlier rooms leave. They join through all gateways alike. */
  async join(rooms: readonly NewRoom[], urls: readonly string[]): Promise<void> {
    const seats = rooms.map(({ pin }, i) => ({ pin, url: urls[i % urls.length] ?? '' }));
    await this.worker.request('join', { seats });
    this.rooms = rooms;
  }

  async note(redisUrl: string): Promise<void> {
    await this.worker.request('note', { redisUrl, event: CLOSED_EVENT });
  }

  /** @throws CannotRun when a connection was lost meanwhile */
  async take(due: readonly DueRoom[]): Promise<SeenByClients> {
    const { events, connected } = await this.worker.request('take', {});
    if (connected < this.rooms.length)
      throw new CannotRun(`Of ${this.rooms.length} clients ${connected} are still connected.`);
    const ids = new Set(this.rooms.map(({ roomId }) => roomId));
    return seenByClients(
      due.filter(({ roomId }) => ids.has(roomId)),
      events,
    );
  }

  stop(): Promise<void> {
    return this.worker.stop();
  }
}

/** What the clients made of it. */
export interface SeenByClients {
  /** Rooms whose client heard of no closing. */
  readonly lost: readonly string[];
  /** Of each first closing: lateness (ms) until the client had it. */
  readonly seenMs: readonly number[];
}

/** Lateness against the instant that was set, of the rooms that have a client. */
export function seenByClients(due: readonly DueRoom[], events: readonly HeardEvent[]): SeenByClients {
  const firstAt = new Map<string, number>();
  for (const { text, receivedAt } of events) {
    const [, payload] = JSON.parse(text) as [string, { readonly roomId: string }];
    if (!firstAt.has(payload.roomId)) firstAt.set(payload.roomId, receivedAt);
  }
  const lost: string[] = [];
  const seenMs: number[] = [];
  for (const { roomId, endsAt } of due) {
    const at = firstAt.get(roomId);
    if (at === undefined) lost.push(roomId);
    else seenMs.push(at - endsAt);
  }
  return { lost, seenMs };
}

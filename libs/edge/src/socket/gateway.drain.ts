import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandQueue } from './command.queue.js';
import type { Socket } from './socket.types.js';

/** Members come back to other gateways at up to this rate (per second), as long as the limit leaves the time. */
const RETURNS_PER_SECOND = 250;
/** A few members are spread over this time all the same (ms): they may be the few of each of many gateways. */
const LEAST_SPREAD_MS = 500;
/** The last members are told to go after this share of the limit; the rest is for them to go, and for commands. */
const SPREAD_SHARE = 0.7;
/** Who was told to go has so long (ms) to go by itself. */
const GOING_MS = 500;
/** What is still to be sent to it may take so long (ms). */
const FLUSH_MS = 250;

/** A connection that is to end. */
interface Leaving {
  readonly socket: Socket;
  readonly queue: CommandQueue;
  /** Whether its client knows `server:draining`; any other just loses its connection, and comes back. */
  readonly isToldOfDrain: boolean;
}

/** Who has connections: those of now, and those that come. */
export interface Drainable {
  readonly sessions: ReadonlySet<Leaving>;
  onAttached(listener: (session: Leaving) => void): void;
}

/**
 * Empties a gateway: every connection is told to go, each after a delay of its own, so that not all come to the other
 * gateways at once; until then it is served as before. A command that has arrived is answered before its connection ends.
 */
export class GatewayDrain {
  private readonly leaving = new Set<Promise<void>>();

  constructor(
    private readonly parts: readonly Drainable[],
    private readonly limitMs: number,
  ) {}

  /** Resolves when nobody is connected any more, at the latest after the limit. */
  async run(): Promise<void> {
    const until = performance.now() + this.limitMs;
    const sessions = this.parts.flatMap((part) => [...part.sessions]);
    const wantedMs = Math.max(LEAST_SPREAD_MS, (1_000 * sessions.length) / RETURNS_PER_SECOND);
    const spreadMs = Math.round(Math.min(wantedMs, SPREAD_SHARE * this.limitMs));
    const seeOff = (session: Leaving) => {
      const left = this.seeOff(session, spreadMs, until).finally(() => this.leaving.delete(left));
      this.leaving.add(left);
    };
    for (const session of sessions) seeOff(session);
    // Load balancers may not have noticed yet.
    for (const part of this.parts) part.onAttached(seeOff);
    while (this.leaving.size > 0) await Promise.all(this.leaving);
  }

  private async seeOff(session: Leaving, spreadMs: number, until: number): Promise<void> {
    const { socket, queue, isToldOfDrain } = session;
    const leftMs = () => Math.max(0, until - performance.now());
    const reconnectAfterMs = randomInt(spreadMs + 1);
    if (isToldOfDrain) socket.emit('server:draining', { reconnectAfterMs });
    const gone = new AbortController();
    socket.once('disconnect', () => gone.abort());
    const goingMs = isToldOfDrain ? GOING_MS : 0;
    const waitMs = Math.min(reconnectAfterMs + goingMs, leftMs());
    await delay(waitMs, undefined, { signal: gone.signal }).catch(() => {});
    // In one turn of the event loop with the end: nothing can arrive in between.
    while (queue.isBusy && leftMs() > 0) {
      await Promise.race([queue.idle(), delay(leftMs(), undefined, { ref: false })]);
    }
    // Not by a packet of Socket.IO, after which clients would not connect again by themselves.
    if (gone.signal.aborted) return;
    socket.conn.close();
    await delay(FLUSH_MS, undefined, { signal: gone.signal }).catch(() => {});
  }
}

import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { eventually } from '#libs/testing';
import type { Snapshot } from '../wire.types.js';

export interface Heard {
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads deep into payloads, and fails by itself if the shape is another
  readonly payload: any;
  readonly socketId: string;
  /** `performance.now()` at the arrival. */
  readonly atMs: number;
}

/** An acknowledgement, or nothing: then the event stays unanswered. */
export type Answer = object | undefined;
type Answerer = (heard: Heard, socket: Socket) => Answer | Promise<Answer>;

export const ROOM_ID = '3-room';
export const PIN = '123456';

/** Of the gateway's clock, epoch milliseconds: nobody sets it, whatever a test does to the device's. */
export const serverNow = (): number => Math.floor(performance.timeOrigin + performance.now());

export const refusal = (code: string, more: object = {}) => ({
  ok: false,
  error: { code, message: `refused: ${code}`, retryable: false, ...more },
});

/** Idle at version 1, unless told otherwise. */
export function snapshotOf(fields: Partial<Snapshot> = {}): Snapshot {
  return {
    roomId: ROOM_ID,
    questionId: null,
    runId: null,
    version: 1,
    phase: 'idle',
    opensAt: null,
    endsAt: null,
    remainingMs: null,
    durationMs: null,
    graceMs: null,
    tickMs: null,
    serverNow: serverNow(),
    ...fields,
  };
}

/** Open for `leftMs` from now. */
export function openSnapshot(version: number, leftMs = 60_000, fields: Partial<Snapshot> = {}): Snapshot {
  const now = serverNow();
  return snapshotOf({
    questionId: 'q1',
    runId: 10,
    version,
    phase: 'open',
    opensAt: now,
    endsAt: now + leftMs,
    remainingMs: leftMs,
    durationMs: leftMs,
    graceMs: 0,
    tickMs: 0,
    serverNow: now,
    ...fields,
  });
}

export function closedSnapshot(version: number, fields: Partial<Snapshot> = {}): Snapshot {
  const now = serverNow();
  return openSnapshot(version, 0, {
    phase: 'closed',
    reason: 'expired',
    closedAt: now,
    endsAt: now,
    ...fields,
  });
}

/** A gateway that does what the test says: a real Socket.IO server with answers of the test's own. */
export class FakeGateway {
  readonly heard: Heard[] = [];
  /** The state of its room, for joins and `clock:sync`. */
  snapshot = snapshotOf();
  /** More fields of the acknowledgement of a join. */
  joined: object = {};
  /** What a connection is refused with. */
  refusesWith: object | null = null;
  connections = 0;
  /** Connections that were refused. */
  refusals = 0;
  private readonly answers = new Map<string, Answerer>();
  private tokens = 0;

  private constructor(
    private readonly http: HttpServer,
    private readonly server: Server,
    readonly url: string,
  ) {
    this.answer('room:join', () => ({ ok: true, ...this.joinAck() }));
    this.answer('clock:sync', ({ payload }) => ({
      ok: true,
      sentAt: payload.sentAt,
      serverNow: serverNow(),
      version: this.snapshot.version,
    }));
    this.answer('room:leave', () => ({ ok: true }));
  }

  /** @param port of an earlier one; a free one if absent */
  static async start(port = 0): Promise<FakeGateway> {
    const http = createServer();
    const server = new Server(http, { transports: ['websocket'], serveClient: false });
    await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
    const gateway = new FakeGateway(http, server, `http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    server.of('/quiz').use((_socket, next) => {
      const { refusesWith } = gateway;
      if (refusesWith !== null) gateway.refusals += 1;
      next(refusesWith === null ? undefined : Object.assign(new Error('refused'), { data: refusesWith }));
    });
    server.of('/quiz').on('connection', (socket) => gateway.attach(socket));
    return gateway;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  joinAck(): object {
    return {
      roomId: ROOM_ID,
      pin: PIN,
      playerId: 'p1',
      role: 'player',
      name: 'Ada',
      token: `token-${++this.tokens}`,
      protocol: 1,
      server: 'fake',
      snapshot: { ...this.snapshot, serverNow: serverNow() },
      ...this.joined,
    };
  }

  /** From now on this event is answered so; a promise answers later. */
  answer(event: string, answerer: Answerer): void {
    this.answers.set(event, answerer);
  }

  emit(event: string, ...args: unknown[]): void {
    this.server.of('/quiz').emit(event, ...args);
  }

  /** The events of that name that have come so far. */
  of(event: string): Heard[] {
    return this.heard.filter((one) => one.event === event);
  }

  payloadsOf(event: string): Heard['payload'][] {
    return this.of(event).map(({ payload }) => payload);
  }

  /** Waits until so many of them have come; gives them. */
  async hears(event: string, count = 1): Promise<Heard[]> {
    await eventually(() => this.of(event).length >= count, { message: `${count} ${event} did not come` });
    return this.of(event);
  }

  get sockets(): Socket[] {
    return [...this.server.of('/quiz').sockets.values()];
  }

  /** Cuts all connections without a goodbye. */
  drop(): void {
    for (const { conn } of this.sockets) conn.close(true);
  }

  async stop(): Promise<void> {
    this.drop();
    await this.server.close();
    this.http.close();
  }

  private attach(socket: Socket): void {
    this.connections += 1;
    socket.onAny(async (event: string, payload: unknown, ack?: (answer: unknown) => void) => {
      const heard: Heard = { event, payload, socketId: socket.id, atMs: performance.now() };
      this.heard.push(heard);
      const answer = await this.answers.get(event)?.(heard, socket);
      if (answer !== undefined) ack?.(answer);
    });
  }
}

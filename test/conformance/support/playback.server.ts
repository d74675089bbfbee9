import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { eventually, type LooseJson } from '#libs/testing';
import { parseFrame, withAck } from './frames.js';
import { type ClientStep, isEndStep, isServerStep, type ServerStep, type Vector } from './vector.types.js';

/** Fields that a client chooses by itself, unless the driver has told it what to send. */
const CHOSEN_BY_CLIENT = ['commandId', 'answerId', 'runId'];

interface Heard {
  readonly event: string;
  readonly ack: number;
  readonly payload: LooseJson;
}

/**
 * The server of a recorded conversation: sends what was recorded, when it was, and waits for the client to say its part.
 * Questions about the clock it answers by itself, for how many come is the client's business.
 */
export class PlaybackServer {
  private readonly http: Server;
  private readonly sockets: WebSocket[] = [];
  /** What the client has sent and no step has asked for, of the connection that is played. */
  private heard: Heard[] = [];
  private ackOf = new Map<number, number>();
  private serverStartAt: number;
  private playedAt = 0;
  private playedMs = performance.now();
  private nextAt = 0;
  /** When the step that is being played was due, by `performance.now()`. */
  private dueMs = this.playedMs;
  /** How long the recorded clock stood until the step that is being played. */
  private stoodMs = 0;

  private constructor(private readonly vector: Vector) {
    this.serverStartAt = firstServerNow(vector);
    this.http = createServer((_, response) => response.writeHead(404).end());
    new WebSocketServer({ server: this.http }).on('connection', (socket) => this.accept(socket));
  }

  static async listen(vector: Vector): Promise<PlaybackServer> {
    const server = new PlaybackServer(vector);
    server.http.listen(0, '127.0.0.1');
    await once(server.http, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /**
   * Plays all steps.
   *
   * @param act makes the client do what a step's `action` says
   * @param shown called after each frame that was delivered
   * @throws Error when the client does not say its part in 10 s
   */
  async play(act: (step: ClientStep) => void, shown: (step: ServerStep) => Promise<void>): Promise<void> {
    let socket: WebSocket | undefined;
    let connection = 0;
    for (const step of this.vector.steps) {
      this.dueMs = this.playedMs + step.at - this.playedAt;
      if (step.connection !== connection) {
        connection = step.connection;
        const index = connection - 1;
        socket = await eventually(() => this.sockets[index], {
          message: `connection ${connection} did not come`,
        });
        this.ackOf = new Map();
      }
      if (isServerStep(step)) {
        if (step.withheld) continue;
        await this.send(socket as WebSocket, step);
        await shown(step);
      } else if (isEndStep(step)) {
        if (step.end === 'server') socket?.terminate();
        this.heard = [];
      } else {
        this.nextAt = step.at;
        act(step);
        await this.expect(step);
      }
      this.stoodMs = this.waitedMs;
      this.playedAt = step.at;
      this.playedMs = performance.now();
    }
  }

  /** How long the recorded clock has stood because the client was awaited: so far a countdown may be ahead of it. */
  get waitedMs(): number {
    return this.stoodMs + Math.max(0, performance.now() - this.dueMs);
  }

  /** What the client said beyond its part, but for questions about the clock. */
  get unexpected(): readonly string[] {
    return this.heard.map(({ event }) => event);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.http.close();
    this.http.closeAllConnections();
  }

  private accept(socket: WebSocket): void {
    this.sockets.push(socket);
    socket.on('message', (data) => {
      const text = String(data);
      const frame = parseFrame(text);
      if (frame.kind !== 'event') return;
      const { event, ack, payload } = frame;
      if (event === 'clock:sync') {
        const { sentAt } = payload;
        socket.send(`43/quiz,${ack}${JSON.stringify([{ ok: true, sentAt, serverNow: this.now() }])}`);
      } else {
        this.heard.push({ event, ack: ack ?? -1, payload });
      }
    });
  }

  /** The recorded server's clock. It stands while the client is awaited, for what comes next was recorded then. */
  private now(): number {
    const elapsed = performance.now() - this.playedMs;
    const at = Math.max(this.playedAt, Math.min(this.playedAt + elapsed, this.nextAt));
    return Math.floor(this.serverStartAt + at);
  }

  private async send(socket: WebSocket, step: ServerStep): Promise<void> {
    this.nextAt = step.at;
    await eventually(() => performance.now() >= this.dueMs, { everyMs: 2 });
    const frame = parseFrame(step.server);
    if (frame.kind !== 'ack') socket.send(step.server);
    else socket.send(withAck(step.server, this.ackOf.get(frame.ack) ?? frame.ack));
  }

  private async expect(step: ClientStep): Promise<void> {
    const frame = parseFrame(step.client);
    if (frame.kind !== 'event') return; // its greeting: without it nothing else would come
    const message = `the client did not send ${step.client}; it sent ${JSON.stringify(this.heard)}`;
    const index = await eventually(() => 1 + this.heard.findIndex((one) => isPartOf(step, frame, one)), {
      timeoutMs: 10_000,
      message,
    });
    const [one] = this.heard.splice(index - 1, 1);
    this.ackOf.set(frame.ack ?? -1, (one as Heard).ack);
  }
}

/** Whether the client sent what was recorded: it may say more, and choose its ids. */
function isPartOf(step: ClientStep, recorded: { event: string; payload: LooseJson }, sent: Heard): boolean {
  if (sent.event !== recorded.event) return false;
  const told = JSON.stringify(step.action ?? {});
  return Object.entries(recorded.payload).every(([field, value]) => {
    if (CHOSEN_BY_CLIENT.includes(field) && !told.includes(JSON.stringify(value))) {
      return typeof sent.payload?.[field] === typeof value;
    }
    return JSON.stringify(sent.payload?.[field]) === JSON.stringify(value);
  });
}

/** The server's instant at the first step. */
function firstServerNow({ steps }: Vector): number {
  for (const step of steps) {
    const now = isServerStep(step) ? /"serverNow":(\d+)/.exec(step.server)?.[1] : undefined;
    if (now !== undefined) return Number(now) - step.at;
  }
  return Date.now();
}

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { SERVER_EVENTS } from '#libs/protocol';
import { QUIZ_NAMESPACE } from '#libs/protocol/wire';

/** What a proxy does to one closing. */
export const TAMPERINGS = ['double', 'drop', 'delay', 'reorder', 'again', 'early'] as const;
export type Tampering = (typeof TAMPERINGS)[number];

// A Socket.IO event packet in the namespace, as engine.io sends it: message (4), event (2).
const EVENT_HEAD = `42${QUIZ_NAMESPACE},`;
const DELAY_MS = 3_000;

/** How a closing is told apart, and what is in it. */
interface Frame {
  readonly event: string;
  readonly payload: Record<string, unknown>;
}

/**
 * A proxy before the websocket of one client. It passes everything on, until it is armed: then it tampers with the next
 * closing that the client should hear, once.
 */
export class ClosingProxy {
  private tampering: Tampering | undefined;
  private readonly held: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly sockets: WebSocketServer,
  ) {}

  static async start(target: string): Promise<ClosingProxy> {
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    const proxy = new ClosingProxy(server, sockets);
    sockets.on('connection', (client, request) => {
      proxy.join(client, new WebSocket(`${target.replace(/^http/, 'ws')}${request.url ?? ''}`));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next closing is tampered with. */
  arm(tampering: Tampering): void {
    this.tampering = tampering;
  }

  /** Whether it has tampered with one since it was armed. */
  get isDone(): boolean {
    return this.tampering === undefined && this.held.length === 0;
  }

  close(): void {
    for (const client of this.sockets.clients) client.terminate();
    this.sockets.close();
    this.server.close();
  }

  private join(client: WebSocket, gateway: WebSocket): void {
    const early: { data: RawData; isBinary: boolean }[] = [];
    client.on('message', (data, isBinary) => {
      if (gateway.readyState === WebSocket.OPEN) gateway.send(data, { binary: isBinary });
      else early.push({ data, isBinary });
    });
    gateway.on('open', () => {
      for (const { data, isBinary } of early) gateway.send(data, { binary: isBinary });
    });
    gateway.on('message', (data, isBinary) => {
      if (isBinary) client.send(data, { binary: true });
      else for (const text of this.passOn(String(data), client)) client.send(text);
    });
    for (const [from, to] of [
      [client, gateway],
      [gateway, client],
    ] as const) {
      from.on('close', () => to.close());
      from.on('error', () => to.terminate());
    }
  }

  /** What the client gets in place of this message. */
  private passOn(text: string, client: WebSocket): string[] {
    const frame = frameOf(text);
    if (this.held.length > 0 && frame !== undefined && frame.event !== SERVER_EVENTS.questionTick) {
      return [text, ...this.held.splice(0)];
    }
    if (frame?.event !== SERVER_EVENTS.questionClosed || this.tampering === undefined) return [text];
    const { tampering } = this;
    this.tampering = undefined;
    const { payload } = frame;
    switch (tampering) {
      case 'double':
        return [text, text];
      case 'drop':
        return [];
      case 'delay':
        setTimeout(() => client.send(text), DELAY_MS);
        return [];
      case 'reorder':
        this.held.push(text);
        return [];
      case 'again':
        return [text, textOf(frame, { version: Number(payload.version) + 1 })];
      case 'early':
        return [textOf(frame, { serverNow: Number(payload.endsAt) - 1 })];
      default:
        return tampering satisfies never;
    }
  }
}

function frameOf(text: string): Frame | undefined {
  if (!text.startsWith(EVENT_HEAD)) return undefined;
  const [event, payload] = JSON.parse(text.slice(EVENT_HEAD.length)) as [string, Record<string, unknown>];
  return { event, payload };
}

const textOf = ({ event, payload }: Frame, changed: object): string =>
  `${EVENT_HEAD}${JSON.stringify([event, { ...payload, ...changed }])}`;

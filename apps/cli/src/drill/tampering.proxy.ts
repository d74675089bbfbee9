import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { SERVER_EVENTS } from '#libs/protocol';
import { QUIZ_NAMESPACE } from '#libs/protocol/wire';

/** What a proxy does to one closing. */
const OF_CLOSINGS = ['double', 'drop', 'delay', 'reorder', 'again', 'early'] as const;
/** What it does to the acknowledgement of one answer. */
const OF_ANSWERS = ['count-late', 'lose-answer', 'change-verdict'] as const;

export const TAMPERINGS = [...OF_CLOSINGS, ...OF_ANSWERS] as const;
export type Tampering = (typeof TAMPERINGS)[number];

// A Socket.IO event packet in the namespace, as engine.io sends it: message (4), event (2).
const EVENT_HEAD = `42${QUIZ_NAMESPACE},`;
// An acknowledgement (3), its number, and its one argument.
const ACK = /^(43\/quiz,\d+)\[(\{.*\})\]$/s;
/** Longer than a delivery may take where the machine stands still meanwhile (`promise.checker.ts`). */
const DELAY_MS = 6_000;

/** How a closing is told apart, and what is in it. */
interface Frame {
  readonly event: string;
  readonly payload: Record<string, unknown>;
}

/**
 * A proxy before the websocket of one client. It passes everything on, until it is armed: then it tampers with the next
 * closing that the client should hear, or the next verdict that fits, once.
 */
export class TamperingProxy {
  private tampering: Tampering | undefined;
  private readonly held: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly sockets: WebSocketServer,
  ) {}

  static async start(target: string): Promise<TamperingProxy> {
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    const proxy = new TamperingProxy(server, sockets);
    sockets.on('connection', (client, request) => {
      proxy.join(client, new WebSocket(`${target.replace(/^http/, 'ws')}${request.url ?? ''}`));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next closing or verdict is tampered with. */
  arm(tampering: Tampering): void {
    this.tampering = tampering;
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
    const { tampering } = this;
    if (tampering === undefined) return [text];
    if (isOfAnswers(tampering)) {
      const changed = changedVerdict(text, tampering);
      if (changed === undefined) return [text];
      this.tampering = undefined;
      return [changed];
    }
    if (frame?.event !== SERVER_EVENTS.questionClosed) return [text];
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

const isOfAnswers = (tampering: Tampering): tampering is (typeof OF_ANSWERS)[number] =>
  (OF_ANSWERS as readonly Tampering[]).includes(tampering);

/** Another verdict in place of this acknowledgement; `undefined` if it is none that the tampering fits. */
function changedVerdict(text: string, tampering: (typeof OF_ANSWERS)[number]): string | undefined {
  const [, head, json] = ACK.exec(text) ?? [];
  if (head === undefined || json === undefined) return undefined;
  const { lateByMs, ...ack } = JSON.parse(json) as Record<string, unknown>;
  const told = (changed: object) => `${head}[${JSON.stringify({ ...ack, ...changed })}]`;
  switch (tampering) {
    case 'count-late':
      return ack.verdict === 'late' ? told({ verdict: 'accepted' }) : undefined;
    case 'lose-answer': {
      // In time, as it is told: and the outcome will not have it.
      const receivedAt = Number(ack.receivedAt) - Number(lateByMs) - 1;
      return ack.verdict === 'late' ? told({ verdict: 'accepted', receivedAt }) : undefined;
    }
    case 'change-verdict':
      return ack.verdict === 'accepted' ? told({ elapsedMs: Number(ack.elapsedMs) + 1 }) : undefined;
    default:
      return tampering satisfies never;
  }
}

function frameOf(text: string): Frame | undefined {
  if (!text.startsWith(EVENT_HEAD)) return undefined;
  const [event, payload] = JSON.parse(text.slice(EVENT_HEAD.length)) as [string, Record<string, unknown>];
  return { event, payload };
}

const textOf = ({ event, payload }: Frame, changed: object): string =>
  `${EVENT_HEAD}${JSON.stringify([event, { ...payload, ...changed }])}`;

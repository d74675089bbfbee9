import { once } from 'node:events';
import { type RawData, WebSocket } from 'ws';
import { CannotRun } from '../suite.types.js';

const CONNECT_TIMEOUT_MS = 30_000;
/** Whoever calls waits for the answer before anything else: without it they would wait for ever. */
const ACK_TIMEOUT_MS = 15_000;
const NAMESPACE = '/quiz';
const EVENT = `42${NAMESPACE},`;
const ACK = `43${NAMESPACE},`;
const PING = '2';
const PONG = '3';

/** Gets the acknowledgement as it came, `[{...}]`, and when it was read (`performance.now()`). */
export type AckListener = (text: string, atMs: number) => void;

/**
 * A player on a bare websocket, with the frames of Socket.IO written by hand: what it costs must not be mistaken for the
 * server's time. Nothing is parsed before it has to be.
 */
export class RawPlayer {
  /** Gets each event's text, `["<name>",{...}]`, and when it was read (`performance.now()`). */
  onEvent: AckListener = () => {};
  /** Asked by the server whether it is still there. It may take 5 s to say so by `answerPing`. */
  onPing: () => void = () => this.answerPing();
  private readonly acks = new Map<number, AckListener>();
  /** Of calls without an acknowledgement: they end with the connection. */
  private readonly callers = new Set<(why: string) => void>();
  private sent = 0;
  private entered: (() => void) | undefined;

  private constructor(private readonly socket: WebSocket) {
    socket.on('error', () => {}); // its end is seen by `isOpen`
    socket.on('message', (data) => this.receive(data));
    socket.on('close', () => {
      for (const fail of this.callers) fail('the connection has ended');
    });
  }

  /** Connected and in the namespace. */
  static async connect(url: string): Promise<RawPlayer> {
    const address = `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(address, {
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    const player = new RawPlayer(socket);
    const closed = once(socket, 'close').then((): never => {
      throw new Error('the gateway closed a connection that had done nothing wrong');
    });
    closed.catch(() => {}); // later on, its end is seen by `isOpen`
    const entered = new Promise<void>((resolve) => {
      player.entered = resolve;
    });
    await Promise.race([once(socket, 'open'), closed]);
    socket.send(`40${NAMESPACE},`);
    await Promise.race([entered, closed]);
    return player;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Given to the operating system when it returns. */
  send(event: string, payload: object, onAck: AckListener): void {
    const id = ++this.sent;
    this.acks.set(id, onAck);
    this.socket.send(`${EVENT}${id}${JSON.stringify([event, payload])}`);
  }

  /** @throws CannotRun when no acknowledgement comes: within 15 s, or before the connection ends */
  call(event: string, payload: object): Promise<{ readonly ack: unknown; readonly atMs: number }> {
    return new Promise((resolve, reject) => {
      const forget = () => {
        clearTimeout(timer);
        this.callers.delete(fail);
      };
      const fail = (why: string) => {
        forget();
        reject(new CannotRun(`No acknowledgement of ${event}: ${why}.`));
      };
      const late = `none came within ${ACK_TIMEOUT_MS / 1_000} s`;
      const timer = setTimeout(fail, ACK_TIMEOUT_MS, late);
      this.callers.add(fail);
      if (!this.isOpen) return fail('the connection has ended');
      this.send(event, payload, (text, atMs) => {
        forget();
        const [ack] = JSON.parse(text) as unknown[];
        resolve({ ack, atMs });
      });
    });
  }

  answerPing(): void {
    this.socket.send(PONG);
  }

  close(): void {
    this.socket.terminate();
  }

  private receive(data: RawData): void {
    const atMs = performance.now();
    const text = String(data);
    if (text.startsWith(ACK)) this.acknowledge(text, atMs);
    else if (text.startsWith(EVENT)) this.onEvent(text.slice(EVENT.length), atMs);
    else if (text === PING) this.onPing();
    else if (text.startsWith(`40${NAMESPACE}`)) this.entered?.();
  }

  private acknowledge(text: string, atMs: number): void {
    const start = text.indexOf('[');
    const id = Number(text.slice(ACK.length, start));
    const listener = this.acks.get(id);
    this.acks.delete(id);
    listener?.(text.slice(start), atMs);
  }
}

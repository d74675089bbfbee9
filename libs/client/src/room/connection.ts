import { io, type Socket } from 'socket.io-client';
import { QUIZ_NAMESPACE } from '#libs/protocol/wire';
import type { Environment } from '../environment.js';
import type { QuizbellError } from '../quizbell.error.js';
import { readError } from './wire.reader.js';

export interface ConnectionOptions {
  /** Of the gateway, without the namespace. */
  readonly url: string;
  /** A hint for load balancers; nobody trusts it. */
  readonly pin: string | undefined;
  /** For opening, and for each acknowledgement. */
  readonly timeoutMs: number;
  readonly environment: Environment;
}

/** Why a connection ended: `error` is what the server refused it with, if it did. */
export interface ConnectionEnd {
  readonly error: QuizbellError | null;
  readonly message: string;
}

export interface ConnectionListeners {
  onOpen(): void;
  onEvent(event: string, payload: unknown): void;
  /** Once, unless `close` was called before. */
  onEnd(end: ConnectionEnd): void;
}

export interface RequestOptions {
  readonly timeoutMs?: number | undefined;
  /** Else a connection on which neither the answer nor anything else comes in that time is taken for dead, and ended. */
  readonly mayStayAway?: boolean;
}

/** Instead of an acknowledgement: none came, and whether the command was done is unknown. */
export const NO_ANSWER = Symbol('no answer');

/** A polite end waits for the other side, which may be gone; after this (ms) it is cut. */
const CUT_AFTER_MS = 1_000;

/** The part of Engine.IO by which a connection is watched and cut. */
interface Engine {
  on(event: 'packet', listener: () => void): unknown;
  _hasPingExpired?: () => boolean;
  readonly transport?: { readonly ws?: { terminate?(): void } | null };
}

/**
 * One connection to one gateway, from its opening to its end: it never comes back, so that nothing that was sent into it is
 * ever sent again by Socket.IO.
 */
export class Connection {
  private readonly socket: Socket;
  private readonly waiting = new Set<() => void>();
  private cancelOpening: () => void;
  /** Packets of the server so far. */
  private heard = 0;
  private isOver = false;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly listeners: ConnectionListeners,
  ) {
    const { url, pin, timeoutMs, environment } = options;
    this.socket = io(`${url.replace(/\/+$/, '')}${QUIZ_NAMESPACE}`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      autoConnect: false,
      // Ours ends what is slow, also behind the transport.
      timeout: timeoutMs,
      ...(pin === undefined ? {} : { query: { pin } }),
    });
    this.socket.on('connect', () => this.opened());
    this.socket.on('connect_error', (error) => this.refused(error));
    this.socket.on('disconnect', (reason) => this.end({ error: null, message: reason }));
    this.socket.onAny((event: string, payload: unknown) => {
      if (!this.isOver) listeners.onEvent(event, payload);
    });
    this.cancelOpening = environment.setTimer(() => this.end({ error: null, message: 'timeout' }), timeoutMs);
    // Later, so that whoever makes a connection has it before it is told anything of it.
    queueMicrotask(() => {
      if (!this.isOver) this.socket.connect();
    });
  }

  get isOpen(): boolean {
    return !this.isOver && this.socket.connected;
  }

  /**
   * Sends an event. Resolves with what it was acknowledged with, or with `NO_ANSWER` after `timeoutMs` or with the end of the
   * connection. Never rejects.
   */
  request(event: string, payload: object, options: RequestOptions = {}): Promise<unknown> {
    const { timeoutMs = this.options.timeoutMs, mayStayAway = false } = options;
    if (!this.isOpen) return Promise.resolve(NO_ANSWER);
    const heardBefore = this.heard;
    return new Promise((resolve) => {
      const settle = (answer: unknown) => {
        cancelTimer();
        this.waiting.delete(giveUp);
        resolve(answer);
      };
      const giveUp = () => settle(NO_ANSWER);
      const cancelTimer = this.options.environment.setTimer(() => {
        giveUp();
        // A connection may be gone for long before anybody tells.
        if (!mayStayAway && this.heard === heardBefore)
          this.end({ error: null, message: 'nothing was heard' });
      }, timeoutMs);
      this.waiting.add(giveUp);
      this.socket.emit(event, payload, settle);
    });
  }

  /** Ends the connection; the listeners are told nothing any more. */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancelOpening();
    const { ws } = this.engine?.transport ?? {};
    this.socket.disconnect();
    // Of a gateway that stands still, Node would wait for the end for half a minute.
    if (ws?.terminate) this.options.environment.setTimer(() => ws.terminate?.(), CUT_AFTER_MS);
    for (const giveUp of [...this.waiting]) giveUp();
  }

  private get engine(): Engine | undefined {
    return this.socket.io.engine as unknown as Engine | undefined;
  }

  private opened(): void {
    this.cancelOpening();
    const { engine } = this;
    if (engine !== undefined) {
      engine.on('packet', () => {
        this.heard += 1;
      });
      // Compares times of day: whoever sets the device's clock would lose the connection. A timer of its own looks, too.
      if (engine._hasPingExpired !== undefined) engine._hasPingExpired = () => false;
    }
    this.listeners.onOpen();
  }

  private refused(error: Error & { readonly data?: unknown }): void {
    this.end({ error: readError(error.data), message: error.message });
  }

  private end(end: ConnectionEnd): void {
    if (this.isOver) return;
    this.close();
    this.listeners.onEnd(end);
  }
}

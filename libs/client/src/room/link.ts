import type { Environment } from '../environment.js';
import type { QuizbellError } from '../quizbell.error.js';
import type { Connection, ConnectionEnd, ConnectionListeners } from './connection.js';
import { readServerEvent, type ServerEvent } from './wire.reader.js';

/** What came of asking to be let into the room by a new connection. */
export type Entry =
  | { readonly kind: 'joined' }
  /** To be tried again, by another connection. `error` says why not yet. `isAtOnce`: in another way, without waiting. */
  | { readonly kind: 'retry'; readonly error: QuizbellError | null; readonly isAtOnce?: boolean }
  /** For good. */
  | { readonly kind: 'refused' };

export interface LinkOptions {
  readonly urls: readonly string[];
  readonly environment: Environment;
  readonly connect: (url: string, listeners: ConnectionListeners) => Connection;
  /** Asks to be let into the room. Never rejects. */
  readonly enter: (connection: Connection) => Promise<Entry>;
  /** The connection is the room's from now on; one before it is closed. */
  readonly onJoined: (connection: Connection) => void;
  /** There is no connection any more; a new one is being looked for. */
  readonly onLost: () => void;
  readonly onEvent: (heard: ServerEvent, connection: Connection) => void;
  /** The server takes no connection, for good. */
  readonly onRefused: (error: QuizbellError) => void;
  /** A try has failed; the message is for people. */
  readonly onFailed?: (message: string, error: QuizbellError | null) => void;
  /** Whether the connection in the room is asking for its seat just now: a second one would take it and lose it again. */
  readonly isAsking?: () => boolean;
  /** At least 0, less than 1; `Math.random` if absent. */
  readonly random?: () => number;
}

/** A first try after a drop comes within so long: the other members of the gateway come back, too. */
const QUICK_MS = 500;
/** Each other address is tried so soon after the one before failed (ms). */
const NEXT_URL_MS = 100;
/** Once all have failed, it is waited from half to the whole of so long, doubled with each failure. */
const FIRST_BACKOFF_MS = 1_000;
const MOST_BACKOFF_MS = 8_000;
/** A move waits so long (ms) for the connection that is asking. */
const ASKING_MS = 100;
/** What the old connection had been sent, and the answers that it still waits for, come within so long (ms). */
const LINGER_MS = 500;
/** The server ends the old connection as soon as the new one has its seat, and may tell that one a little later (ms). */
const BRIDGE_MS = 500;
/** A connection that was in the room for less (ms) was lost at once. */
const STEADY_MS = 5_000;
/** So often it is looked for the next one quickly; then less and less often, or all members would come back at once on end. */
const QUICK_RETURNS = 3;
/** What the server asked for is stretched by up to this share, or all that it told so would be back at one instant. */
const SPREAD = 0.2;

/**
 * Keeps one connection in the room: looks for a gateway, asks to be let in, and looks for another one when the connection is
 * lost. When a gateway goes, the new connection is in the room before the old one is closed.
 */
export class Link {
  /** In the room; null while there is none. */
  current: Connection | null = null;
  /** On its way into the room. */
  private candidate: Connection | null = null;
  /** Connections whose place another one has taken. */
  private readonly former = new Set<Connection>();
  private cancelTimer: (() => void) | null = null;
  /** Set while it is not told yet that the connection is lost, because the next one is all but there. */
  private cancelBridge: (() => void) | null = null;
  /** Whether the time that is waited for was asked for by the server. */
  private isOrdered = false;
  private urlIndex = 0;
  private failures = 0;
  private joinedMs = 0;
  /** Connections in a row that were lost at once. */
  private lostAtOnce = 0;
  private isStopped = false;

  constructor(private readonly options: LinkOptions) {}

  start(): void {
    this.attempt();
  }

  /** Whether a new connection is on its way into the room, beside the one that is in it. */
  get isMoving(): boolean {
    return this.current !== null && this.candidate !== null;
  }

  /** The device is awake or online again: whatever was to be tried later is tried now. */
  wake(): void {
    if (this.cancelTimer === null || this.isOrdered) return;
    this.cancelTimer();
    this.attempt();
  }

  /** Gives the connection up and looks for another one. */
  reconnect(): void {
    const { current } = this;
    if (current === null) return;
    current.close();
    this.lost();
  }

  stop(): void {
    this.isStopped = true;
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.cancelBridge?.();
    for (const connection of [this.candidate, this.current, ...this.former]) connection?.close();
    this.former.clear();
    this.candidate = null;
    this.current = null;
  }

  private seek(delayMs: number, isOrdered = false): void {
    if (this.isStopped || this.candidate !== null) return;
    this.cancelTimer?.();
    this.isOrdered = isOrdered;
    this.cancelTimer = this.options.environment.setTimer(() => this.attempt(), delayMs);
  }

  private attempt(): void {
    this.cancelTimer = null;
    this.isOrdered = false;
    if (this.current !== null && this.options.isAsking?.()) {
      this.seek(ASKING_MS);
      return;
    }
    const { urls } = this.options;
    const connection = this.options.connect(urls[this.urlIndex % urls.length] ?? '', {
      onOpen: () => void this.enter(connection),
      onEvent: (event, payload) => this.hear(connection, event, payload),
      onEnd: (end) => this.ended(connection, end),
    });
    this.candidate = connection;
  }

  private async enter(connection: Connection): Promise<void> {
    const entry = await this.options.enter(connection);
    // Given up or ended while it asked: that has been seen to.
    if (this.isStopped || connection !== this.candidate) return;
    this.candidate = null;
    if (entry.kind === 'joined') {
      const before = this.current;
      this.current = connection;
      this.failures = 0;
      this.joinedMs = this.options.environment.nowMs();
      this.cancelBridge?.();
      this.cancelBridge = null;
      if (before !== null) this.linger(before);
      this.options.onJoined(connection);
      return;
    }
    connection.close();
    if (entry.kind === 'refused') return;
    if (entry.isAtOnce) {
      this.tellLost();
      this.seek(0);
    } else this.failed(entry.error, entry.error?.message ?? 'no answer');
  }

  private linger(connection: Connection): void {
    this.former.add(connection);
    this.options.environment.setTimer(() => {
      this.former.delete(connection);
      connection.close();
    }, LINGER_MS);
  }

  private hear(connection: Connection, event: string, payload: unknown): void {
    const heard = readServerEvent(event, payload);
    if (heard === null) return;
    if (heard.event === 'server:draining') {
      if (connection !== this.current) return;
      this.urlIndex += 1;
      this.seek(Math.max(0, heard.payload.reconnectAfterMs), true);
      return;
    }
    this.options.onEvent(heard, connection);
  }

  private ended(connection: Connection, { error, message }: ConnectionEnd): void {
    if (connection === this.candidate) {
      this.candidate = null;
      if (error !== null && !error.retryable) this.options.onRefused(error);
      else this.failed(error, message);
    } else if (connection === this.current) this.lost();
  }

  private lost(nextIndex = this.urlIndex + 1): void {
    this.current = null;
    this.urlIndex = nextIndex;
    const isSteady = this.options.environment.nowMs() - this.joinedMs >= STEADY_MS;
    this.lostAtOnce = isSteady ? 0 : this.lostAtOnce + 1;
    if (this.candidate?.isOpen) {
      this.cancelBridge = this.options.environment.setTimer(() => this.tellLost(), BRIDGE_MS);
      return;
    }
    this.options.onLost();
    const returns = this.lostAtOnce - QUICK_RETURNS;
    this.seek(returns <= 0 ? this.random() * QUICK_MS : this.growingMs(returns - 1));
  }

  private tellLost(): void {
    if (this.cancelBridge === null) return;
    this.cancelBridge();
    this.cancelBridge = null;
    this.options.onLost();
  }

  private failed(error: QuizbellError | null, message: string): void {
    if (this.isStopped) return;
    this.tellLost();
    const { urls } = this.options;
    this.options.onFailed?.(`${message} (${urls[this.urlIndex % urls.length]})`, error);
    // The seat is the old connection's for as long as that is there: this room lets nobody take it over.
    if (error?.code === 'conflict' && this.current !== null) {
      this.current.close();
      this.lost(this.urlIndex);
      return;
    }
    this.failures += 1;
    this.urlIndex += 1;
    const orderedMs = error?.retryAfterMs;
    if (orderedMs === undefined) this.seek(this.backoffMs());
    else this.seek(orderedMs * (1 + SPREAD * this.random()), true);
  }

  private backoffMs(): number {
    const rounds = this.failures - this.options.urls.length;
    if (rounds < 0) return NEXT_URL_MS * (0.5 + this.random() / 2);
    return this.growingMs(rounds);
  }

  private growingMs(count: number): number {
    const mostMs = Math.min(MOST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(count, 16));
    return mostMs * (0.5 + this.random() / 2);
  }

  private random(): number {
    return (this.options.random ?? Math.random)();
  }
}

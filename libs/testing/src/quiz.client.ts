import { io, type Socket } from 'socket.io-client';

/** JSON of whatever shape the test expects; that the server keeps to its schemas is tested elsewhere. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads deep into answers, and fails by itself if the shape is another
export type LooseJson = any;

/** What the server acknowledged a command with. */
export interface Ack {
  ok: boolean;
  error?: { code: string; message: string; retryable: boolean; field?: string; retryAfterMs?: number };
  [field: string]: LooseJson;
}

/** One event from the server. */
export interface ReceivedEvent {
  event: string;
  payload: LooseJson;
  /** `performance.now()` of this process at its arrival. */
  receivedAt: number;
}

export interface TestClientOptions {
  /** The routing hint in the connection's query. */
  pin?: string;
  /** Off by default: a test that wants a reconnection says so. */
  reconnection?: boolean;
  /** `/quiz`; `/` for the tutorial's mode. */
  namespace?: string;
  /** More of the handshake. */
  query?: Record<string, string>;
  auth?: Record<string, unknown>;
  headers?: Record<string, string>;
}

export interface WaitForOptions {
  timeoutMs?: number;
  /** Looks only at events from this index of `received` on; 0 looks at all. */
  since?: number;
}

// They end what waits in vain, and say nothing about speed.
const CONNECT_TIMEOUT_MS = 20_000;
const ACK_TIMEOUT_MS = 20_000;
const WAIT_TIMEOUT_MS = 20_000;

/** A bare client of the wire protocol: no state, no retries, it only records what it hears. */
export class TestClient {
  /** Every event since the connection was asked for, in order of arrival. */
  readonly received: ReceivedEvent[] = [];
  /** Settles with Socket.IO's reason when the connection first ends, whoever ended it. */
  readonly ended: Promise<string>;
  readonly socket: Socket;
  private readonly listeners = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    this.ended = new Promise((resolve) => socket.once('disconnect', (reason) => resolve(reason)));
    socket.onAny((event: string, payload: LooseJson) => {
      this.received.push({ event, payload, receivedAt: performance.now() });
      for (const listener of [...this.listeners]) listener();
    });
  }

  /**
   * Connects to a gateway by websocket.
   *
   * @param url of the gateway, without the namespace
   * @throws Error if the server refuses, or does not answer in 20 s
   */
  static async connect(url: string, options: TestClientOptions = {}): Promise<TestClient> {
    const socket = io(`${url.replace(/\/$/, '')}${options.namespace ?? '/quiz'}`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: options.reconnection ?? false,
      reconnectionDelay: 50,
      reconnectionDelayMax: 500,
      timeout: CONNECT_TIMEOUT_MS,
      query: { ...(options.pin === undefined ? {} : { pin: options.pin }), ...options.query },
      auth: options.auth,
      extraHeaders: options.headers,
      autoConnect: false,
    });
    const client = new TestClient(socket);
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const refuse = (reason: string) => reject(new Error(`No connection to ${url}: ${reason}`));
        socket.once('connect', resolve);
        socket.once('connect_error', (error) => refuse(error.message));
        // Socket.IO's own timeout ends with the transport; a server that never admits to the namespace needs this one.
        timer = setTimeout(refuse, CONNECT_TIMEOUT_MS, `not admitted in ${CONNECT_TIMEOUT_MS} ms`);
        socket.connect();
      });
      return client;
    } catch (failure) {
      socket.disconnect();
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Sends a command and gives its acknowledgement, a refusal (`ok: false`) too.
   *
   * @throws Error if none comes in `timeoutMs` (20,000) or the connection ends before
   */
  async call(event: string, payload: unknown = {}, timeoutMs = ACK_TIMEOUT_MS): Promise<Ack> {
    try {
      return await this.socket.timeout(timeoutMs).emitWithAck(event, payload);
    } catch (failure) {
      const reason = failure instanceof Error ? failure.message : String(failure);
      throw new Error(`No acknowledgement of ${event}: ${reason}`, { cause: failure });
    }
  }

  /** Sends arguments as they are, without asking for an acknowledgement: what a careless client does. */
  send(event: string, ...args: unknown[]): void {
    this.socket.emit(event, ...args);
  }

  /**
   * The first event of that name, already received or to come, whose payload the predicate accepts.
   *
   * @throws Error after `timeoutMs` (20,000) that lists the names of what came instead
   */
  async waitFor(
    event: string,
    predicate: (payload: LooseJson) => boolean = () => true,
    options: WaitForOptions = {},
  ): Promise<ReceivedEvent> {
    const { timeoutMs = WAIT_TIMEOUT_MS, since = 0 } = options;
    let next = since;
    const find = (): ReceivedEvent | undefined => {
      while (next < this.received.length) {
        const one = this.received[next++];
        if (one?.event === event && predicate(one.payload)) return one;
      }
      return undefined;
    };
    const found = find();
    if (found) return found;
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.listeners.delete(listener);
        act();
      };
      const listener = () => {
        try {
          const one = find();
          if (one) settle(() => resolve(one));
        } catch (failure) {
          settle(() => reject(failure)); // of the test's predicate
        }
      };
      const timer = setTimeout(() => {
        const heard = this.received.slice(since).map((one) => one.event);
        const state = this.socket.connected ? '' : ', and the connection is down';
        settle(() =>
          reject(new Error(`No ${event} in ${timeoutMs} ms that fits${state}; heard: ${summary(heard)}`)),
        );
      }, timeoutMs);
      this.listeners.add(listener);
    });
  }

  /** The events received so far with one of these names; all without a name. */
  events(...names: string[]): ReceivedEvent[] {
    return names.length === 0 ? [...this.received] : this.received.filter((one) => names.includes(one.event));
  }

  /** Cuts the transport without a goodbye, as a lost network does; with `reconnection` the client comes back. */
  dropConnection(): void {
    this.socket.io.engine.close();
  }

  /** Ends the connection for good. May be called again. */
  close(): void {
    this.socket.disconnect();
  }
}

function summary(names: string[]): string {
  if (names.length === 0) return 'nothing';
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name} (${count})`).join(', ');
}

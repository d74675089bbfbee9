import { WebSocket } from 'ws';
import { eventually } from './eventually.wait.js';
import type { LooseJson } from './quiz.client.js';

export interface TutorialClientOptions {
  /** The `auth.token` of the handshake; `null` sends none at all. */
  token?: unknown;
  /** The query's `deviceId`; `null` leaves it out. */
  deviceId?: string | null;
  headers?: Record<string, string>;
}

/** One `tick` from the server. */
export interface ReceivedTick {
  timer: LooseJson;
  /** `performance.now()` of this process at its arrival. */
  receivedAt: number;
}

/** What the server refused a connection with: message and data of its `connect_error`. */
export class TutorialRefusal extends Error {
  constructor(
    message: string,
    readonly data: LooseJson,
  ) {
    super(message);
  }
}

// They end what waits in vain, and say nothing about speed.
const CONNECT_TIMEOUT_MS = 20_000;
const ACK_TIMEOUT_MS = 20_000;

const PING = '2';
const PONG = '3';
const OPEN = '0';

/**
 * The tutorial's Flutter app, frame by frame: a plain websocket on which the text of Engine.IO 4 and Socket.IO 5 is written by
 * hand, as its `socket_io_client` 2 writes it. It knows nothing of this service.
 */
export class TutorialClient {
  /** Every frame since the connection was opened, pings too, in order of arrival. */
  readonly frames: string[] = [];
  readonly ticks: ReceivedTick[] = [];
  /** Resolves when the connection ends, whoever ended it. */
  readonly ended: Promise<void>;
  private acks = 0;

  private constructor(
    private readonly websocket: WebSocket,
    handshake: string,
  ) {
    this.ended = new Promise((resolve) => websocket.once('close', () => resolve()));
    websocket.on('error', () => {});
    websocket.on('message', (data) => {
      const frame = String(data);
      this.frames.push(frame);
      if (frame.startsWith(OPEN)) websocket.send(handshake);
      if (frame === PING) websocket.send(PONG);
      if (!frame.startsWith('42["tick",')) return;
      const [, { timer }] = JSON.parse(frame.slice(2));
      this.ticks.push({ timer, receivedAt: performance.now() });
    });
  }

  /**
   * Connects to the default namespace of a gateway.
   *
   * @throws TutorialRefusal when the server refuses
   */
  static async connect(url: string, options: TutorialClientOptions = {}): Promise<TutorialClient> {
    const { token = 'Bearer a-token', deviceId = 'a-device', headers = {} } = options;
    const device = deviceId === null ? '' : `deviceId=${encodeURIComponent(deviceId)}&`;
    const address = `${url.replace(/^http/, 'ws')}/socket.io/?${device}EIO=4&transport=websocket`;
    const handshake = token === null ? '40' : `40${JSON.stringify({ token })}`;
    const client = new TutorialClient(new WebSocket(address, { headers }), handshake);
    try {
      const answer = await eventually(
        () => client.frames.find((frame) => /^4[04]/.test(frame)) ?? client.failure(),
        { timeoutMs: CONNECT_TIMEOUT_MS, everyMs: 1, message: `No connection to ${url}` },
      );
      if (answer.startsWith('40')) return client;
      const { message, data } = JSON.parse(answer.slice(2));
      throw new TutorialRefusal(message, data);
    } catch (failure) {
      client.close();
      throw failure;
    }
  }

  /** The values of all ticks so far. */
  get timers(): LooseJson[] {
    return this.ticks.map(({ timer }) => timer);
  }

  get isOpen(): boolean {
    return this.websocket.readyState === WebSocket.OPEN;
  }

  /** Presses Start. */
  start(dur: number): void {
    this.send(`42["timerStart",{"dur":${dur}}]`);
  }

  /** Presses Stop. */
  stop(): void {
    this.send('42["timerStop"]');
  }

  /** Sends a frame as it is. */
  send(frame: string): void {
    this.websocket.send(frame);
  }

  /**
   * Sends an event, whose arguments are the text of a JSON list after its name, and gives its acknowledgement.
   *
   * @param args `,{"dur":1}`
   */
  async call(event: string, args = ''): Promise<LooseJson> {
    this.acks += 1;
    const head = `43${this.acks}[`;
    this.send(`42${this.acks}["${event}"${args}]`);
    const frame = await eventually(() => this.frames.find((one) => one.startsWith(head)), {
      timeoutMs: ACK_TIMEOUT_MS,
      everyMs: 1,
      message: `No acknowledgement of ${event}`,
    });
    return JSON.parse(frame.slice(head.length - 1))[0];
  }

  /** Waits until a tick of that value has come. */
  async tick(timer: number, timeoutMs = ACK_TIMEOUT_MS): Promise<ReceivedTick> {
    return eventually(() => this.ticks.find((tick) => tick.timer === timer), {
      timeoutMs,
      everyMs: 1,
      message: `No tick ${timer}, but ${this.timers}`,
    });
  }

  /** Ends the connection at once, as a phone does that loses its network. */
  close(): void {
    this.websocket.terminate();
  }

  private failure(): undefined {
    if (this.websocket.readyState === WebSocket.CLOSED) throw new Error('the connection was closed');
    return undefined;
  }
}

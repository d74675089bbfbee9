import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import {
  type ClientEventAck,
  type ClientEventInput,
  type ClientEventName,
  clientEventDefs,
  type OwnAnswer,
  type RefusedAck,
  SERVER_EVENTS,
  type ServerEventName,
  type ServerEventPayload,
  type Snapshot,
  serverEventSchemas,
} from '#libs/protocol';
import { QUIZ_NAMESPACE } from '#libs/protocol/wire';
import { CannotRun } from '../command.types.js';
import type { ClockSample } from './server.clock.js';

/** An event as a member received it: `payload` is parsed, `receivedAt` is `performance.now()` before the parsing. */
export type ServerEvent = {
  [E in ServerEventName]: {
    readonly event: E;
    readonly payload: ServerEventPayload<E>;
    readonly receivedAt: number;
  };
}[ServerEventName];

/** Hears what happens to a member. */
export interface MemberListener {
  /** A new connection is tried: what is heard from now on comes by it. */
  onConnecting?(name: string): void;
  /** @param answer its own earlier answer to the current question */
  onJoined(name: string, snapshot: Snapshot, answer?: OwnAnswer): void;
  onDropped(name: string, reason: string): void;
  onEvent(name: string, event: ServerEvent): void;
  /** An event of the contract with a payload that is not. */
  onMalformed(name: string, event: string): void;
}

export interface MemberOptions {
  /** For reports, and the player's name in the room. */
  readonly name: string;
  /** All gateways; the member begins with the one at `home`, and goes on to the next when one does not answer. */
  readonly urls: readonly string[];
  readonly home: number;
  readonly pin: string;
  /** A host has one from the start; a player gets one with its first join. */
  readonly token?: string;
  /** Whether it wants `question:tick`. */
  readonly ticks: boolean;
  readonly listener: MemberListener;
}

const CONNECT_TIMEOUT_MS = 5_000;
const ACK_TIMEOUT_MS = 5_000;
const GIVE_UP_MS = 20_000; // longer than any takeover or restart that the design promises to survive
const RETRY_MS = 250;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 2_000;

/** One connected member: a player, or the host. After a drop it joins again, by its token, on whatever gateway answers. */
export class QuizMember {
  readonly name: string;
  private readonly options: MemberOptions;
  private urlIndex: number;
  private token: string | undefined;
  private socket: Socket | undefined;
  private hasJoined = false;
  private player: string | undefined;
  private isOver = false;

  constructor(options: MemberOptions) {
    this.options = options;
    this.name = options.name;
    this.urlIndex = options.home;
    this.token = options.token;
  }

  get isJoined(): boolean {
    return this.hasJoined;
  }

  /** Of the member in its room; `undefined` before its first join. */
  get playerId(): string | undefined {
    return this.player;
  }

  get url(): string {
    return this.options.urls[this.urlIndex % this.options.urls.length] ?? '';
  }

  /** @throws CannotRun if the gateway does not answer or refuses */
  async join(): Promise<void> {
    const socket = await this.connect();
    try {
      await this.joinOn(socket);
    } catch (failure) {
      socket.disconnect();
      throw failure;
    }
  }

  /**
   * Sends a command and gives its parsed acknowledgement, a refusal too.
   *
   * @throws Error if it is not connected, none comes in 5 s, or it is not one of the contract
   */
  async call<E extends ClientEventName>(event: E, payload: ClientEventInput<E>): Promise<ClientEventAck<E>> {
    if (!this.socket?.connected) throw new Error('not connected');
    return callOn(this.socket, event, payload);
  }

  /**
   * Sends a command until it is done or refused for good, across drops. The payload should carry a `commandId`, so that
   * sending it again cannot do it twice.
   *
   * @throws CannotRun if it is refused, or not answered in 20 s
   */
  async command<E extends ClientEventName>(
    event: E,
    payload: ClientEventInput<E>,
  ): Promise<Exclude<ClientEventAck<E>, RefusedAck>> {
    return untilAnswered(
      event,
      () => this.call(event, payload),
      () => !this.isOver,
    );
  }

  /**
   * Joins again on the connection that it has and gives the snapshot: what a client does that waits in vain for a closing.
   *
   * @throws Error as `call` does, also for a refusal
   */
  async resync(): Promise<Snapshot> {
    const { ticks } = this.options;
    const answer = await this.call('room:join', {
      ...(this.token === undefined ? {} : { token: this.token }),
      ticks,
    });
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.snapshot;
  }

  /** Compares clocks once. @throws Error as `call` does, also for a refusal */
  async compareClocks(): Promise<ClockSample> {
    const sentAt = performance.now();
    const answer = await this.call('clock:sync', { sentAt: Math.round(sentAt) });
    const receivedAt = performance.now();
    if (!answer.ok) throw new Error(answer.error.message);
    return { sentAt, serverNow: answer.serverNow, receivedAt };
  }

  /** Ends the connection for good. */
  close(): void {
    this.isOver = true;
    this.socket?.disconnect();
  }

  private async connect(): Promise<Socket> {
    this.options.listener.onConnecting?.(this.name);
    const socket = io(`${this.url}${QUIZ_NAMESPACE}`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false, // the client library would come back to the same gateway only
      autoConnect: false,
      timeout: CONNECT_TIMEOUT_MS,
      query: { pin: this.options.pin },
    });
    socket.onAny((event: string, payload: unknown) =>
      this.receive(socket, event, payload, performance.now()),
    );
    await connected(socket, this.url);
    return socket;
  }

  private async joinOn(socket: Socket): Promise<void> {
    const { pin, name, ticks } = this.options;
    const who = this.token === undefined ? { pin, name } : { token: this.token };
    const answer = await untilAnswered(
      `room:join on ${this.url}`,
      () => callOn(socket, 'room:join', { ...who, ticks }),
      () => socket.connected && !this.isOver,
    );
    // Not earlier: a connection that failed before is none that anybody misses.
    this.socket = socket;
    this.token = answer.token;
    this.player = answer.playerId;
    this.hasJoined = true;
    this.options.listener.onJoined(this.name, answer.snapshot, answer.answer);
    socket.once('disconnect', (reason) => this.onDisconnect(reason));
    if (!socket.connected) this.onDisconnect('lost while joining');
  }

  private onDisconnect(reason: string): void {
    if (!this.hasJoined) return;
    this.hasJoined = false;
    if (this.isOver) return;
    this.options.listener.onDropped(this.name, reason);
    void this.comeBack();
  }

  private async comeBack(): Promise<void> {
    for (let delayMs = FIRST_DELAY_MS; !this.isOver; delayMs = Math.min(2 * delayMs, MAX_DELAY_MS)) {
      await sleep(delayMs * (0.5 + Math.random()), undefined, { ref: false });
      if (this.isOver) return;
      try {
        await this.join();
        return;
      } catch {
        this.urlIndex += 1; // that gateway may be gone for good; the others know the room as well
      }
    }
  }

  /** The gateway goes away: to another one, at the moment that it names, so that not all of its members come at once. */
  private leave(socket: Socket, afterMs: number): void {
    this.urlIndex += 1;
    setTimeout(() => socket.disconnect(), afterMs).unref();
  }

  private receive(socket: Socket, event: string, payload: unknown, receivedAt: number): void {
    if (this.isOver || !isServerEvent(event)) return; // events of a newer server are nobody's business
    const parsed = serverEventSchemas[event].safeParse(payload);
    if (!parsed.success) {
      this.options.listener.onMalformed(this.name, event);
      return;
    }
    if (event === SERVER_EVENTS.memberRemoved) this.isOver = true;
    // The table pairs each event with its payload, which TypeScript cannot follow through a union of keys.
    const heard = { event, payload: parsed.data, receivedAt } as ServerEvent;
    if (heard.event === SERVER_EVENTS.serverDraining && socket === this.socket) {
      this.leave(socket, heard.payload.reconnectAfterMs);
    }
    this.options.listener.onEvent(this.name, heard);
  }
}

function isServerEvent(event: string): event is ServerEventName {
  return Object.hasOwn(serverEventSchemas, event);
}

function connected(socket: Socket, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (reason: string) => {
      clearTimeout(timer);
      socket.disconnect();
      reject(new CannotRun(`No connection to ${url}: ${reason}`));
    };
    // Socket.IO's own timeout ends with the transport; a server that never admits to the namespace needs this one.
    const timer = setTimeout(() => refuse(`not admitted in ${CONNECT_TIMEOUT_MS} ms`), CONNECT_TIMEOUT_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.once('connect_error', (error) => refuse(error.message));
    socket.connect();
  });
}

async function callOn<E extends ClientEventName>(
  socket: Socket,
  event: E,
  payload: ClientEventInput<E>,
): Promise<ClientEventAck<E>> {
  const answer: unknown = await socket.timeout(ACK_TIMEOUT_MS).emitWithAck(event, payload);
  return clientEventDefs[event].ack.parse(answer) as ClientEventAck<E>;
}

/**
 * Asks until there is an answer that asking again would not change.
 *
 * @throws CannotRun if that is a refusal, after 20 s, or once asking again makes no sense
 */
async function untilAnswered<A extends { ok: boolean }>(
  event: string,
  ask: () => Promise<A>,
  mayAskAgain: () => boolean,
): Promise<Exclude<A, RefusedAck>> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  for (;;) {
    const answer = await ask().catch((failure: Error) => failure);
    let waitMs = RETRY_MS;
    let reason: string;
    if (answer instanceof Error) {
      reason = answer.message;
    } else {
      if (answer.ok) return answer as Exclude<A, RefusedAck>;
      const { error } = answer as unknown as RefusedAck;
      reason = `${error.code}: ${error.message}`;
      if (!error.retryable) throw new CannotRun(`${event} was refused: ${reason}`);
      waitMs = error.retryAfterMs ?? RETRY_MS;
    }
    if (!mayAskAgain() || performance.now() + waitMs > giveUpAt)
      throw new CannotRun(`${event} was not done in time: ${reason}`);
    await sleep(waitMs);
  }
}

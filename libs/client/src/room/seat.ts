import type { End, RoomOptions, RoomState } from '../client.types.js';
import type { ClockSample, RoomClock } from '../clock/clock.types.js';
import { makeRoomClock } from '../clock/room.clock.js';
import { makeRoomCountdown, type RoomCountdown } from '../countdown.js';
import type { Environment } from '../environment.js';
import type { Snapshot } from '../wire.types.js';
import { Connection, NO_ANSWER } from './connection.js';
import { type Arrival, Entrance } from './entrance.js';
import { type Entry, Link } from './link.js';
import { MissedEvents } from './missed.events.js';
import { withClock, withCount, withFields, withJoined, withPresence, withQuestion } from './room.state.js';
import { StateRequest } from './state.request.js';
import { StateStore } from './state.store.js';
import { TokenKeeper } from './token.keeper.js';
import { memoryStorage } from './token.storage.js';
import { isClosed, readReply, type ServerEvent } from './wire.reader.js';

export interface SeatOptions extends RoomOptions {
  readonly environment: Environment;
  readonly timeoutMs: number;
}

export interface SeatListeners {
  /** In the room, by a connection that may be another one than before. */
  readonly onJoined: () => void;
  /** For good. */
  readonly onEnded: (end: End) => void;
}

/** After a wake a connection may be gone without anybody knowing: an answer is waited for this long (ms), and not longer. */
const WAKE_TIMEOUT_MS = 2_000;
/** A page that is shown again says so in several ways, within so long (ms). */
const WAKES_AS_ONE_MS = 1_000;

type Arrived = Extract<Arrival, { kind: 'joined' }>;

/** A member's seat in a room: gets it, gets it back after drops, and keeps what is known of the room up to date. */
export class Seat {
  readonly store = new StateStore();
  readonly countdown: RoomCountdown;
  private readonly keeper: TokenKeeper;
  private readonly entrance: Entrance;
  private readonly link: Link;
  private readonly clock: RoomClock;
  private readonly missed: MissedEvents;
  private readonly request: StateRequest;
  private readonly stopWakes: () => void;
  /** Of the connection that is about to be the room's. */
  private arrived: Arrived | null = null;
  private hasTicks = false;
  private wokenMs = Number.NEGATIVE_INFINITY;
  /** Why the last try to get in has failed. */
  lastFailure = 'no answer';

  constructor(
    private readonly options: SeatOptions,
    private readonly listeners: SeatListeners,
  ) {
    const { environment, pin, token, name, storage = memoryStorage() } = options;
    const serverNow = () => this.clock.serverNow();
    this.keeper = new TokenKeeper({ pin, token, storage });
    const wantsTicks = () => this.wantsTicks;
    this.entrance = new Entrance({ pin, name, keeper: this.keeper, environment, wantsTicks });
    this.clock = makeRoomClock(environment, {
      measure: () => this.measure(),
      onChange: () => this.clockChanged(),
      onMove: () => this.clockMoved(),
    });
    this.countdown = makeRoomCountdown(environment, { snapshot: () => this.store.state.question, serverNow });
    this.missed = new MissedEvents({
      environment,
      serverNow,
      resync: () => this.resync(),
      random: Math.random,
    });
    this.link = new Link({
      urls: typeof options.url === 'string' ? [options.url] : options.url,
      environment,
      connect: (url, told) =>
        new Connection({ url, pin: this.pin, timeoutMs: options.timeoutMs, environment }, told),
      enter: (connection) => this.enter(connection),
      onJoined: () => this.joined(),
      onLost: () => this.lost(),
      onEvent: (heard, connection) => this.hear(heard, connection),
      onRefused: (error) => this.end({ reason: 'refused', error }),
      onFailed: (message, error) => {
        this.lastFailure = message;
        if (this.link.current === null) {
          this.store.update((state) => withFields(state, { refusal: error }));
        }
        this.request.moveFailed();
      },
      isAsking: () => this.request.isAsking,
    });
    this.request = new StateRequest({
      environment,
      ask: (connection, timeoutMs) => this.entrance.ask(connection, timeoutMs),
      current: () => this.link.current,
      isMoving: () => this.link.isMoving,
      onAnswer: (arrival) => (arrival.kind === 'joined' ? this.take(arrival) : this.end(arrival.end)),
      onUseless: () => this.link.reconnect(),
      onChange: () => this.showSyncing(),
    });
    this.stopWakes = environment.onWake(() => this.wake());
  }

  /** In the room; null while there is none. */
  get connection(): Connection | null {
    return this.link.current;
  }

  serverNow(): number | null {
    return this.clock.serverNow();
  }

  open(): void {
    this.link.start();
  }

  /** The end for this member, for good. What is known stays. */
  end(end: End): void {
    if (this.store.state.end !== null) return;
    const mayComeBack = end.reason === 'replaced' || end.reason === 'refused';
    if (!mayComeBack) void this.keeper.forget();
    this.disconnect(end);
  }

  /** As `end`, and the token stays. */
  disconnect(end: End): void {
    if (this.store.state.end !== null) return;
    this.stopWakes();
    this.request.drop();
    this.missed.stop();
    this.clock.stop();
    this.link.stop();
    this.store.update((state) => withFields(state, { connection: 'ended', isSyncing: false, end }));
    this.countdown.stop();
    this.listeners.onEnded(end);
  }

  /** Adopts a state that came as an acknowledgement or by an event, if it is not older than the known one. */
  adopt(snapshot: Snapshot): void {
    const before = this.store.state.question;
    this.store.update((state) => withQuestion(state, snapshot));
    this.adopted(before);
  }

  /** Asks for the state: something of it may have been missed. */
  resync(): void {
    this.request.make();
  }

  private get pin(): string | undefined {
    return this.options.pin ?? this.store.state.me?.pin;
  }

  private get wantsTicks(): boolean {
    const { ticks = 'auto' } = this.options;
    return ticks === 'always' || (ticks === 'auto' && this.clock.needsTicks);
  }

  private async enter(connection: Connection): Promise<Entry> {
    const arrival = await this.entrance.ask(connection);
    if (arrival.kind === 'retry') return arrival;
    if (arrival.kind === 'ended') {
      this.end(arrival.end);
      return { kind: 'refused' };
    }
    this.arrived = arrival;
    return { kind: 'joined' };
  }

  private joined(): void {
    if (this.arrived === null) return;
    this.request.drop();
    this.take(this.arrived);
    // Whoever was told of the state may have left.
    if (this.store.state.end !== null) return;
    this.clock.start();
    this.listeners.onJoined();
  }

  /** What a join told, the first one or one more. */
  private take({ joined, hasTicks, sample }: Arrived): void {
    const before = this.store.state.question;
    this.hasTicks = hasTicks;
    this.clock.add(sample);
    this.store.update((state) =>
      withFields(this.withReadings(withJoined(state, joined)), {
        connection: 'joined',
        refusal: null,
        isSyncing: this.isSyncing,
      }),
    );
    this.adopted(before);
  }

  private adopted(before: Snapshot | null): void {
    const { question, end } = this.store.state;
    if (question === before || end !== null) return;
    this.missed.expect(question);
    this.countdown.changed();
    // A closing that was only learned from a state is told, too; by the event, if that comes, it is not told again.
    const wasRunning = before !== null && before.phase !== 'closed' && before.runId === question?.runId;
    if (wasRunning && isClosed(question)) this.store.tell({ event: 'question:closed', payload: question });
  }

  private lost(): void {
    this.clock.stop();
    this.request.drop();
    this.store.update((state) => withFields(state, { connection: 'reconnecting', isSyncing: false }));
  }

  private wake(): void {
    if (this.link.current === null) {
      this.link.wake();
      return;
    }
    const nowMs = this.options.environment.nowMs();
    if (nowMs - this.wokenMs < WAKES_AS_ONE_MS) return;
    this.wokenMs = nowMs;
    this.request.make(WAKE_TIMEOUT_MS);
  }

  private hear(heard: ServerEvent, connection: Connection): void {
    const { me } = this.store.state;
    const { payload } = heard;
    if (me !== null && 'roomId' in payload && payload.roomId !== me.roomId) return;
    if ('serverNow' in payload && Number.isFinite(payload.serverNow)) this.clock.hear(payload.serverNow);
    // A new connection of ours takes the seat from the old one: that is no end.
    const isOurs = heard.event === 'member:removed' && heard.payload.reason === 'replaced';
    if (isOurs && (connection !== this.link.current || this.link.isMoving)) return;
    this.know(heard);
    this.store.tell(heard);
    if (heard.event === 'room:closed') this.end({ reason: 'room-closed', by: heard.payload.reason });
    if (heard.event === 'member:removed') this.end({ reason: heard.payload.reason });
  }

  private know(heard: ServerEvent): void {
    switch (heard.event) {
      case 'room:presence':
        this.store.update((state) => withPresence(state, heard.payload));
        break;
      case 'answers:count':
        this.store.update((state) => withCount(state, heard.payload));
        break;
      case 'room:state':
        this.adopt(heard.payload.snapshot);
        break;
      case 'room:closed':
      case 'member:removed':
      case 'server:draining':
        break;
      default:
        this.adopt(heard.payload);
    }
  }

  private get isSyncing(): boolean {
    return this.clock.isSyncing || this.request.isPending;
  }

  private showSyncing(): void {
    const { connection } = this.store.state;
    this.store.update((state) => withFields(state, { isSyncing: connection === 'joined' && this.isSyncing }));
  }

  private async measure(): Promise<ClockSample | null> {
    const { current } = this.link;
    if (current === null) return null;
    const sentAt = this.options.environment.nowMs();
    const answer = await current.request('clock:sync', { sentAt: Math.round(sentAt) }, { mayStayAway: true });
    const receivedAt = this.options.environment.nowMs();
    const reply = answer === NO_ANSWER ? null : readReply(answer);
    if (!reply?.ok) return null;
    const { serverNow, version } = reply.fields;
    if (typeof version === 'number') this.missed.sawVersion(version);
    return typeof serverNow === 'number' ? { sentAt, serverNow, receivedAt } : null;
  }

  private clockChanged(): void {
    this.store.update((state) => this.withReadings(state));
    this.showSyncing();
    if (this.link.current !== null && this.wantsTicks !== this.hasTicks) this.resync();
  }

  private clockMoved(): void {
    this.missed.arm();
    this.countdown.changed();
  }

  private withReadings(state: RoomState): RoomState {
    const { isSynchronised, errorMs, samples } = this.clock;
    return withClock(state, { isSynchronised, errorMs, samples, hasTicks: this.hasTicks });
  }
}

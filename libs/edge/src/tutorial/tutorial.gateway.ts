import { setTimeout as delay } from 'node:timers/promises';
import type { Config, GatewayMetrics, Logger } from '#libs/ops';
import type { EmptyAck } from '#libs/protocol';
import { RoomService, shardOfRoom } from '#libs/room';
import { durationMs, type Snapshot } from '#libs/timer-core';
import type { EdgeOptions } from '../edge.options.js';
import { ackOf, guardedRefusal } from '../socket/command.dispatcher.js';
import { EventWindow } from '../socket/event.window.js';
import type { RoomRefresher } from '../socket/room.refresher.js';
import type { Namespace, Socket } from '../socket/socket.types.js';
import { refusalAck, refusedAck } from '../wire.refusal.js';
import { RoomEar } from './room.ear.js';
import { labelOf, parseTutorialEvent, type TutorialCommand } from './tutorial.events.js';
import { TutorialIdentities } from './tutorial.identity.js';
import { TutorialSession } from './tutorial.session.js';
import type { TutorialTimers } from './tutorial.timers.js';

/** Commands wait at most so long (ms) for the connection's own ear; then they are done all the same. */
const HEAR_WITHIN_MS = 2_500;
/** What could not be heard or read is tried again after this (ms). */
const RETRY_MS = 250;
/** So many timers are read at a time after a gap: the commands of the living go first. */
const MAX_READS = 16;

const RETRY_AFTER_MS = durationMs(1_000);
const MS_PER_SECOND = 1_000;

/** An event on its way to its ack. */
interface Arrival {
  readonly label: string;
  readonly arrivedMs: number;
  readonly ack: ((answer: EmptyAck) => void) | undefined;
}

/**
 * The default namespace in tutorial mode: one timer per user and device, each a room with one run at a time, so that it
 * lives in Redis, is fired by the scheduler, and is served by any gateway. What the rooms tell is translated to `tick`.
 */
export class TutorialGateway {
  /** Of the sockets that are connected now. */
  readonly sessions = new Set<TutorialSession>();
  readonly isOn: boolean;
  private readonly rooms = new Map<string, Set<TutorialSession>>();
  /** Rooms whose sessions are to be told, by a reading that has not begun. */
  private readonly waiting = new Set<string>();
  private reading = 0;
  private isStopped = false;
  private attached: (session: TutorialSession) => void = () => {};
  private readonly identities: TutorialIdentities;
  private readonly metrics: GatewayMetrics;
  private readonly logger: Logger;
  private readonly rate: Config['limits']['events'];

  constructor(
    private readonly options: EdgeOptions,
    private readonly service: RoomService,
    private readonly timers: TutorialTimers,
    refresher: Pick<RoomRefresher, 'onGap'>,
  ) {
    const { config, store, broadcasts } = options;
    this.isOn = config.tutorial.isOn;
    this.identities = new TutorialIdentities(config.tutorial.secrets, store.shards);
    this.metrics = options.metrics;
    this.logger = options.logger;
    this.rate = config.limits.events;
    if (!this.isOn) return;
    broadcasts.onSnapshot((snapshot, event) => this.tell(snapshot, event === 'question:tick'));
    refresher.onGap((shards) => this.refresh(shards));
  }

  /** Serves the namespace; `native` is that of native clients, to which broadcasts of rooms belong. */
  mount(namespace: Namespace, native: Namespace): void {
    const ear = new RoomEar(native, this.options.broadcast);
    namespace.use((socket, next) => void this.admit(socket, next));
    namespace.on('connection', (socket) => this.attach(socket, ear));
  }

  /** Tells of every socket that connects from now on. */
  onAttached(listener: (session: TutorialSession) => void): void {
    this.attached = listener;
  }

  /** No more readings. */
  stop(): void {
    this.isStopped = true;
    this.waiting.clear();
  }

  private async admit(socket: Socket, next: (error?: Error) => void): Promise<void> {
    const admission = await this.identities.admit(socket.handshake);
    if (admission.kind === 'refused') {
      const { error } = admission;
      next(Object.assign(new Error(error.message), { data: error }));
      return;
    }
    socket.data.roomId = admission.roomId;
    next();
  }

  private attach(socket: Socket, ear: RoomEar): void {
    const session = new TutorialSession(socket, socket.data.roomId as string);
    const { roomId, queue } = session;
    this.sessions.add(session);
    this.metrics.connections.inc();
    this.rooms.set(roomId, (this.rooms.get(roomId) ?? new Set()).add(session));
    const { rate } = this;
    const window = new EventWindow(rate?.perMs ?? 0);
    socket.onAny((event: unknown, ...args: unknown[]) => {
      const name = String(event);
      const arrival = { label: labelOf(name), arrivedMs: performance.now(), ack: ackOf(args) };
      if (rate === null || window.add() <= rate.count) this.receive(session, name, args, arrival);
      else this.refuseUnread(arrival, window);
    });
    socket.once('disconnect', () => {
      this.detach(session);
      ear.close(socket.id);
    });
    const heard = this.listen(session, ear);
    queue.addLast(() => Promise.race([heard, delay(HEAR_WITHIN_MS, undefined, { ref: false })]));
    this.attached(session);
  }

  private detach(session: TutorialSession): void {
    this.sessions.delete(session);
    this.metrics.connections.dec();
    const sessions = this.rooms.get(session.roomId);
    sessions?.delete(session);
    if (sessions?.size === 0) this.rooms.delete(session.roomId);
  }

  /** Hears the room of the session's timer, then tells it what runs. Tries again until that is done or the client gone. */
  private async listen({ socket, roomId }: TutorialSession, ear: RoomEar): Promise<void> {
    const { store } = this.options;
    const channels = [store.channel('room', roomId), store.channel('ticks', roomId)];
    for (let tries = 1; socket.connected && !this.isStopped; tries++) {
      try {
        ear.open(socket.id, channels);
        await ear.hears(channels);
        if (await this.read(roomId)) return;
      } catch (err) {
        // Once for each: in an outage all of them go on trying.
        if (tries === 1) this.logger.warn({ err, roomId }, 'a timer could not be listened to in time');
      }
      await delay(RETRY_MS, undefined, { ref: false });
    }
  }

  private refuseUnread(arrival: Arrival, window: EventWindow): void {
    this.metrics.limitRefusals.inc({ limit: 'event_rate' });
    const details = { retryAfterMs: window.endsInMs };
    this.answer(arrival, refusedAck('rate_limited', 'Too many events at once.', details));
  }

  private receive(session: TutorialSession, event: string, args: unknown[], arrival: Arrival): void {
    const command =
      guardedRefusal(event) ??
      parseTutorialEvent(event, arrival.ack === undefined ? args : args.slice(0, -1));
    if ('ok' in command) {
      this.answer(arrival, command);
      return;
    }
    const work = async () => this.answer(arrival, await this.run(session.roomId, command));
    if (session.queue.add(work)) return;
    const details = { retryAfterMs: RETRY_AFTER_MS };
    this.answer(arrival, refusedAck('rate_limited', 'Too many commands at once.', details));
  }

  private async run(roomId: string, command: TutorialCommand): Promise<EmptyAck> {
    try {
      const done =
        command.kind === 'start'
          ? await this.timers.start(roomId, command.durationMs)
          : await this.timers.stop(roomId);
      if (done?.kind === 'refused') {
        if (done.code === 'rate_limited') this.metrics.limitRefusals.inc({ limit: 'rooms' });
        return refusalAck(done);
      }
      // The broadcast says the same, but may be missed.
      if (done !== null) this.tell(done.snapshot, false);
      return { ok: true };
    } catch (err) {
      this.logger.error({ err, event: command.kind, roomId }, 'a command of a tutorial client failed');
      return refusedAck('internal', 'The server failed. It was logged.');
    }
  }

  private answer({ label, arrivedMs, ack }: Arrival, answer: EmptyAck): void {
    const result = answer.ok ? 'ok' : answer.error.code;
    this.metrics.commands.inc({ event: label, result });
    this.metrics.commandDuration.observe({ event: label }, (performance.now() - arrivedMs) / MS_PER_SECOND);
    if (ack !== undefined) ack(answer);
    else if (!answer.ok) this.metrics.droppedRefusals.inc({ event: label, result });
  }

  private tell(snapshot: Snapshot, isTick: boolean): void {
    for (const session of this.rooms.get(snapshot.roomId) ?? []) session.tell(snapshot, isTick);
  }

  /** What this gateway may have missed is read, of the timers that somebody here watches. */
  private refresh(shards: readonly number[]): void {
    for (const roomId of this.rooms.keys()) {
      const shard = shardOfRoom(roomId, this.options.store.shards);
      if (shard !== null && shards.includes(shard)) this.waiting.add(roomId);
    }
    while (this.reading < Math.min(MAX_READS, this.waiting.size)) void this.readOn();
  }

  private async readOn(): Promise<void> {
    this.reading++;
    for (;;) {
      const [roomId] = this.waiting;
      if (roomId === undefined || this.isStopped) break;
      this.waiting.delete(roomId);
      if (!this.rooms.has(roomId) || (await this.read(roomId))) continue;
      await delay(RETRY_MS, undefined, { ref: false });
      if (!this.isStopped) this.waiting.add(roomId);
    }
    this.reading--;
  }

  /** Tells what runs, and what has just ended; false when it has to be tried again. */
  private async read(roomId: string): Promise<boolean> {
    try {
      const view = await this.service.view(roomId);
      if (view.kind === 'refused') return view.code === 'room_not_found';
      this.tell(view.snapshot, false);
    } catch (err) {
      this.logger.error({ err, roomId }, 'a timer could not be read');
    }
    return true;
  }
}

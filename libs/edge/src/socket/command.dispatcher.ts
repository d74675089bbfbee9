import type { Config, GatewayMetrics, Logger } from '#libs/ops';
import {
  type ClientEventAck,
  type ClientEventName,
  clientEventDefs,
  parseClientEvent,
  type RefusedAck,
} from '#libs/protocol';
import { type DurationMs, durationMs, epochMs } from '#libs/timer-core';
import { refusedAck } from '../wire.refusal.js';
import { answerClockFrames, type ClockConnection } from './clock.frames.js';
import { EventWindow } from './event.window.js';
import { GUARDED_EVENTS } from './frame.guard.js';
import { MemberDepartures } from './member.departures.js';
import { MemberRegistry } from './member.registry.js';
import { type QuizCommand, QuizCommands, type Received } from './quiz.commands.js';
import { type Membership, QuizSession, seatOf } from './quiz.session.js';
import { ReceiveClock } from './receive.clock.js';
import type { Socket } from './socket.types.js';

type Answer = ClientEventAck<ClientEventName>;

/** One event on its way from the socket to its ack. */
interface Arrival {
  /** For counting: a name of the contract, or `unknown`. */
  readonly event: string;
  /** `performance.now()` when it was read. */
  readonly arrivedMs: number;
  readonly ack: ((answer: Answer) => void) | undefined;
}

const MS_PER_SECOND = 1_000;
const RETRY_AFTER_MS = durationMs(1_000);

/**
 * The one way in for everything that a socket sends: parse, check who sends it, do it, acknowledge it by an object.
 * Commands of one socket are done one after the other, so that a join is finished before the next command is judged; a
 * `clock:sync` is answered at once, since waiting would falsify it. Never throws.
 */
export class CommandDispatcher {
  /** Of the sockets that are connected now. */
  readonly sessions = new Set<QuizSession>();
  private attached: (session: QuizSession) => void = () => {};

  constructor(
    private readonly commands: QuizCommands,
    private readonly members: MemberRegistry,
    private readonly departures: MemberDepartures,
    private readonly receiveClock: ReceiveClock,
    private readonly metrics: GatewayMetrics,
    private readonly logger: Logger,
    private readonly rate: Config['limits']['events'],
  ) {}

  /** Takes care of a socket from its connection to its end. */
  attach(socket: Socket): void {
    const session = new QuizSession(socket);
    this.sessions.add(session);
    this.metrics.connections.inc();
    const { rate } = this;
    const window = new EventWindow(rate?.perMs ?? 0);
    socket.onAny((event: unknown, ...args: unknown[]) => {
      if (rate === null || window.add() <= rate.count) this.receive(session, event, args);
      else this.refuseUnread(event, args, window.endsInMs);
    });
    const stopClock = answerClockFrames(socket.conn as unknown as ClockConnection, (sentAt) =>
      this.clockAnswer(session, sentAt, () => rate === null || window.add() <= rate.count),
    );
    socket.once('disconnect', () => {
      stopClock();
      this.sessions.delete(session);
      this.metrics.connections.dec();
      // Behind a join that is under way, which would enter the room after its member had left.
      session.queue.addLast(async () => this.depart(session));
    });
    this.attached(session);
  }

  /** Tells of every socket that connects from now on. */
  onAttached(listener: (session: QuizSession) => void): void {
    this.attached = listener;
  }

  private refuseUnread(event: unknown, args: unknown[], retryAfterMs: DurationMs): void {
    this.metrics.limitRefusals.inc({ limit: 'event_rate' });
    const refusal = refusedAck('rate_limited', 'Too many events at once.', { retryAfterMs });
    this.answer({ event: labelOf(String(event)), arrivedMs: performance.now(), ack: ackOf(args) }, refusal);
  }

  private receive(session: QuizSession, event: unknown, args: unknown[]): void {
    // First of all: everything below takes time.
    const received: Received = {
      atMs: this.receiveClock.stamp(),
      readMs: performance.now(),
      changeToldAt: session.membership === null ? null : this.members.changeToldAt(session.membership.roomId),
      as: session.membership,
    };
    const name = String(event);
    const ack = ackOf(args);
    const arrival = { event: labelOf(name), arrivedMs: received.readMs, ack };
    const parsed =
      guardedRefusal(name) ?? parseClientEvent(name, ack === undefined ? args : args.slice(0, -1));
    if (!parsed.ok) {
      this.answer(arrival, parsed);
      return;
    }
    const work = async () => this.answer(arrival, await this.judge(session, parsed, received));
    const { queue } = session;
    const isTaken = parsed.event === 'clock:sync' ? queue.addBeside(work) : queue.add(work);
    if (isTaken) return;
    const details = { retryAfterMs: RETRY_AFTER_MS };
    this.answer(arrival, refusedAck('rate_limited', 'Too many commands at once.', details));
  }

  /** Of a `clock:sync` that has not been decoded; undefined where something has to be waited for, or it is one too many. */
  private clockAnswer(session: QuizSession, sentAt: number, isAllowed: () => boolean): Answer | undefined {
    const arrivedMs = performance.now();
    try {
      const answer = this.commands.syncClockAtOnce(session, { sentAt: epochMs(sentAt) });
      if (answer === undefined || !isAllowed()) return undefined;
      this.count('clock:sync', 'ok', arrivedMs);
      return answer;
    } catch (err) {
      return this.failed(session, 'clock:sync', err);
    }
  }

  private async judge(session: QuizSession, command: QuizCommand, received: Received): Promise<Answer> {
    // The room may have ended since an answer came: that is for its verdict to say.
    const isAnswer = command.event === 'answer:submit';
    const sender = session.membership ?? (isAnswer ? received.as : null);
    try {
      return (
        refusalOfSender(sender, command.event) ??
        (await this.commands.run(session, command, receivedFrom(sender, received)))
      );
    } catch (err) {
      return this.failed(session, command.event, err);
    }
  }

  private failed({ membership }: QuizSession, event: ClientEventName, err: unknown): Answer {
    this.logger.error({ err, event, roomId: membership?.roomId }, 'a command failed');
    return refusedAck('internal', 'The server failed. It was logged.');
  }

  private answer({ event, arrivedMs, ack }: Arrival, answer: Answer): void {
    const result = answer.ok ? 'ok' : answer.error.code;
    this.count(event, result, arrivedMs);
    // Before it is sent: what is told of a gap from now on must not be older.
    if ('snapshot' in answer) this.members.noteVersion(answer.snapshot.roomId, answer.snapshot.version);
    if (ack !== undefined) ack(answer);
    else if (!answer.ok) this.metrics.droppedRefusals.inc({ event, result });
  }

  private count(event: string, result: string, arrivedMs: number): void {
    this.metrics.commands.inc({ event, result });
    this.metrics.commandDuration.observe({ event }, (performance.now() - arrivedMs) / MS_PER_SECOND);
  }

  private async depart(session: QuizSession): Promise<void> {
    const { membership, socket } = session;
    if (membership === null) return;
    await this.members.remove(session);
    this.departures.depart(seatOf(membership, socket.id));
  }
}

/** As its sender's, who may have changed rooms since; what another room was told says nothing then. */
function receivedFrom(sender: Received['as'], received: Received): Received {
  const isSameRoom = sender?.roomId === received.as?.roomId;
  return { ...received, as: sender, changeToldAt: isSameRoom ? received.changeToldAt : null };
}

/** What acknowledges an event, where its client asked for that: its last argument. */
export function ackOf<A = Answer>(args: readonly unknown[]): ((answer: A) => void) | undefined {
  const last = args.at(-1);
  return typeof last === 'function' ? (last as (answer: A) => void) : undefined;
}

const labelOf = (event: string): string => (Object.hasOwn(clientEventDefs, event) ? event : 'unknown');

/** What the guard of frames did not let in. */
export function guardedRefusal(event: string): (RefusedAck & { ok: false }) | undefined {
  if (event === GUARDED_EVENTS.tooLarge) return refusedAck('too_large', 'A frame may have at most 16 KiB.');
  if (event === GUARDED_EVENTS.binary) {
    return refusedAck('invalid_payload', 'Binary attachments are not part of this protocol.', { field: '' });
  }
  return undefined;
}

/** Whether the table of the contract lets this socket send the event at all. */
function refusalOfSender(membership: Membership | null, event: ClientEventName): RefusedAck | undefined {
  const { roles } = clientEventDefs[event];
  if (roles === 'anyone') return undefined;
  if (membership === null) return refusedAck('unauthorized', 'Join a room first.');
  const allowed: readonly string[] = roles;
  if (allowed.includes(membership.role)) return undefined;
  return refusedAck('forbidden', `${event} is not for a ${membership.role}.`);
}

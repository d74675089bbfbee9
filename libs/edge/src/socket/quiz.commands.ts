import { setTimeout as delay } from 'node:timers/promises';
import type {
  AnswerSubmitAck,
  ClientEventAck,
  ClientEventName,
  ClientEventPayload,
  ClockSyncAck,
  EmptyAck,
  ParsedClientEvent,
  QuestionAck,
  RoomCloseAck,
  RoomRosterAck,
} from '#libs/protocol';
import { type ArrivalClock, type CommandDone, type RoomRefusal, RoomService, shardOfRoom } from '#libs/room';
import { type EpochMs, epochMs, type Version, version } from '#libs/timer-core';
import { type HostRequest, orderOf } from '../command.factory.js';
import type { EdgeOptions } from '../edge.options.js';
import { QuestionTracing } from '../question.tracing.js';
import { wireJudgement, wireSnapshot } from '../snapshot.contract.js';
import { refusalAck, refusedAck } from '../wire.refusal.js';
import { JoinHandler } from './join.handler.js';
import { MemberRegistry } from './member.registry.js';
import type { Membership, QuizSession } from './quiz.session.js';
import { RoomVersions } from './room.versions.js';

/** A command that was parsed well. */
export type QuizCommand = Extract<ParsedClientEvent, { ok: true }>;

/** When a command reached this gateway, in `performance.now()`, and who its socket was then. */
export interface Received {
  /** At the earliest. */
  readonly atMs: number;
  /** At the latest: when it was read. */
  readonly readMs: number;
  /** It came after this instant of the room's clock, whatever `atMs` says; null where nothing of the kind is known. */
  readonly changeToldAt: EpochMs | null;
  readonly as: Membership | null;
}

/** A sync is about the clock: a slow store costs it the room's version, not its exactness. */
const VERSION_WAIT_MS = 100;

/** What each event of a client does. The caller has checked that the sender may send it. */
export class QuizCommands {
  private readonly versions = new RoomVersions((roomId) => this.readVersion(roomId));

  constructor(
    private readonly options: EdgeOptions,
    private readonly service: RoomService,
    private readonly joins: JoinHandler,
    private readonly members: MemberRegistry,
    private readonly tracing: QuestionTracing,
  ) {}

  /** @throws only what nobody expects */
  async run(
    session: QuizSession,
    command: QuizCommand,
    received: Received,
  ): Promise<ClientEventAck<ClientEventName>> {
    if (command.event === 'room:join') return this.joins.join(session, command.payload);
    if (command.event === 'clock:sync') return this.syncClock(session, command.payload);
    const membership = command.event === 'answer:submit' ? received.as : session.membership;
    // The room may have ended while the command waited behind others.
    if (membership === null) return refusedAck('unauthorized', 'Join a room first.');
    switch (command.event) {
      case 'room:leave':
        return this.leave(session, membership);
      case 'room:roster':
        return this.roster(membership, command.payload);
      case 'room:close':
        return this.closeRoom(membership, command);
      case 'question:start':
      case 'question:pause':
      case 'question:resume':
      case 'question:extend':
      case 'question:stop':
        return this.changeQuestion(membership, command);
      case 'answer:submit':
        return this.submitAnswer(membership, command.payload, received);
      case 'member:kick':
        return this.kick(membership, command.payload);
      default:
        return command satisfies never;
    }
  }

  private async leave(session: QuizSession, { roomId, playerId }: Membership): Promise<EmptyAck> {
    // Told first: whoever is refused is still in the room and can ask again.
    const left = await this.options.members.leave(roomId, playerId, session.socket.id);
    if (left.kind === 'refused') return refusalAck(left);
    await this.members.remove(session);
    return { ok: true };
  }

  private async roster(
    { roomId, playerId }: Membership,
    { away }: ClientEventPayload<'room:roster'>,
  ): Promise<RoomRosterAck> {
    const roster = await this.options.members.roster(roomId, playerId, { away });
    if (roster.kind === 'refused') return refusalAck(roster);
    const { members, more } = roster;
    return { ok: true, members: [...members], ...(more === 0 ? {} : { more }) };
  }

  private async kick(
    { roomId, playerId, role }: Membership,
    kicked: ClientEventPayload<'member:kick'>,
  ): Promise<EmptyAck> {
    const removal = kicked.ban ? 'banned' : 'kicked';
    const done = await this.options.members.remove(roomId, { playerId, role }, kicked.playerId, removal);
    return done.kind === 'refused' ? refusalAck(done) : { ok: true };
  }

  private async closeRoom({ roomId, playerId }: Membership, request: HostRequest): Promise<RoomCloseAck> {
    const done = await this.command(roomId, request, playerId);
    if (done.kind === 'refused') return refusalAck(done);
    return { ok: true, ...(done.repeated ? { repeated: true } : {}) };
  }

  private async changeQuestion({ roomId, playerId }: Membership, request: HostRequest): Promise<QuestionAck> {
    const done = await this.command(roomId, request, playerId);
    if (done.kind === 'refused') return refusalAck(done);
    const snapshot = wireSnapshot(done.snapshot, done.content);
    return { ok: true, snapshot, ...(done.repeated ? { repeated: true } : {}) };
  }

  private command(roomId: string, request: HostRequest, actor: string): Promise<CommandDone | RoomRefusal> {
    const { command, extras } = orderOf(request, actor);
    return this.tracing.of({ event: request.event, roomId }, () =>
      this.service.command(roomId, command, extras),
    );
  }

  private async submitAnswer(
    { roomId, playerId, name }: Membership,
    { questionId, runId, answerId, choice }: ClientEventPayload<'answer:submit'>,
    received: Received,
  ): Promise<AnswerSubmitAck> {
    const shard = shardOfRoom(roomId, this.options.store.shards) ?? 0;
    const between = receivedBetween(received, this.options.clock, shard);
    const submitted = { roomId, playerId, name, questionId, runId, answerId, ...between };
    const judged = await this.options.answers.submit({ ...submitted, choice: JSON.stringify(choice) });
    if (judged.kind === 'refused') return refusalAck(judged);
    this.options.metrics.verdicts.inc({ verdict: judged.judgement.verdict });
    return { ok: true, ...wireJudgement(judged.judgement) };
  }

  /** The acknowledgement of a member's `clock:sync` for which nothing has to be read first; else undefined. */
  syncClockAtOnce(
    { membership }: QuizSession,
    { sentAt }: ClientEventPayload<'clock:sync'>,
  ): ClockSyncAck | undefined {
    const stored = membership === null ? undefined : this.versions.of(membership.roomId);
    if (membership === null || typeof stored !== 'number') return undefined;
    const { roomId } = membership;
    return { ok: true, sentAt, serverNow: this.nowOf(roomId), version: this.newest(roomId, stored) };
  }

  private async syncClock(
    { membership }: QuizSession,
    { sentAt }: ClientEventPayload<'clock:sync'>,
  ): Promise<ClockSyncAck> {
    if (membership === null) return { ok: true, sentAt, serverNow: this.options.clock.now(0) };
    const { roomId } = membership;
    const receivedAt = this.nowOf(roomId);
    const tooLong = delay(VERSION_WAIT_MS, undefined, { ref: false });
    const stored = await Promise.race([this.versions.of(roomId), tooLong]);
    // The client takes this for the middle of its round trip; so is the middle of the time that it spent here.
    const serverNow: EpochMs = epochMs(Math.round((receivedAt + this.nowOf(roomId)) / 2));
    const known = stored === undefined ? {} : { version: this.newest(roomId, stored) };
    return { ok: true, sentAt, serverNow, ...known };
  }

  private nowOf(roomId: string): EpochMs {
    return this.options.clock.now(shardOfRoom(roomId, this.options.store.shards) ?? 0);
  }

  /** What the store had of late, or what members were told since. */
  private newest(roomId: string, stored: number): Version {
    return version(Math.max(stored, this.members.newestVersion(roomId)));
  }

  private async readVersion(roomId: string): Promise<number | undefined> {
    const view = await this.service.view(roomId);
    return view.kind === 'room' ? view.snapshot.version : undefined;
  }
}

/** Between which two instants of the shard's clock a command was received; in whole milliseconds, as all instants are. */
function receivedBetween(
  { atMs, readMs, changeToldAt }: Received,
  clock: ArrivalClock,
  shard: number,
): { receivedAt: EpochMs; latestAt: EpochMs } {
  const earliestAt = Math.floor(clock.at(shard, atMs));
  // This process knows the clock to about a millisecond.
  const latestAt = Math.ceil(clock.at(shard, readMs)) + 1;
  // Unless the shard's clock has been set back since.
  const isAfterChange = changeToldAt !== null && changeToldAt <= latestAt;
  const receivedAt = isAfterChange ? Math.max(earliestAt, changeToldAt) : earliestAt;
  return { receivedAt: epochMs(receivedAt), latestAt: epochMs(latestAt) };
}

import type { ClientEventPayload, OwnAnswer, RefusedAck, RoomJoinAck } from '#libs/protocol';
import { nameKey, PROTOCOL_VERSION } from '#libs/protocol';
import { type Admitted, MemberService, type RoomRefusal, RoomService, type RoomView } from '#libs/room';
import { newIdentity } from '../access/identity.factory.js';
import { JoinGate } from '../access/join.gate.js';
import { type Identity, TOKEN_LIFE_MS, TokenService } from '../access/token.service.js';
import { DrainState } from '../drain.state.js';
import type { EdgeOptions } from '../edge.options.js';
import { wireJudgement, wireSnapshot } from '../snapshot.contract.js';
import { refusalAck, refusedAck } from '../wire.refusal.js';
import { MemberDepartures } from './member.departures.js';
import { MemberRegistry } from './member.registry.js';
import { type Membership, type QuizSession, seatOf } from './quiz.session.js';

type JoinPayload = ClientEventPayload<'room:join'>;

/** Somebody who may enter the room, as it was when they asked. */
interface Admission {
  readonly identity: Identity;
  readonly lifeMs: number;
  readonly pin: string;
  /** What entering has to know of the room. */
  readonly admitted: Admitted;
}

const isRefused = (result: Admission | RefusedAck): result is RefusedAck => 'ok' in result;
const elsewhere = () =>
  refusedAck('wrong_phase', 'This socket is in another room, or somebody else in this one: leave first.');

const removed = () =>
  refusedAck('unauthorized', 'This member has another connection now, or was put out: this one is ending.');

/** `room:join`: who it is, then into the channels, when they are heard the seat, and only then the snapshot. */
export class JoinHandler {
  constructor(
    private readonly options: EdgeOptions,
    private readonly service: RoomService,
    private readonly seats: MemberService,
    private readonly tokens: TokenService,
    private readonly members: MemberRegistry,
    private readonly departures: MemberDepartures,
    private readonly drain: DrainState,
    private readonly gate: JoinGate,
  ) {}

  async join(session: QuizSession, payload: JoinPayload): Promise<RoomJoinAck> {
    const { pin, token } = payload;
    // A member that asks again is answered: it is here until it goes.
    if (this.drain.isDraining && session.membership === null) {
      return refusedAck('unavailable', 'This gateway is going away. Join at another one.');
    }
    const admission =
      token === undefined
        ? await this.admitByPin(session, pin ?? '', payload)
        : await this.admitByToken(session, token, payload);
    return isRefused(admission) ? admission : this.enter(session, admission, payload.ticks);
  }

  private async admitByToken(
    session: QuizSession,
    token: string,
    { pin, roomId }: JoinPayload,
  ): Promise<Admission | RefusedAck> {
    const proven = await this.tokens.verify(token);
    if (proven === null) return refusedAck('unauthorized', 'This token is not valid, or no longer.');
    if (roomId !== undefined && roomId !== proven.roomId) {
      return refusedAck('unauthorized', 'This token is for another room.');
    }
    const { lifeMs, ...identity } = proven;
    if (isSomebodyElse(session.membership, identity)) return elsewhere();
    const [view, admitted] = await Promise.all([
      this.service.view(identity.roomId),
      this.seats.admission(identity.roomId, identity),
    ]);
    if (view.kind === 'refused') return refusalAck(view);
    if (pin !== undefined && pin !== view.state.pin) {
      return refusedAck('unauthorized', 'This token is for a room with another PIN.');
    }
    return admitted.kind === 'refused'
      ? refusalAck(admitted)
      : { identity, lifeMs, pin: view.state.pin, admitted };
  }

  private async admitByPin(
    session: QuizSession,
    pin: string,
    { roomId, name }: JoinPayload,
  ): Promise<Admission | RefusedAck> {
    const { request } = session.socket;
    const [refusal, found] = await Promise.all([this.gate.refusalOf(request), this.service.findByPin(pin)]);
    if (refusal !== null) return refusal;
    if (found.kind === 'refused') {
      return isGone(found) ? this.gate.wrongPin(request, refusalAck(found)) : refusalAck(found);
    }
    if (roomId !== undefined && roomId !== found.roomId) {
      const mismatch = refusedAck('room_not_found', 'There is no such room with this PIN.');
      return this.gate.wrongPin(request, mismatch);
    }
    const { membership } = session;
    // The same PIN again is the same join again, not one more player; but a PIN makes no host.
    const isAgain = membership?.roomId === found.roomId && membership.role === 'player';
    if (membership !== null && !isAgain) return (await this.gate.lockOf(request)) ?? elsewhere();
    // Asked again: of guesses that came all at once the wrong ones are noted by now.
    const [lock, admitted] = await Promise.all([
      this.gate.lockOf(request),
      this.seats.admission(found.roomId, membership ?? undefined),
    ]);
    if (lock !== null) return lock;
    if (admitted.kind === 'refused') return refusalAck(admitted);
    const identity = membership ?? newIdentity(this.options.ids, found.roomId, 'player', name);
    return { identity, lifeMs: TOKEN_LIFE_MS, pin, admitted };
  }

  private async enter(session: QuizSession, admission: Admission, ticks: boolean): Promise<RoomJoinAck> {
    const { identity, lifeMs, pin, admitted } = admission;
    const { roomId, playerId, role } = identity;
    const earlier = session.membership;
    const membership = this.membershipOf(identity, pin, ticks);
    const { channels } = membership;
    // Socket.IO would keep a socket that has gone meanwhile in these rooms for ever.
    if (!session.socket.connected) return refusedAck('internal', 'The connection has ended.');
    this.members.add(session, membership);
    await session.socket.join([...channels]);
    for (const channel of earlier?.channels ?? [])
      if (!channels.includes(channel)) await session.socket.leave(channel);

    const settled = await this.settleIn(session, admitted, membership);
    if (!settled.ok) {
      // Somebody who was in before stays in: the room is no farther from them than it was.
      if (earlier === null || session.isRemoved) await this.undo(session, membership);
      return settled;
    }
    const { name } = settled;
    const token = await this.tokens.issue({ ...identity, name }, lifeMs);
    const current = await this.service.view(roomId);
    const answer = current.kind === 'refused' ? null : await this.ownAnswer(identity, current);
    // The seat may be another connection's since, or the member be put out.
    if (session.isRemoved) return removed();
    // The room may have ended since: then the broadcast has taken this socket out, or this read says so.
    if (current.kind === 'refused' || session.membership !== membership) {
      if (earlier === null || isGone(current)) await this.undo(session, membership);
      return current.kind === 'refused'
        ? refusalAck(current)
        : refusedAck('room_not_found', 'This room is closed.');
    }
    session.membership = { ...membership, name };
    return {
      ok: true,
      roomId,
      pin,
      playerId,
      role,
      name,
      token,
      protocol: PROTOCOL_VERSION,
      server: this.options.server,
      snapshot: wireSnapshot(current.snapshot, current.content),
      ...(answer === null ? {} : { answer }),
    };
  }

  /** What the player has answered to the current question; a store that does not say costs nobody the join. */
  private async ownAnswer(
    { roomId, playerId, role }: Identity,
    { snapshot }: RoomView,
  ): Promise<OwnAnswer | null> {
    const { questionId, runId } = snapshot;
    if (role !== 'player' || questionId === null || runId === null) return null;
    const own = await this.options.answers.answerOf(roomId, runId, playerId);
    if (own.kind === 'refused' || own.answer === null) return null;
    return { ...wireJudgement(own.answer), questionId, runId, choice: JSON.parse(own.answer.choice) };
  }

  /** Waits until every channel is heard, and takes the seat; gives the name that the member has in the room. */
  private async settleIn(
    session: QuizSession,
    admitted: Admitted,
    membership: Membership,
  ): Promise<{ ok: true; name: string } | RefusedAck> {
    const { roomId, playerId, role, name, channels } = membership;
    try {
      await Promise.all(channels.map((channel) => this.options.broadcast.subscribed(channel)));
    } catch (err) {
      this.options.logger.warn({ err, roomId }, 'a channel was not confirmed in time');
      return refusedAck('unavailable', 'The room could not be listened to in time. Ask again.');
    }
    if (session.isRemoved) return removed();
    session.isDisplaced = false;
    session.isEntering = true;
    try {
      const member = { playerId, role, name };
      const connection = session.socket.id;
      const entered = await this.seats.enter(admitted, { connection, member, nameKey: nameKey(name) });
      if (await this.members.hasLostSeat(session)) {
        this.members.end(session);
        return removed();
      }
      if (entered.kind === 'refused') return refusalAck(entered);
      session.seatedAs = membership;
      return { ok: true, name: entered.name };
    } finally {
      session.isEntering = false;
    }
  }

  private async undo(session: QuizSession, membership: Membership): Promise<void> {
    await this.members.remove(session);
    // Whether the room had noted the member may be unknown.
    this.departures.depart(seatOf(membership, session.socket.id));
  }

  private membershipOf(identity: Identity, pin: string, ticks: boolean): Membership {
    const { roomId, playerId, role, name } = identity;
    const { store } = this.options;
    const ownChannel = store.channel('player', roomId, playerId);
    const channels = [
      store.channel('room', roomId),
      ...(ticks ? [store.channel('ticks', roomId)] : []),
      ...(role === 'player' ? [] : [store.channel('staff', roomId)]),
      ownChannel,
    ];
    return { roomId, playerId, role, name, pin, ownChannel, channels };
  }
}

const isGone = (view: RoomView | RoomRefusal): boolean =>
  view.kind === 'refused' && view.code === 'room_not_found';

function isSomebodyElse(membership: Membership | null, { roomId, playerId, role }: Identity): boolean {
  if (membership === null) return false;
  return membership.roomId !== roomId || membership.playerId !== playerId || membership.role !== role;
}

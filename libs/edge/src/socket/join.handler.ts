import type { ClientEventPayload, RefusedAck, RoomJoinAck } from '#libs/protocol';
import { PROTOCOL_VERSION } from '#libs/protocol';
import { type RoomRefusal, RoomService, type RoomView } from '#libs/room';
import { newIdentity } from '../access/identity.factory.js';
import { type Identity, TOKEN_LIFE_MS, TokenService } from '../access/token.service.js';
import { DrainState } from '../drain.state.js';
import type { EdgeOptions } from '../edge.options.js';
import { wireSnapshot } from '../snapshot.contract.js';
import { refusalAck, refusedAck } from '../wire.refusal.js';
import { MemberDepartures } from './member.departures.js';
import { MemberRegistry } from './member.registry.js';
import type { Membership, QuizSession } from './quiz.session.js';

type JoinPayload = ClientEventPayload<'room:join'>;

/** Somebody who may enter the room, as `view` says it was when they asked. */
interface Admission {
  readonly identity: Identity;
  readonly lifeMs: number;
  readonly view: RoomView;
}

const isRefused = (result: Admission | RefusedAck): result is RefusedAck => 'ok' in result;
const elsewhere = () =>
  refusedAck('wrong_phase', 'This socket is in another room, or somebody else in this one: leave first.');

/** `room:join`: who it is, then into the channels, and only when they are heard the snapshot. */
export class JoinHandler {
  constructor(
    private readonly options: EdgeOptions,
    private readonly service: RoomService,
    private readonly tokens: TokenService,
    private readonly members: MemberRegistry,
    private readonly departures: MemberDepartures,
    private readonly drain: DrainState,
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
    const view = await this.service.view(identity.roomId);
    if (view.kind === 'refused') return refusalAck(view);
    if (pin !== undefined && pin !== view.state.pin) {
      return refusedAck('unauthorized', 'This token is for a room with another PIN.');
    }
    return { identity, lifeMs, view };
  }

  private async admitByPin(
    session: QuizSession,
    pin: string,
    { roomId, name }: JoinPayload,
  ): Promise<Admission | RefusedAck> {
    const found = await this.service.findByPin(pin);
    if (found.kind === 'refused') return refusalAck(found);
    if (roomId !== undefined && roomId !== found.roomId) {
      return refusedAck('room_not_found', 'There is no such room with this PIN.');
    }
    const { membership } = session;
    // The same PIN again is the same join again, not one more player; but a PIN makes no host.
    const isAgain = membership?.roomId === found.roomId && membership.role === 'player';
    if (membership !== null && !isAgain) return elsewhere();
    const view = await this.service.view(found.roomId);
    if (view.kind === 'refused') return refusalAck(view);
    const identity = membership ?? newIdentity(this.options.ids, found.roomId, 'player', name);
    return { identity, lifeMs: TOKEN_LIFE_MS, view };
  }

  private async enter(session: QuizSession, admission: Admission, ticks: boolean): Promise<RoomJoinAck> {
    const { identity, lifeMs, view } = admission;
    const { roomId, playerId, role, name } = identity;
    if (role === 'player') {
      const added = await this.service.addPlayer(roomId, { playerId, name });
      if (added.kind === 'refused') return refusalAck(added);
    }
    const earlier = session.membership;
    const channels = this.channelsOf(identity, ticks);
    const membership: Membership = { roomId, playerId, role, name, pin: view.state.pin, channels };
    // Socket.IO would keep a socket that has gone meanwhile in these rooms for ever.
    if (!session.socket.connected) return refusedAck('internal', 'The connection has ended.');
    this.members.add(session, membership);
    await session.socket.join([...channels]);
    for (const channel of earlier?.channels ?? [])
      if (!channels.includes(channel)) await session.socket.leave(channel);

    const refusal = await this.settleIn(session, membership);
    if (refusal !== null) {
      // Somebody who was in before stays in: the room is no farther from them than it was.
      if (earlier === null) await this.undo(session, roomId);
      return refusal;
    }
    const token = await this.tokens.issue(identity, lifeMs);
    const current = await this.service.view(roomId);
    // The room may have ended since: then the broadcast has taken this socket out, or this read says so.
    if (current.kind === 'refused' || session.membership !== membership) {
      if (earlier === null || isGone(current)) await this.undo(session, roomId);
      return current.kind === 'refused'
        ? refusalAck(current)
        : refusedAck('room_not_found', 'This room is closed.');
    }
    return {
      ok: true,
      roomId,
      pin: membership.pin,
      playerId,
      role,
      token,
      protocol: PROTOCOL_VERSION,
      server: this.options.server,
      snapshot: wireSnapshot(current.snapshot, current.content),
    };
  }

  /** Waits until every channel is heard, and tells the room; null when all went well. */
  private async settleIn(session: QuizSession, membership: Membership): Promise<RefusedAck | null> {
    const { roomId, playerId, role, name, channels } = membership;
    try {
      await Promise.all(channels.map((channel) => this.options.broadcast.subscribed(channel)));
    } catch (err) {
      this.options.logger.warn({ err, roomId }, 'a channel was not confirmed in time');
      return refusedAck('unavailable', 'The room could not be listened to in time. Ask again.');
    }
    const entered = await this.service.enter(roomId, session.socket.id, { playerId, role, name });
    return entered.kind === 'refused' ? refusalAck(entered) : null;
  }

  private async undo(session: QuizSession, roomId: string): Promise<void> {
    await this.members.remove(session);
    // Whether the room had noted the member may be unknown.
    this.departures.depart(roomId, session.socket.id);
  }

  private channelsOf({ roomId, role, playerId }: Identity, ticks: boolean): string[] {
    const { store } = this.options;
    return [
      store.channel('room', roomId),
      ...(ticks ? [store.channel('ticks', roomId)] : []),
      role === 'player' ? store.channel('player', roomId, playerId) : store.channel('staff', roomId),
    ];
  }
}

const isGone = (view: RoomView | RoomRefusal): boolean =>
  view.kind === 'refused' && view.code === 'room_not_found';

function isSomebodyElse(membership: Membership | null, { roomId, playerId, role }: Identity): boolean {
  if (membership === null) return false;
  return membership.roomId !== roomId || membership.playerId !== playerId || membership.role !== role;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#libs/ops';
import { MemberService, type SeatLoss } from '#libs/room';
import { MemberRegistry } from './member.registry.js';
import type { Membership, QuizSession } from './quiz.session.js';

/** Seats that were being asked for are looked at again after this (ms). */
const RETRY_MS = 250;

/** A session with what it had its seat as when the store was asked. */
interface Seated {
  readonly session: QuizSession;
  readonly seatedAs: Membership;
}

/**
 * Puts out the members of this gateway whose `member:removed` it may have missed: without that, who was kicked would listen
 * for ever, and a connection that was replaced stay beside the other one.
 */
export class SeatReview {
  private isStopped = false;

  constructor(
    private readonly service: MemberService,
    private readonly members: MemberRegistry,
    private readonly logger: Logger,
  ) {}

  /** No more reviews. */
  stop(): void {
    this.isStopped = true;
  }

  /**
   * Looks at everybody who is in the room now; at those whose seat is being asked for when that is answered. Who comes later
   * is heard of: their channels are subscribed after the gap.
   *
   * @returns false when the store could not be asked
   */
  async review(roomId: string): Promise<boolean> {
    const open = await this.reviewOnce(roomId, this.members.sessionsOf(roomId));
    if (open === null) return false;
    void this.follow(roomId, open).catch((err: unknown) =>
      this.logger.error({ err, roomId }, 'the seats of a room could not be looked at'),
    );
    return true;
  }

  private async follow(roomId: string, sessions: readonly QuizSession[]): Promise<void> {
    for (let open = sessions; open.length > 0 && !this.isStopped; ) {
      await delay(RETRY_MS, undefined, { ref: false });
      open = (await this.reviewOnce(roomId, open)) ?? open;
    }
  }

  /** Those whose seats have to be looked at again; null when the store could not be asked. */
  private async reviewOnce(roomId: string, sessions: readonly QuizSession[]): Promise<QuizSession[] | null> {
    const here = sessions.filter(({ membership }) => membership?.roomId === roomId);
    const seated = here.flatMap((session) => seatOf(session) ?? []);
    // The store may be about to give them their seats.
    const unseated = here.filter((session) => seatOf(session) === null);
    if (seated.length === 0) return unseated;
    const found = await this.service.seatLosses(
      roomId,
      seated.map(({ session, seatedAs: { playerId } }) => ({ playerId, connection: session.socket.id })),
    );
    if (found.kind === 'refused') return null;
    const moved = seated.filter((one, i) => !this.judge(one, found.losses[i] ?? null));
    return [...unseated, ...moved.map(({ session }) => session)];
  }

  /** False when the seat was asked for since the store was: what it answered may be older than the seat. */
  private judge({ session, seatedAs }: Seated, loss: SeatLoss | null): boolean {
    if (session.membership === null) return true;
    if (seatOf(session)?.seatedAs !== seatedAs) return false;
    if (loss === null) return true;
    session.socket.emit('member:removed', { reason: loss });
    this.members.end(session);
    return true;
  }
}

/** Null while the seat is being asked for, or was never given. */
function seatOf(session: QuizSession): Seated | null {
  const { seatedAs, isEntering } = session;
  return seatedAs === null || isEntering ? null : { session, seatedAs };
}

import { describe, expect, it } from '@jest/globals';
import { createLogger } from '#libs/ops';
import { MemberService, type SeatLoss } from '#libs/room';
import { eventually } from '#libs/testing';
import { MemberRegistry } from './member.registry.js';
import type { Membership } from './quiz.session.js';
import { QuizSession } from './quiz.session.js';
import { SeatReview } from './seat.review.js';
import type { Socket } from './socket.types.js';

const as = (playerId: string) => ({ roomId: 'r', playerId }) as Membership;

/** A review of these sessions; `losses` answers for those that are asked for, or refuses with null. */
function reviewOf(sessions: QuizSession[], losses: (ids: string[]) => (SeatLoss | null)[] | null) {
  const ended: string[] = [];
  const service = {
    seatLosses: async (_: string, seats: { playerId: string }[]) => {
      await Promise.resolve();
      const found = losses(seats.map(({ playerId }) => playerId));
      return found === null ? { kind: 'refused' } : { kind: 'losses', losses: found };
    },
  } as unknown as MemberService;
  const members = {
    sessionsOf: () => sessions,
    end: (session: QuizSession) => {
      ended.push(session.socket.id);
      session.membership = null;
    },
  } as unknown as MemberRegistry;
  const logger = createLogger({ name: 'test', level: 'silent' });
  return { review: new SeatReview(service, members, logger), ended };
}

function sessionOf(playerId: string, isSeated = true): QuizSession {
  const session = new QuizSession({ id: playerId, emit: () => true } as unknown as Socket);
  session.membership = as(playerId);
  session.seatedAs = isSeated ? session.membership : null;
  return session;
}

describe('a review of seats', () => {
  it('asks for nobody whose seat is being asked for, until they have it', async () => {
    const [entering, again] = [sessionOf('entering', false), sessionOf('again')];
    again.isEntering = true;
    const asked: string[][] = [];
    const { review, ended } = reviewOf([sessionOf('in'), entering, again], (ids) => {
      asked.push(ids);
      return ids.map(() => 'replaced');
    });
    expect(await review.review('r')).toBe(true);
    expect([asked, ended]).toEqual([[['in']], ['in']]);
    entering.seatedAs = entering.membership;
    again.isEntering = false;
    await eventually(() => ended.length === 3);
  });

  // What was asked before the seat was taken back may be answered after it.
  it('puts out nobody who has asked for the seat since, but looks again', async () => {
    const session = sessionOf('p');
    const answers: (SeatLoss | null)[] = ['replaced', null];
    const { review, ended } = reviewOf([session], () => {
      session.seatedAs = as('p');
      return [answers.shift() ?? null];
    });
    expect(await review.review('r')).toBe(true);
    await eventually(() => answers.length === 0);
    review.stop();
    expect(ended).toEqual([]);
  });

  it('leaves who has gone to another room alone, and says when the store could not be asked', async () => {
    const gone = sessionOf('gone');
    gone.membership = { ...as('gone'), roomId: 'other' };
    const { review, ended } = reviewOf([gone], () => ['kicked']);
    expect(await review.review('r')).toBe(true);
    expect(ended).toEqual([]);
    expect(await reviewOf([sessionOf('p')], () => null).review.review('r')).toBe(false);
  });
});

import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Metrics } from '#libs/ops';
import { EdgeBroadcasts } from '../edge.broadcasts.js';
import { MemberRegistry } from './member.registry.js';
import type { Membership, QuizSession } from './quiz.session.js';

/** A registry with one member of the room `r`, and what hands broadcasts to it. */
function withMember() {
  const broadcasts = new EdgeBroadcasts(new Metrics().gateway);
  type Parts = ConstructorParameters<typeof MemberRegistry>;
  const members = new MemberRegistry({ broadcasts } as unknown as Parts[0], {} as Parts[1]);
  const session = { socket: { leave: () => {} } } as unknown as QuizSession;
  const sit = () =>
    members.add(session, { roomId: 'r', ownChannel: 'm', channels: [] } as unknown as Membership);
  sit();
  const told = (event: string, serverNow: number, roomId = 'r') =>
    broadcasts.observe(event, 'channel', { roomId, version: 1, serverNow });
  return { members, session, sit, told };
}

describe('the last change of a room that its members were told', () => {
  it('is before the frames of later turns of the event loop, not before those of the turn in which it came', async () => {
    const { members, told } = withMember();
    expect(members.changeToldAt('r')).toBeNull();
    told('question:started', 7);
    expect(members.changeToldAt('r')).toBeNull();
    await nextTurn();
    expect(members.changeToldAt('r')).toBe(7);
    told('question:closed', 9);
    expect(members.changeToldAt('r')).toBe(7);
    await nextTurn();
    expect(members.changeToldAt('r')).toBe(9);
  });

  it('is one of its question, which ticks and counts are not, and of no other room', async () => {
    const { members, told } = withMember();
    told('question:tick', 7);
    told('answers:count', 8);
    told('question:started', 9, 'other');
    await nextTurn();
    expect([members.changeToldAt('r'), members.changeToldAt('other')]).toEqual([null, null]);
  });

  it('is forgotten with the last member', async () => {
    const { members, session, sit, told } = withMember();
    told('question:started', 7);
    await members.remove(session);
    await nextTurn();
    expect(members.changeToldAt('r')).toBeNull();
    sit();
    expect(members.changeToldAt('r')).toBeNull();
  });
});

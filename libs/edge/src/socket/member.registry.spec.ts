import { describe, expect, it } from '@jest/globals';
import { Metrics } from '#libs/ops';
import { EdgeBroadcasts } from '../edge.broadcasts.js';
import { MemberRegistry } from './member.registry.js';
import type { Membership, QuizSession } from './quiz.session.js';

/** A registry with one member of the room `r`, and what hands broadcasts to it. */
function withMember() {
  const broadcasts = new EdgeBroadcasts(new Metrics().gateway);
  type Parts = ConstructorParameters<typeof MemberRegistry>;
  const waiting: (() => void)[] = [];
  const members = new MemberRegistry({ broadcasts } as unknown as Parts[0], {} as Parts[1], {
    onceRead: (then) => waiting.push(then),
  });
  const session = { socket: { leave: () => {} } } as unknown as QuizSession;
  const sit = () =>
    members.add(session, { roomId: 'r', ownChannel: 'm', channels: [] } as unknown as Membership);
  sit();
  const told = (event: string, serverNow: number, roomId = 'r') =>
    broadcasts.observe(event, 'channel', { roomId, version: 1, serverNow });
  /** All frames have been read that may have been there before what was told. */
  const read = () => {
    for (const then of waiting.splice(0)) then();
  };
  return { members, session, sit, told, read };
}

describe('the last change of a room that its members were told', () => {
  it('is before what is read when all has been read that may have been there before it', () => {
    const { members, told, read } = withMember();
    expect(members.changeToldAt('r')).toBeNull();
    told('question:started', 7);
    expect(members.changeToldAt('r')).toBeNull();
    read();
    expect(members.changeToldAt('r')).toBe(7);
    told('question:closed', 9);
    expect(members.changeToldAt('r')).toBe(7);
    read();
    expect(members.changeToldAt('r')).toBe(9);
  });

  it('is one of its question, which ticks and counts are not, and of no other room', () => {
    const { members, told, read } = withMember();
    told('question:tick', 7);
    told('answers:count', 8);
    told('question:started', 9, 'other');
    read();
    expect([members.changeToldAt('r'), members.changeToldAt('other')]).toEqual([null, null]);
  });

  it('is forgotten with the last member', async () => {
    const { members, session, sit, told, read } = withMember();
    told('question:started', 7);
    await members.remove(session);
    read();
    expect(members.changeToldAt('r')).toBeNull();
    sit();
    expect(members.changeToldAt('r')).toBeNull();
  });
});

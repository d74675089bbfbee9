import { describe, expect, it } from '@jest/globals';
import { type DueRoom, judgeClosings, type ReceivedFrame } from './closing.observer.js';

const ENDS_AT = 1_000_000;
const room = (roomId: string): DueRoom => ({ roomId, runId: 7, endsAt: ENDS_AT });

function heard(event: string, payload: object, receivedAt = ENDS_AT + 5.5): ReceivedFrame {
  const packet = { type: 2, nsp: '/quiz', data: [event, payload] };
  return { frame: JSON.stringify({ uid: 'emitter', type: 3, data: { opts: {}, packet } }), receivedAt };
}

const closing = (roomId: string, more: object = {}) => ({
  roomId,
  runId: 7,
  endsAt: ENDS_AT,
  serverNow: ENDS_AT + 3,
  reason: 'expired',
  ...more,
});

const closed = (roomId: string, more: object = {}): ReceivedFrame =>
  heard('question:closed', closing(roomId, more));

describe('judgeClosings', () => {
  it('tells how late each closing was, by Redis and as a subscriber saw it', () => {
    const report = judgeClosings([room('a'), room('b')], [closed('b', { serverNow: ENDS_AT }), closed('a')]);
    expect(report).toEqual({
      lost: [],
      doubled: [],
      early: [],
      wrong: [],
      publishedMs: [3, 0],
      receivedMs: [5.5, 5.5],
    });
  });

  it('finds a room whose closing nobody heard of', () => {
    const report = judgeClosings([room('a'), room('b')], [closed('a')]);
    expect(report.lost).toEqual(['b']);
    expect(report.receivedMs).toHaveLength(1);
  });

  it('finds a room that closed twice, and measures its first closing only', () => {
    const again = heard('question:closed', closing('a', { serverNow: ENDS_AT + 500 }), ENDS_AT + 501);
    const report = judgeClosings([room('a')], [closed('a'), again]);
    expect(report.doubled).toEqual(['a']);
    expect(report.publishedMs).toEqual([3]);
  });

  it('finds a room that closed a millisecond before its deadline, even if it closed again in time', () => {
    const report = judgeClosings([room('a')], [closed('a'), closed('a', { serverNow: ENDS_AT - 1 })]);
    expect(report.early).toEqual(['a']);
    expect(report.doubled).toEqual(['a']);
  });

  it.each([{ reason: 'stopped' }, { runId: 8 }, { endsAt: ENDS_AT + 1 }])(
    'finds a closing that is not the expiry that was planned: %j',
    (more) => {
      expect(judgeClosings([room('a')], [closed('a', more)]).wrong).toEqual(['a']);
    },
  );

  it('takes no other event for a closing, nor another room for one that was due', () => {
    const others = [
      heard('question:extended', closing('a')),
      heard('room:closed', closing('a')),
      closed('z'),
    ];
    const report = judgeClosings([room('a')], others);
    expect(report).toMatchObject({ lost: ['a'], doubled: [], early: [], publishedMs: [] });
  });
});

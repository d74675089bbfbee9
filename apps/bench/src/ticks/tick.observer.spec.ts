import { describe, expect, it } from '@jest/globals';
import { judgeTicks } from './tick.observer.js';

const ROOMS = [
  { roomId: 'a', endsAt: 60_000 },
  { roomId: 'b', endsAt: 60_400 },
];
/** Ticks of a: 10,000 and 11,000; of b: 10,400 and 11,400. */
const WINDOW = { fromAt: 10_000, untilAt: 12_000, tickMs: 1_000 };

function tick(roomId: string, serverNow: number, more: object = {}, event = 'question:tick') {
  const endsAt = ROOMS.find((room) => room.roomId === roomId)?.endsAt;
  const data = [event, { roomId, endsAt, serverNow, ...more }];
  return { frame: JSON.stringify({ data: { packet: { data } } }), receivedAt: serverNow + 0.5 };
}

const ALL = [tick('a', 10_000), tick('b', 10_401), tick('a', 11_003), tick('b', 11_400)];

describe('judgeTicks', () => {
  it('tells how late each was against its own instant', () => {
    expect(judgeTicks(ROOMS, ALL, WINDOW)).toEqual({
      jitterMs: [0.5, 1.5, 3.5, 0.5],
      skipped: 0,
      doubled: 0,
      early: 0,
      wrong: 0,
    });
  });

  it('counts what nobody heard as skipped, also when another one was late', () => {
    const late = tick('a', 11_850);
    expect(judgeTicks(ROOMS, [late], WINDOW)).toMatchObject({ skipped: 3, jitterMs: [850.5], early: 0 });
    expect(judgeTicks(ROOMS, [], WINDOW).skipped).toBe(4);
  });

  it('leaves out ticks before and after, other events, and other rooms', () => {
    const others = [
      tick('a', 9_000),
      tick('a', 12_000),
      tick('b', 9_450),
      tick('a', 10_010, {}, 'question:extended'),
      tick('c', 10_000, { endsAt: 60_000 }),
    ];
    expect(judgeTicks(ROOMS, [...ALL, ...others], WINDOW)).toEqual(judgeTicks(ROOMS, ALL, WINDOW));
  });

  it('finds one that was sent twice, and measures the first only', () => {
    const report = judgeTicks(ROOMS, [...ALL, tick('a', 10_300)], WINDOW);
    expect(report).toMatchObject({ doubled: 1, skipped: 0 });
    expect(report.jitterMs).toHaveLength(4);
  });

  it('finds one that was sent a millisecond early, and one of another deadline', () => {
    expect(judgeTicks(ROOMS, [tick('a', 10_999)], WINDOW).early).toBe(1);
    const wrong = tick('a', 10_000, { endsAt: 61_000 });
    expect(judgeTicks(ROOMS, [wrong], WINDOW)).toMatchObject({ wrong: 1, skipped: 4 });
  });
});

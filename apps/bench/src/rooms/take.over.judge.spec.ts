import { describe, expect, it } from '@jest/globals';
import { judgeTakeOver } from './take.over.judge.js';

const ROOMS = [
  { roomId: 'a', shard: 0 },
  { roomId: 'b', shard: 1 },
];
/** Killed at 10,000; its two shards have another owner at 11,200 and 11,300. */
const DEATH = {
  killedAt: 10_000,
  takenAt: new Map([
    [0, 11_200],
    [1, 11_300],
  ]),
};

function tick(roomId: string, serverNow: number, event = 'question:tick') {
  const data = [event, { roomId, endsAt: 60_000, serverNow }];
  return { frame: JSON.stringify({ data: { packet: { data } } }), receivedAt: serverNow + 1 };
}

describe('judgeTakeOver', () => {
  it('tells how long each room was silent, by its first tick from another owner', () => {
    const frames = [tick('a', 11_400), tick('a', 12_400), tick('b', 12_000)];
    expect(judgeTakeOver(ROOMS, frames, DEATH)).toEqual({
      ownedMs: 1_300,
      silentMs: [1_401, 2_001],
      lost: 0,
    });
  });

  it('leaves out what the dead one had sent, and knows a tick that came before the lease was seen', () => {
    const dead = [tick('a', 9_990), tick('b', 10_005)];
    const early = tick('b', 11_295);
    expect(judgeTakeOver(ROOMS, [...dead, early], DEATH)).toMatchObject({ silentMs: [1_296], lost: 1 });
  });

  it('hears no other rooms and no other events', () => {
    const frames = [tick('c', 11_400), tick('a', 11_400, 'question:extended')];
    expect(judgeTakeOver(ROOMS, frames, DEATH)).toMatchObject({ silentMs: [], lost: 2 });
  });

  it('has lost the rooms of a shard that nobody took', () => {
    const half = { ...DEATH, takenAt: new Map([[0, 11_200]]) };
    expect(judgeTakeOver(ROOMS, [tick('a', 11_400), tick('b', 11_400)], half)).toMatchObject({ lost: 1 });
  });
});

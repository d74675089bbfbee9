import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../suite.types.js';
import { parseRoomsOptions } from './rooms.options.js';

describe('the options of rooms', () => {
  it('are what it is measured with, unless they say otherwise', () => {
    expect(parseRoomsOptions([], 5)).toMatchObject({
      rooms: [100, 1_000, 10_000],
      players: 20,
      seconds: 10,
      rounds: 5,
      kills: 5,
      seed: 5,
      isSmoke: false,
    });
    const args = '--smoke --rooms 3,4 --players 2 --seconds 6 --rounds 7 --kills 8 --seed 9'.split(' ');
    expect(parseRoomsOptions(args, 5)).toMatchObject({
      rooms: [3, 4],
      players: 2,
      seconds: 6,
      rounds: 7,
      kills: 8,
      seed: 9,
      isSmoke: true,
    });
  });

  it.each([['--rooms', '100,100'], ['--rooms', '200,100'], ['--rooms', ''], ['--kills', '0'], ['extra']])(
    'refuse %p',
    (...args) => {
      expect(() => parseRoomsOptions(args, 5)).toThrow(CannotRun);
    },
  );
});

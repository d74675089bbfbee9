import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../suite.types.js';
import { parsePlayerOptions } from './player.options.js';

describe('the options of player', () => {
  it('are what it is measured with, unless they say otherwise', () => {
    expect(parsePlayerOptions([], 5)).toMatchObject({
      players: 2_000,
      rooms: 40,
      rounds: 9,
      questionMs: 20_000,
      syncEveryMs: 300_000,
      seed: 5,
      isSmoke: false,
    });
    const args = [
      '--smoke',
      '--players',
      '30',
      '--rooms',
      '3',
      '--rounds',
      '6',
      '--seed',
      '9',
      '--sync-every',
      '5',
    ];
    expect(parsePlayerOptions(args, 5)).toMatchObject({
      players: 30,
      rooms: 3,
      rounds: 6,
      questionMs: 2_500,
      syncEveryMs: 5_000,
      seed: 9,
      isSmoke: true,
    });
  });

  it.each([['--players', '0'], ['--rounds', 'x'], ['--question-ms', '5'], ['extra']])(
    'refuse %p',
    (...args) => {
      expect(() => parsePlayerOptions(args, 5)).toThrow(CannotRun);
    },
  );
});

import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../suite.types.js';
import { parseStartOptions } from './start.options.js';

describe('parseStartOptions', () => {
  it('has rooms of 10 to 5,000 players unless told otherwise', () => {
    expect(parseStartOptions([], 3)).toMatchObject({
      players: [10, 100, 1_000, 5_000],
      rounds: 5,
      starts: 16,
      seed: 3,
    });
    expect(parseStartOptions(['--players', '20,40', '--smoke'], 3)).toMatchObject({
      players: [20, 40],
      rounds: 1,
    });
  });

  it.each([['--players', '1'], ['--players', '10,'], ['--starts', '0'], ['--fast']])(
    'refuses what is not meant: %s %s',
    (...args) => {
      expect(() => parseStartOptions(args, 3)).toThrow(CannotRun);
    },
  );
});

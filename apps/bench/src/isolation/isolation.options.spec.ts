import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../suite.types.js';
import { parseIsolationOptions } from './isolation.options.js';

describe('the options of isolation', () => {
  it('are what it is measured with, unless they say otherwise', () => {
    expect(parseIsolationOptions([])).toMatchObject({ rooms: 50, members: 10, rounds: 5, isSmoke: false });
    const args = '--smoke --rooms 7 --members 3 --tick 500 --seconds 4 --rounds 6'.split(' ');
    expect(parseIsolationOptions(args)).toMatchObject({
      rooms: 7,
      members: 3,
      tickMs: 500,
      seconds: 4,
      rounds: 6,
      isSmoke: true,
    });
  });

  it.each([['--rooms', '0'], ['--tick', '99'], ['--rounds', 'x'], ['extra']])('refuse %p', (...args) => {
    expect(() => parseIsolationOptions(args)).toThrow(CannotRun);
  });
});

import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../suite.types.js';
import { parseTicksOptions } from './ticks.options.js';

describe('the options of ticks', () => {
  it('are three sizes, five times, unless they say otherwise', () => {
    expect(parseTicksOptions([], 5)).toMatchObject({
      rooms: [100, 1_000, 10_000],
      seconds: 10,
      rounds: 5,
      seed: 5,
      isSmoke: false,
    });
    const args = ['--smoke', '--rooms', '20,30', '--seed', '9'];
    expect(parseTicksOptions(args, 5)).toMatchObject({
      rooms: [20, 30],
      seconds: 2,
      rounds: 1,
      seed: 9,
      isSmoke: true,
    });
  });

  it.each([['--rooms', '100,'], ['--rooms', '0'], ['--seconds', '61'], ['--rounds', 'x'], ['extra']])(
    'refuse %p',
    (...args) => {
      expect(() => parseTicksOptions(args, 5)).toThrow(CannotRun);
    },
  );
});

import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../suite.types.js';
import { parseAnswersOptions } from './answers.options.js';

describe('parseAnswersOptions', () => {
  it('looks for saturation twice, then plays five rounds, unless told otherwise', () => {
    expect(parseAnswersOptions([], 7)).toMatchObject({ players: 6_000, ramps: 2, rounds: 5, seed: 7 });
    expect(parseAnswersOptions([], 7).rate).toBeUndefined();
    expect(parseAnswersOptions(['--seed', '9', '--rounds', '3'], 7)).toMatchObject({ seed: 9, rounds: 3 });
  });

  it('looks for no saturation where the rate is given, as in a smoke run', () => {
    expect(parseAnswersOptions(['--rate', '900'], 7)).toMatchObject({ rate: 900, ramps: 0 });
    expect(parseAnswersOptions(['--rate', '900', '--ramps', '1'], 7)).toMatchObject({ rate: 900, ramps: 1 });
    expect(parseAnswersOptions(['--smoke'], 7)).toMatchObject({ isSmoke: true, ramps: 0, rounds: 1 });
  });

  it.each([['--ramps', '0'], ['--rate', '0'], ['--players', 'x'], ['--fast']])(
    'refuses what is not meant: %s %s',
    (...args) => {
      expect(() => parseAnswersOptions(args, 7)).toThrow(CannotRun);
    },
  );
});

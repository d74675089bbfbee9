import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../suite.types.js';
import { parseFanoutOptions } from './fanout.options.js';

describe('the options of fanout', () => {
  it('are what it is measured with, unless they say otherwise', () => {
    expect(parseFanoutOptions([], 5)).toMatchObject({
      sockets: [1_000, 5_000],
      members: 50,
      rate: 5_000,
      rounds: 7,
      seed: 5,
      isSmoke: false,
    });
    const args = '--smoke --sockets 20,60 --members 20 --rate 100 --seconds 3 --rounds 6 --seed 9'.split(' ');
    expect(parseFanoutOptions(args, 5)).toMatchObject({
      sockets: [20, 60],
      members: 20,
      rate: 100,
      seconds: 3,
      rounds: 6,
      seed: 9,
      isSmoke: true,
    });
  });

  it.each([
    ['--sockets', '0'],
    ['--sockets', '1000,1020'],
    ['--sockets', '5000,1000'],
    ['--sockets', '1000,1000'],
    ['--members', '300'],
    ['--rounds', 'x'],
    ['extra'],
  ])('refuse %p', (...args) => {
    expect(() => parseFanoutOptions(args, 5)).toThrow(CannotRun);
  });
});

import { describe, expect, it } from '@jest/globals';
import { parseStallOptions } from '../stall/stall.options.js';
import { CannotRun } from '../suite.types.js';
import { parseBurstOptions } from './burst.options.js';

describe('parseBurstOptions', () => {
  it('has 5,000 players answer three times unless told otherwise', () => {
    expect(parseBurstOptions([])).toMatchObject({ players: 5_000, rounds: 3, isSmoke: false, json: false });
    expect(parseBurstOptions(['--smoke'])).toMatchObject({ players: 300, rounds: 1, isSmoke: true });
    expect(parseBurstOptions(['--smoke', '--players', '40', '--note', 'busy'])).toMatchObject({
      players: 40,
      note: 'busy',
    });
  });

  it.each([['--players', '1'], ['--rounds', 'x'], ['--fast']])(
    'refuses what is not meant: %s %s',
    (...args) => {
      expect(() => parseBurstOptions(args)).toThrow(CannotRun);
    },
  );
});

describe('parseStallOptions', () => {
  it('stops a gateway for 30 ms at the deadlines of 20 questions unless told otherwise', () => {
    expect(parseStallOptions([])).toMatchObject({ players: 200, questions: 20, stallMs: 30 });
    expect(parseStallOptions(['--stall-ms', '0']).stallMs).toBe(0);
  });
});

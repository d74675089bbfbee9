import { describe, expect, it } from '@jest/globals';
import { parseDeadlinesOptions } from './bench.options.js';
import { CannotRun } from './suite.types.js';

describe('parseDeadlinesOptions', () => {
  it('measures 1,000 rooms five times against four concurrencies unless told otherwise', () => {
    expect(parseDeadlinesOptions([])).toEqual({
      rooms: 1_000,
      runs: 5,
      concurrencies: [1, 8, 32, 128],
      isSmoke: false,
      json: false,
      out: undefined,
      profile: undefined,
    });
  });

  it('is short in a smoke run, but what is asked for holds', () => {
    const options = parseDeadlinesOptions(['--smoke', '--rooms', '20']);
    expect(options).toMatchObject({ rooms: 20, runs: 1, concurrencies: [8], isSmoke: true });
  });

  it('reads a list of concurrencies', () => {
    expect(parseDeadlinesOptions(['--concurrency', '2,64']).concurrencies).toEqual([2, 64]);
  });

  it.each([
    ['--rooms', '0'],
    ['--rooms', 'many'],
    ['--runs', '1.5'],
    ['--concurrency', '8,'],
    ['--fast'],
    ['deadlines'],
  ])('refuses what is not meant: %s %s', (...args) => {
    expect(() => parseDeadlinesOptions(args)).toThrow(CannotRun);
  });
});

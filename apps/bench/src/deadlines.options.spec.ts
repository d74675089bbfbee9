import { describe, expect, it } from '@jest/globals';
import { parseDeadlinesOptions } from './deadlines.options.js';
import { CannotRun } from './suite.types.js';

const SEED = 7;

describe('parseDeadlinesOptions', () => {
  it('measures three loads five times, with everybody, unless told otherwise', () => {
    const { loads, ...others } = parseDeadlinesOptions([], SEED);
    expect(loads.map(({ name }) => name)).toEqual(['1000', '10000', '2000x5']);
    expect(others).toEqual({
      contestants: ['quizbell', 'bullmq', 'key-expiry', 'zset'],
      rounds: 5,
      concurrencies: [1, 8, 32, 128],
      clients: 100,
      seed: SEED,
      isSmoke: false,
      json: false,
      out: undefined,
      note: undefined,
      profile: undefined,
    });
  });

  it('is short in a smoke run, but what is asked for holds', () => {
    const args = ['--smoke', '--loads', '20,10x2', '--contestants', 'quizbell,zset', '--seed', '9'];
    const options = parseDeadlinesOptions(args, SEED);
    expect(options).toMatchObject({
      rounds: 1,
      concurrencies: [8],
      clients: 10,
      isSmoke: true,
      contestants: ['quizbell', 'zset'],
      seed: 9,
    });
    expect(options.loads.map(({ rooms }) => rooms)).toEqual([20, 20]);
  });

  it('reads a list of concurrencies', () => {
    expect(parseDeadlinesOptions(['--concurrency', '2,64'], SEED).concurrencies).toEqual([2, 64]);
  });

  it.each([
    ['--loads', '0'],
    ['--loads', '100,'],
    ['--contestants', 'cron'],
    ['--rounds', '1.5'],
    ['--concurrency', '8,'],
    ['--clients', '0'],
    ['--fast'],
    ['deadlines'],
  ])('refuses what is not meant: %s %s', (...args) => {
    expect(() => parseDeadlinesOptions(args, SEED)).toThrow(CannotRun);
  });
});

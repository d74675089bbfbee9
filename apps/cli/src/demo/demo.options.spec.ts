import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../command.types.js';
import { parseDemoOptions } from './demo.options.js';

describe('the options of demo', () => {
  it('play 3 questions of 5 s with 50 players wherever something answers', () => {
    expect(parseDemoOptions([], {})).toEqual({
      urls: [],
      players: 50,
      questions: 3,
      durationMs: 5_000,
      json: false,
      apiKey: undefined,
    });
  });

  it('take several gateways, each once and without a path', () => {
    const args = ['--url', 'http://a:1', '--url', 'https://b/', '--url', 'http://a:1/quiz'];
    expect(parseDemoOptions(args, {}).urls).toEqual(['http://a:1', 'https://b']);
  });

  it('take the API key from the environment unless one is given', () => {
    const env = { QUIZBELL_API_KEY: 'k1' };
    expect(parseDemoOptions([], env).apiKey).toBe('k1');
    expect(parseDemoOptions(['--api-key', 'k2'], env).apiKey).toBe('k2');
  });

  it.each([
    ['--players', '0'],
    ['--players', '1e3'],
    ['--questions', '-1'],
    ['--seconds', '1.5'],
    ['--url', 'localhost:3000'],
    ['--url'],
    ['--colour'],
    ['quiz'],
  ])('refuse %p %p', (...args) => {
    expect(() => parseDemoOptions(args.filter(Boolean), {})).toThrow(CannotRun);
  });
});

import { describe, expect, it } from '@jest/globals';
import { Command } from 'ioredis';
import { ScriptCommand, wireArgs } from './script.command.js';

describe('the call of a script', () => {
  const argv = [7, '', 'two words', 'ü 😀', 'a\r\nb'];

  it('is sent as ioredis would send it', () => {
    const own = new ScriptCommand('evalsha', 'abc', {
      keys: ['k1', 'kü'],
      moreKeys: [wireArgs(['k3'])],
      argv: [wireArgs(argv.slice(0, 2)), wireArgs(argv.slice(2))],
    });
    const theirs = new Command('evalsha', ['abc', 3, 'k1', 'kü', 'k3', ...argv]);
    expect(own.toWritable().toString()).toBe(theirs.toWritable({}).toString());
  });

  it('tells a cluster its first key', () => {
    const args = { keys: ['k1', 'k2'], moreKeys: [], argv: [wireArgs(argv)] };
    expect(new ScriptCommand('eval', 'return 1', args).getKeys()).toEqual(['k1']);
  });
});

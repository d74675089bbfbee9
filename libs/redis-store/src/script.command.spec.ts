import { describe, expect, it } from '@jest/globals';
import { Command } from 'ioredis';
import { ScriptCommand, wireArgs } from './script.command.js';

describe('the call of a script', () => {
  const argv = [7, '', 'two words', 'ü 😀', 'a\r\nb'];

  it('is sent as ioredis would send it', () => {
    const own = new ScriptCommand(
      'evalsha',
      'abc',
      ['k1', 'kü'],
      [wireArgs(argv.slice(0, 2)), wireArgs(argv.slice(2))],
    );
    const theirs = new Command('evalsha', ['abc', 2, 'k1', 'kü', ...argv]);
    expect(own.toWritable().toString()).toBe(theirs.toWritable({}).toString());
  });

  it('tells a cluster its keys', () => {
    expect(new ScriptCommand('eval', 'return 1', ['k1', 'k2'], [wireArgs(argv)]).getKeys()).toEqual([
      'k1',
      'k2',
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { StoreUnavailableError } from '#libs/room';
import { asStoreError, defineScript, type RedisClient, ScriptRunner } from './script.definition.js';

describe('an error of Redis', () => {
  it.each([
    'Command timed out',
    'Connection is closed.',
    "Stream isn't writeable and enableOfflineQueue options is false",
    'connect ECONNREFUSED 127.0.0.1:6379',
    'LOADING Redis is loading the dataset in memory',
    "READONLY You can't write against a read only replica.",
    'CLUSTERDOWN The cluster is down',
    'OOM command not allowed when used memory > maxmemory.',
    'NOREPLICAS Not enough good replicas to write.',
    'BUSY Redis is busy running a script.',
  ])('that passes is unavailability: %s', (message) => {
    const cause = new Error(message);
    const error = asStoreError(cause);
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error.cause).toBe(cause);
  });

  it.each([
    'ERR wrong number of arguments for command',
    'ERR user_script:3: Script attempted to access nonexistent global variable',
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    "NOPERM this user has no permissions to run the 'spublish' command",
    'NOAUTH Authentication required.',
  ])('that stays is a fault and told as it is: %s', (message) => {
    const fault = new Error(message);
    expect(asStoreError(fault)).toBe(fault);
  });
});

describe('a script', () => {
  const answering = (reply: () => Promise<unknown>): RedisClient =>
    ({ sendCommand: reply }) as unknown as RedisClient;
  const script = defineScript({
    name: 'answer',
    lua: '',
    encode: () => ({ keys: [], argv: [] }),
    parse: (reply): string => {
      if (typeof reply !== 'string') throw new TypeError('not text');
      return reply;
    },
  });

  it('whose reply cannot be parsed is a fault, not an absent Redis', async () => {
    await expect(new ScriptRunner(answering(async () => 7)).run(script, {})).rejects.toThrow(TypeError);
    await expect(new ScriptRunner(answering(async () => 'yes')).run(script, {})).resolves.toBe('yes');
  });

  it('is sent with its text once, then by its hash, and again with its text when Redis forgot it', async () => {
    const sent: unknown[][] = [];
    let isKnown = true;
    const redis = {
      sendCommand: async ({ name, args }: { name: string; args: unknown[] }) => {
        sent.push([name, args[0]]);
        if (name === 'evalsha' && !isKnown) throw new Error('NOSCRIPT No matching script. Please use EVAL.');
        return 'yes';
      },
    } as unknown as RedisClient;
    const runner = new ScriptRunner(redis);
    const run = async () => runner.run({ ...script, lua: 'return 1' }, {});
    await run();
    await run();
    isKnown = false;
    await expect(run()).resolves.toBe('yes');
    const hash = 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db';
    expect(sent).toEqual([
      ['eval', 'return 1'],
      ['evalsha', hash],
      ['evalsha', hash],
      ['eval', 'return 1'],
    ]);
  });

  it('that is not answered is unavailability', async () => {
    const runner = new ScriptRunner(answering(() => Promise.reject(new Error('Command timed out'))));
    await expect(runner.run(script, {})).rejects.toThrow(StoreUnavailableError);
  });
});

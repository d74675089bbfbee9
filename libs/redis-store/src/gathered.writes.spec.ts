import { describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { GatheredWrites, gatherWrites } from './gathered.writes.js';
import { ScriptCommand } from './script.command.js';

/** What a socket was told, in order. */
class Told {
  readonly log: string[] = [];
  cork = () => void this.log.push('cork');
  uncork = () => void this.log.push('uncork');
}
const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A client that writes the names of its commands to its stream. */
function clientOf(stream: Told | undefined): Redis {
  const redis = {
    stream,
    sendCommand: ({ name }: { name: string }) => {
      stream?.log.push(name);
      return Promise.resolve(name);
    },
  } as unknown as Redis;
  gatherWrites(redis);
  return redis;
}
const ARGS = { keys: ['k'], moreKeys: [], argv: [] };
const patient = () => new ScriptCommand('evalsha', 'x', ARGS, true);
const hasty = () => new ScriptCommand('eval', 'x', ARGS);

describe('scripts that may wait', () => {
  it('are sent together at the end of the turn', async () => {
    const stream = new Told();
    const redis = clientOf(stream);
    const replies = [redis.sendCommand(patient()), redis.sendCommand(patient())];
    expect(stream.log).toEqual(['cork', 'evalsha', 'evalsha']);
    await endOfTurn();
    expect(stream.log.at(-1)).toBe('uncork');
    expect(await Promise.all(replies)).toEqual(['evalsha', 'evalsha']);
  });

  it('are sent at once with what may not wait, behind them', async () => {
    const stream = new Told();
    const redis = clientOf(stream);
    redis.sendCommand(patient());
    redis.sendCommand(hasty());
    expect(stream.log).toEqual(['cork', 'evalsha', 'eval', 'uncork']);
    redis.sendCommand(hasty());
    await endOfTurn();
    expect(stream.log).toEqual(['cork', 'evalsha', 'eval', 'uncork', 'eval']);
  });

  it('are held back by one in each turn', async () => {
    const stream = new Told();
    const redis = clientOf(stream);
    for (let turn = 0; turn < 3; turn++) {
      redis.sendCommand(patient());
      await endOfTurn();
    }
    expect(stream.log).toEqual(Array.from({ length: 3 }, () => ['cork', 'evalsha', 'uncork']).flat());
  });

  it('are sent as ever where there is no connection, which is for the client to refuse', async () => {
    expect(await clientOf(undefined).sendCommand(patient())).toBe('evalsha');
  });
});

describe('GatheredWrites', () => {
  it('lets no more than 64 wait: Redis begins with those while others are made', () => {
    const stream = new Told();
    const writes = new GatheredWrites();
    for (let i = 0; i < 64; i++) writes.hold(stream);
    expect(stream.log).toEqual(['cork']);
    writes.hold(stream);
    expect(stream.log).toEqual(['cork', 'uncork', 'cork']);
  });

  it('lets go of a connection when there is another one', () => {
    const [before, after] = [new Told(), new Told()];
    const writes = new GatheredWrites();
    writes.hold(before);
    writes.hold(after);
    expect(before.log).toEqual(['cork', 'uncork']);
    expect(after.log).toEqual(['cork']);
  });
});

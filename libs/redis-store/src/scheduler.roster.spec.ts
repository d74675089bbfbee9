import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '#libs/testing';
import { KeySpace } from './room.keys.js';
import { SchedulerRoster } from './scheduler.roster.js';
import type { RedisClient, ScriptRunner } from './script.definition.js';

const ME = 'me';

/** A subscribing connection whose confirmation and whose end are the test's to give. */
class Subscriber extends EventEmitter {
  status = 'ready';
  confirm: () => void = () => {};
  end: () => void = () => {};

  subscribe(): Promise<void> {
    return new Promise((resolve) => {
      this.confirm = resolve;
    });
  }

  quit(): Promise<void> {
    return new Promise((resolve) => {
      this.end = resolve;
    });
  }
}

describe('the roster of schedulers', () => {
  const subscriber = new Subscriber();
  /** What Redis was asked, in order. */
  let asked: string[];
  let roster: SchedulerRoster;

  const start = async (released: (shard: number) => void = () => {}) => {
    asked = [];
    const scripts = {
      run: async () => {
        asked.push('beat');
        return [ME, 'other'];
      },
      redis: { zrem: async () => asked.push('zrem') },
    };
    roster = new SchedulerRoster(scripts as unknown as ScriptRunner, new KeySpace('test', 8), {
      ownerId: ME,
      openSubscriber: () => subscriber as unknown as RedisClient,
      onError: () => {},
      changed: () => {},
      holdsAny: () => false,
      released,
    });
    await roster.start();
  };
  afterEach(() => {
    subscriber.end();
    subscriber.removeAllListeners();
  });

  it('looks who else lives before it asks for what another one has given back', async () => {
    const released: number[] = [];
    await start((shard) => released.push(shard));
    const beats = asked.length;
    subscriber.emit('message', 'channel', '3');
    await eventually(() => released.length === 1);
    expect(released).toEqual([3]);
    expect(asked.length).toBeGreaterThan(beats);
    await Promise.all([roster.stop(), subscriber.end()]);
  });

  it('says farewell once: what is released while it leaves, its own shards too, is no reason to beat again', async () => {
    const released: number[] = [];
    await start((shard) => released.push(shard));
    const left = roster.stop();
    // Its connection for subscribing is closed later than it has left.
    for (const shard of ['1', '2']) subscriber.emit('message', 'channel', shard);
    subscriber.end();
    await left;
    expect(asked.at(-1)).toBe('zrem');
    expect(asked.filter((what) => what === 'zrem')).toHaveLength(1);
    expect(released).toEqual([]);
  });

  it('is listening when the subscription was confirmed, not before', async () => {
    await start();
    let isListening = false;
    const listening = roster.whenListening().then(() => {
      isListening = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isListening).toBe(false);
    subscriber.confirm();
    await listening;
    await Promise.all([roster.stop(), subscriber.end()]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { CommandQueue } from './command.queue.js';

describe('the queue of a socket', () => {
  it('does one command after the other, and takes no more than its limit', async () => {
    const queue = new CommandQueue(2);
    const done: string[] = [];
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = queue.add(async () => {
      await gate;
      done.push('first');
    });
    const second = queue.add(async () => {
      done.push('second');
    });
    expect([first, second, queue.add(async () => {})]).toEqual([true, true, false]);
    queue.addLast(async () => {
      done.push('last');
    });
    expect(done).toEqual([]);
    release();
    await queue.idle();
    expect(done).toEqual(['first', 'second', 'last']);
    expect(queue.add(async () => {})).toBe(true);
  });

  it('does other work beside it at once', async () => {
    const queue = new CommandQueue(3);
    const done: string[] = [];
    queue.add(() => new Promise(() => {}));
    queue.addBeside(async () => {
      done.push('beside');
    });
    await Promise.resolve();
    expect(done).toEqual(['beside']);
  });

  it('is busy, and not idle, until both are done', async () => {
    const queue = new CommandQueue(3);
    const done: string[] = [];
    let release = (): void => {};
    queue.addBeside(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      done.push('beside');
    });
    queue.add(async () => {
      done.push('queued');
    });
    expect(queue.isBusy).toBe(true);
    const idle = queue.idle().then(() => done.push('idle'));
    await Promise.resolve();
    release();
    await idle;
    expect(done).toEqual(['queued', 'beside', 'idle']);
    expect(queue.isBusy).toBe(false);
  });
});

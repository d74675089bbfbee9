import { describe, expect, it } from '@jest/globals';
import { eventually, eventuallyPasses } from '#libs/testing';

describe('eventually', () => {
  it('gives the first truthy value', async () => {
    let tries = 0;
    await expect(
      eventually(() => (++tries < 3 ? undefined : `after ${tries}`), { everyMs: 1 }),
    ).resolves.toBe('after 3');
  });

  it('takes a thrown error as not yet, also from a promise', async () => {
    let tries = 0;
    const value = await eventually(
      async () => {
        if (++tries < 3) throw new Error('too early');
        return tries;
      },
      { everyMs: 1 },
    );
    expect(value).toBe(3);
  });

  it('tells the last failure and what was waited for', async () => {
    const never = eventually(
      () => {
        throw new Error('the room is still open');
      },
      { timeoutMs: 20, everyMs: 5, message: 'the room did not close' },
    );
    await expect(never).rejects.toThrow(
      /^the room did not close \(waited \d+ ms, \d+ tries; last: the room is still open\)$/,
    );
  });

  it('tells the last falsy value', async () => {
    await expect(eventually(() => 0, { timeoutMs: 5 })).rejects.toThrow(/last: the check gave 0\)/);
  });

  it('never takes undefined for a success', async () => {
    await expect(eventually(() => undefined, { timeoutMs: 5 })).rejects.toThrow(/the check gave undefined/);
  });
});

describe('eventuallyPasses', () => {
  it('ends when the assertions hold', async () => {
    let count = 0;
    await eventuallyPasses(() => expect(++count).toBeGreaterThan(2), { everyMs: 1 });
    expect(count).toBe(3);
  });

  it('shows the assertion that did not', async () => {
    await expect(eventuallyPasses(() => expect('open').toBe('closed'), { timeoutMs: 5 })).rejects.toThrow(
      /closed/,
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { randomId } from './random.id.js';
import { memoryStorage, type WebStorage, webStorage } from './token.storage.js';

/** As a browser's, in memory. */
function fakeWeb(): WebStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => {
      items.set(key, value);
    },
    removeItem: (key) => {
      items.delete(key);
    },
  };
}

const fail = () => {
  throw new Error('not allowed');
};

describe('a storage of tokens', () => {
  it.each([
    ['in memory', memoryStorage()],
    ['of the browser', webStorage(fakeWeb())],
    [
      'of the browser, given by a function',
      webStorage(
        (
          (web) => () =>
            web
        )(fakeWeb()),
      ),
    ],
  ])('%s gives what was set until it is removed', async (_, storage) => {
    expect(await storage.get('k')).toBeNull();
    await storage.set('k', 'a');
    await storage.set('k', 'b');
    await storage.set('other', 'c');
    expect(await storage.get('k')).toBe('b');
    await storage.remove('k');
    expect([await storage.get('k'), await storage.get('other')]).toEqual([null, 'c']);
  });

  it.each([
    ['is full, or closed to this page', { getItem: fail, setItem: fail, removeItem: fail }],
    ['cannot even be asked for', fail],
  ])('of a browser that %s is as if there was none', async (_, web) => {
    const storage = webStorage(web);
    await storage.set('k', 'a');
    await storage.remove('k');
    expect(await storage.get('k')).toBeNull();
  });

  it('in memory is each its own', async () => {
    const [one, other] = [memoryStorage(), memoryStorage()];
    await one.set('k', 'a');
    expect(await other.get('k')).toBeNull();
  });
});

describe('an id', () => {
  it.each([
    ['a platform with all of it', undefined],
    [
      'a page without https',
      { crypto: { getRandomValues: (bytes: Uint8Array) => crypto.getRandomValues(bytes) } },
    ],
    ['a platform without any', {}],
  ])('of %s is one of the protocol, and not made twice', (_, platform) => {
    const ids = Array.from({ length: 500 }, () => randomId(platform));
    expect(new Set(ids).size).toBe(500);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_.-]{32,64}$/);
  });
});

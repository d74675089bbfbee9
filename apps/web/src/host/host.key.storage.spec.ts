import { beforeEach, describe, expect, it } from '@jest/globals';
import { HostKeyStorage } from './host.key.storage.js';

let values: Map<string, string>;
const store = {
  getItem: (key: string) => values.get(key) ?? null,
  setItem: (key: string, value: string) => {
    values.set(key, value);
  },
  removeItem: (key: string) => {
    values.delete(key);
  },
  key: (index: number) => [...values.keys()][index] ?? null,
  get length() {
    return values.size;
  },
};
const key = (roomId: string, keptAt: number) => ({ roomId, token: `token of ${roomId}`, pin: null, keptAt });

let keys: HostKeyStorage;
beforeEach(() => {
  values = new Map([['something.else', '1']]);
  keys = new HostKeyStorage(store);
});

describe('the keys of a host', () => {
  it('are there after a reload, the newest first', () => {
    keys.keep(key('a', 1));
    keys.keep(key('b', 2));
    expect(new HostKeyStorage(store).list().map(({ roomId }) => roomId)).toEqual(['b', 'a']);
    expect(new HostKeyStorage(store).get('a')).toEqual(key('a', 1));
  });

  it('learn the PIN of their room, and of no other', () => {
    keys.keep(key('a', 1));
    keys.tell('a', '123456');
    keys.tell('b', '654321');
    expect(keys.get('a')).toEqual({ ...key('a', 1), pin: '123456' });
    expect(keys.get('b')).toBeNull();
  });

  it('are forgotten one by one', () => {
    keys.keep(key('a', 1));
    keys.keep(key('b', 2));
    keys.forget('b');
    expect(keys.list()).toEqual([key('a', 1)]);
    expect(values.get('something.else')).toBe('1');
  });

  it('are at most twenty: the oldest go', () => {
    for (let room = 1; room <= 25; room += 1) keys.keep(key(`room-${room}`, room));
    expect(keys.list().map(({ keptAt }) => keptAt)).toEqual(Array.from({ length: 20 }, (_, i) => 25 - i));
  });

  it.each(['', '{', 'null', '{}', '{"token":""}', '{"token":7}'])(
    'are none where something else is stored: %s',
    (text) => {
      values.set('quizbell.host.a', text);
      expect(keys.get('a')).toBeNull();
      expect(keys.list()).toEqual([]);
    },
  );
});

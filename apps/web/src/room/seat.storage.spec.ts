import { describe, expect, it } from '@jest/globals';
import { memoryStore, SeatStorage, usableStore, type WebStore } from './seat.storage.js';

describe('the seat of a player', () => {
  it('is this tab’s at once, and offered by its name to another', () => {
    const device = memoryStore();
    const first = new SeatStorage('123456', memoryStore(), device);
    expect(first.inTab()).toBeNull();
    first.set('key', 'token-1');
    first.remember('Ada');
    first.set('key', 'token-1');
    expect(first.get()).toBe('token-1');

    const second = new SeatStorage('123456', memoryStore(), device);
    expect(second.get()).toBeNull();
    expect(second.onDevice()).toEqual({ token: 'token-1', name: 'Ada' });
    second.takeUp();
    expect(second.inTab()).toEqual({ token: 'token-1', name: 'Ada' });
    expect(new SeatStorage('999999', memoryStore(), device).onDevice()).toBeNull();
  });

  it('is forgotten without taking another tab’s from the device', () => {
    const device = memoryStore();
    const first = new SeatStorage('123456', memoryStore(), device);
    const second = new SeatStorage('123456', memoryStore(), device);
    first.set('key', 'token-1');
    second.set('key', 'token-2');
    first.forget();
    expect(first.inTab()).toBeNull();
    expect(second.onDevice()).toEqual({ token: 'token-2', name: null });
    second.remove();
    expect(second.onDevice()).toBeNull();
  });

  it.each(['', '7', 'null', '{', '{"token":""}', '{"token":7}', '[]'])(
    'that is kept as %j is none',
    (text) => {
      const tab = memoryStore();
      tab.setItem('quizbell.seat.123456', text);
      expect(new SeatStorage('123456', tab, memoryStore()).inTab()).toBeNull();
    },
  );

  it('is kept in memory by a browser that stores nothing', () => {
    const refuse = (): never => {
      throw new Error('denied');
    };
    const unreadable = usableStore(refuse);
    unreadable.setItem('k', 'v');
    expect(unreadable.getItem('k')).toBe('v');
    const full: WebStore = { getItem: () => null, setItem: refuse, removeItem: () => undefined };
    expect(usableStore(() => full)).not.toBe(full);
  });
});

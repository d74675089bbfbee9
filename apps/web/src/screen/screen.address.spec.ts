import { describe, expect, it } from '@jest/globals';
import { memoryStore } from '../room/seat.storage.js';
import { joinAddress } from './screen.address.js';
import { takeToken } from './screen.token.js';

describe('the address that a screen shows', () => {
  it.each([
    ['https://quiz.example.org', 'https://quiz.example.org/play/012345', 'quiz.example.org/play', false],
    ['http://192.168.1.7:3000', 'http://192.168.1.7:3000/play/012345', '192.168.1.7:3000/play', false],
    ['http://localhost:3000', 'http://localhost:3000/play/012345', 'localhost:3000/play', true],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000/play/012345', '127.0.0.1:3000/play', true],
    ['http://[::1]:3000', 'http://[::1]:3000/play/012345', '[::1]:3000/play', true],
    [
      'https://localhost.example.org',
      'https://localhost.example.org/play/012345',
      'localhost.example.org/play',
      false,
    ],
  ])('of %s', (origin, url, short, isOnlyHere) => {
    expect(joinAddress(origin, '012345')).toEqual({ url, short, isOnlyHere });
  });
});

describe('the token of a screen', () => {
  function bar(hash: string) {
    const shown: string[] = [];
    const history = {
      state: null,
      replaceState: (_data: unknown, _unused: string, url?: string | URL | null) => {
        shown.push(String(url));
      },
    };
    return { shown, given: { location: { hash, pathname: '/screen/1', search: '?x=1' }, history } };
  }

  it('is taken out of the address and kept for a reload', () => {
    const tab = memoryStore();
    const first = bar('#token=abc');
    expect(takeToken('1', 'abc', tab, first.given)).toBe('abc');
    expect(first.shown).toEqual(['/screen/1?x=1']);
    const reloaded = bar('');
    expect(takeToken('1', null, tab, reloaded.given)).toBe('abc');
    expect(reloaded.shown).toEqual([]);
    expect(takeToken('1', 'newer', tab, bar('#token=newer').given)).toBe('newer');
    expect(takeToken('2', null, tab, bar('').given)).toBeNull();
    expect(takeToken('2', '', tab, bar('#token=').given)).toBeNull();
  });
});

import { describe, expect, it } from '@jest/globals';
import { checkName } from './name.check.js';

describe('a name that is typed', () => {
  it.each([
    ['  Ada   Lovelace ', { kind: 'name', name: 'Ada Lovelace' }],
    ['', { kind: 'missing' }],
    [' \u200b\u2800 ', { kind: 'missing' }],
    ['x'.repeat(32), { kind: 'name', name: 'x'.repeat(32) }],
    ['x'.repeat(33), { kind: 'too-long' }],
    ['😀'.repeat(32), { kind: 'name', name: '😀'.repeat(32) }],
  ])('%j', (typed, check) => {
    expect(checkName(typed)).toEqual(check);
  });
});

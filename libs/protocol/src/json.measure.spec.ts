import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isPlainObject, jsonProblem } from './json.measure.js';

const MAX_BYTES = 8_192;
const MAX_DEPTH = 64;

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

describe('jsonProblem', () => {
  it('finds nothing wrong with JSON values within the limits', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const fits = Buffer.byteLength(JSON.stringify(value)) <= MAX_BYTES;
        expect(jsonProblem(value, MAX_BYTES, MAX_DEPTH) === undefined).toBe(fits);
      }),
    );
  });

  it('counts bytes of UTF-8, not characters', () => {
    expect(jsonProblem('é'.repeat(4), 10, MAX_DEPTH)).toBeUndefined();
    expect(jsonProblem('é'.repeat(4), 9, MAX_DEPTH)).toContain('9 bytes');
  });

  it('takes exactly the greatest depth and refuses one more', () => {
    expect(jsonProblem(nested(MAX_DEPTH), MAX_BYTES, MAX_DEPTH)).toBeUndefined();
    expect(jsonProblem(nested(MAX_DEPTH + 1), MAX_BYTES, MAX_DEPTH)).toContain('deeper');
  });

  it('does not overflow on a nesting that would overflow a recursion', () => {
    let value: unknown = [];
    for (let i = 0; i < 1_000_000; i += 1) value = [value];
    expect(jsonProblem(value, MAX_BYTES, MAX_DEPTH)).toContain('deeper');
  });

  it('ends on cycles, on shared references that unfold without end, and on huge empty arrays', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle, cycle);
    expect(jsonProblem(cycle, MAX_BYTES, MAX_DEPTH)).toContain('deeper');
    let shared: unknown = [];
    for (let i = 0; i < 60; i += 1) shared = [shared, shared];
    expect(jsonProblem(shared, MAX_BYTES, MAX_DEPTH)).toContain('bytes');
    expect(jsonProblem(new Array(4_000_000_000), MAX_BYTES, MAX_DEPTH)).toBeDefined();
  });

  it.each([
    ['undefined', undefined],
    ['infinity, as 1e309 parses to', JSON.parse('[1e309]')],
    ['a number that is none', { a: Number.NaN }],
    ['a buffer, as Socket.IO delivers attachments', { image: Buffer.from('x') }],
    ['a date', [new Date(0)]],
    ['a function', { toJSON: () => 1 }],
    ['a big integer', 1n],
  ])('refuses %s', (_name, value) => {
    expect(jsonProblem(value, MAX_BYTES, MAX_DEPTH)).toBe('must be a JSON value');
  });
});

describe('isPlainObject', () => {
  it('takes objects of JSON, without a prototype and of other realms only', () => {
    expect([{}, JSON.parse('{"__proto__":1}'), Object.create(null)].every(isPlainObject)).toBe(true);
    expect(
      [null, undefined, [], 'a', 1, new Date(), Buffer.from(''), new Map(), () => 0].some(isPlainObject),
    ).toBe(false);
    expect(isPlainObject(Object.create({ pin: '123456' }))).toBe(false);
  });
});

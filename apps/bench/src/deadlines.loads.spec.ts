import { describe, expect, it } from '@jest/globals';
import { dueInstants, loadText, parseLoad, spreadOver } from './deadlines.loads.js';
import { seeded } from './seeded.random.js';
import { CannotRun } from './suite.types.js';

describe('parseLoad', () => {
  it('reads rooms at once, and rooms per second', () => {
    expect(parseLoad('1000')).toEqual({ name: '1000', rooms: 1_000, perSecond: null });
    expect(parseLoad('2000x5')).toEqual({ name: '2000x5', rooms: 10_000, perSecond: 2_000 });
  });

  it.each(['', '0', '5x0', '20001', '9000x9', 'x5', '1e3', '-5'])('refuses "%s"', (name) => {
    expect(() => parseLoad(name)).toThrow(CannotRun);
  });
});

describe('dueInstants', () => {
  it('are one instant for rooms that are due at once', () => {
    expect(dueInstants(parseLoad('3'), 500, seeded(1))).toEqual([500, 500, 500]);
  });

  it('lie evenly over the time, in an order that the seed says', () => {
    const instants = dueInstants(parseLoad('2000x2'), 10_000, seeded(1));
    expect(instants.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 4_000 }, (_, i) => 10_000 + Math.floor(i / 2)),
    );
    expect(instants).not.toEqual(instants.toSorted((a, b) => a - b));
    expect(instants).toEqual(dueInstants(parseLoad('2000x2'), 10_000, seeded(1)));
    expect(instants).not.toEqual(dueInstants(parseLoad('2000x2'), 10_000, seeded(2)));
  });
});

describe('spreadOver', () => {
  it('takes as many as wanted from all over, or all there are', () => {
    expect(spreadOver([0, 1, 2, 3, 4, 5], 3)).toEqual([0, 2, 4]);
    expect(spreadOver([0, 1], 3)).toEqual([0, 1]);
  });
});

describe('loadText', () => {
  it('says what is due when', () => {
    expect(loadText(parseLoad('10000'))).toBe('10,000 rooms due at once');
    expect(loadText(parseLoad('2000x5'))).toBe('2,000 rooms due per second, for 5 s');
  });
});

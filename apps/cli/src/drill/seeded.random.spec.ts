import { describe, expect, it } from '@jest/globals';
import { seededRandom } from './seeded.random.js';

const draw = (...parts: (string | number)[]) => {
  const random = seededRandom(...parts);
  return Array.from({ length: 50 }, () => random.between(1, 6));
};

describe('lots from a seed', () => {
  it('are drawn the same again, and otherwise for another purpose', () => {
    expect(draw(7, 'kill-owner', 1)).toEqual(draw(7, 'kill-owner', 1));
    expect(draw(7, 'kill-owner', 1)).not.toEqual(draw(7, 'kill-owner', 2));
  });

  it('keep their range and reach both ends', () => {
    const drawn = draw(1, 'dice');
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([1, 6]);
  });

  it('pick from what there is', () => {
    const random = seededRandom(1);
    expect(['a', 'b']).toContain(random.pick(['a', 'b']));
    expect(() => random.pick([])).toThrow(RangeError);
    expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
  });
});

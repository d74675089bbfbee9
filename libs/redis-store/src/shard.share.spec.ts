import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fairShare } from './shard.share.js';

const schedulers = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 });

describe('the fair share of shards', () => {
  it('adds up to all shards, and differs by one at most, whoever computes it in whatever order', () => {
    fc.assert(
      fc.property(schedulers, fc.integer({ min: 1, max: 64 }), (ids, shards) => {
        const shares = ids.map((id) => fairShare(id, [...ids].reverse(), shards));
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(shards);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is everything for a scheduler that does not see itself yet and nobody else', () => {
    expect(fairShare('a', [], 8)).toBe(8);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { TakeoverWatch } from './takeover.watch.js';

const lease = (shard: number, owner: string, until: number) => ({ shard, owner, epoch: 1, until });

describe('the watch over a take-over', () => {
  let watch: TakeoverWatch;

  beforeEach(() => {
    watch = new TakeoverWatch('old', [1, 2], 1_000);
  });

  it('takes what was published while Redis still named the old owner for the old owner', () => {
    watch.ticked(1, 1_001);
    watch.sawLeases([lease(1, 'old', 2_000), lease(2, 'old', 2_000)], 1_900);
    watch.ticked(1, 2_100); // before anybody saw whose it is
    watch.sawLeases([lease(1, 'new', 3_300), lease(2, 'old', 2_000)], 2_120);
    expect(watch.silentShards()).toEqual([2]);
    watch.sawLeases([lease(2, 'new', 3_350)], 2_150);
    watch.ticked(2, 2_400);
    expect([watch.silentShards(), watch.takeoverMs()]).toEqual([[], 1_400]);
  });

  it('does not take an ended lease for an owner', () => {
    watch.sawLeases([lease(1, 'third', 900)], 1_500);
    watch.ticked(1, 1_600);
    expect(watch.silentShards()).toEqual([1, 2]);
  });

  it('keeps the first word of an owner, and knows nothing of other shards', () => {
    watch.sawLeases([lease(1, 'new', 3_000)], 1_500);
    watch.ticked(1, 1_700);
    watch.ticked(1, 1_900);
    watch.ticked(3, 9_000);
    expect(watch.takeoverMs()).toBe(700);
  });

  it('without a victim takes any later word, as after a restart of Redis', () => {
    watch = new TakeoverWatch('', [1], 1_000);
    watch.ticked(1, 1_000);
    expect([watch.silentShards(), watch.takeoverMs()]).toEqual([[1], undefined]);
    watch.ticked(1, 1_250);
    expect([watch.silentShards(), watch.takeoverMs()]).toEqual([[], 250]);
  });
});

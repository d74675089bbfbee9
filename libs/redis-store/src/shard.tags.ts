import calculateSlot from 'cluster-key-slot';

/** Slots of a Redis Cluster. */
const SLOTS = 16_384;

/**
 * The hash tag of a shard: everything of the shard carries it, so that a script touches one slot. Tags are chosen so that
 * the shards lie evenly over the slots: taken as they come, 8 tags can fall 2/2/4 over three masters. The tag is the
 * first of `<shard>`, `<shard>.1`, `<shard>.2`, ... whose slot lies within a hundredth of the slots of the shard's place.
 */
export function shardTag(shard: number, shards: number): string {
  const place = ((shard + 0.5) / shards) * SLOTS;
  for (let i = 0; ; i++) {
    const tag = i === 0 ? `${shard}` : `${shard}.${i}`;
    if (Math.abs(calculateSlot(tag) - place) <= SLOTS / 100) return tag;
  }
}

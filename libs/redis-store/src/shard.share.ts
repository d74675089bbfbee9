/**
 * How many shards a scheduler should hold: the same for all, and one more for the first ones (in the order of their ids)
 * when the shards cannot be divided. So nobody holds more than one above another, and everybody computes the same.
 *
 * @param living ids of all living schedulers, in any order; the own one counts even if it is missing
 */
export function fairShare(ownId: string, living: readonly string[], shards: number): number {
  const everybody = [...new Set([...living, ownId])].sort();
  const rank = everybody.indexOf(ownId);
  return Math.floor(shards / everybody.length) + (rank < shards % everybody.length ? 1 : 0);
}

/** Lots that are drawn the same again from the same seed. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number, both ends allowed. */
  between(min: number, max: number): number;
  /** `true` with that probability. */
  chance(probability: number): boolean;
  /** @throws RangeError if the list is empty */
  pick<T>(list: readonly T[]): T;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a: spreads neighbouring seeds (`7/kill-owner/1`, `7/kill-owner/2`) over all 32 bits. */
function hashOf(text: string): number {
  let hash = FNV_OFFSET;
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), FNV_PRIME);
  }
  return hash >>> 0;
}

/**
 * A generator (mulberry32) of its own for each purpose, named by `parts`: a round draws the same lots whether the rounds
 * before it were played in this run or in one that it resumes.
 */
export function seededRandom(...parts: readonly (string | number)[]): Random {
  let state = hashOf(parts.join('/'));
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]): T => {
      if (list.length === 0) throw new RangeError('There is nothing to pick from');
      return list[between(0, list.length - 1)] as T;
    },
  };
}

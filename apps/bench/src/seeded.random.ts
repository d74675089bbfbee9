/** Seeds that a run chooses are whole numbers below this. */
export const SEEDS = 2 ** 31;

/** For a run that was given none. */
export const randomSeed = (): number => Math.floor(Math.random() * SEEDS);

/** A small seeded generator (mulberry32): the same seed gives the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

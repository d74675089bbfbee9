import { expect } from '@jest/globals';

/**
 * Ticks came in their order, none before its place, none more than planned, and at least one. A tick that a pause of the machine
 * made late is skipped, or is told late: if Redis stood still when it was sent, as late as the next one.
 *
 * @param places what was left of the question at each tick, in intervals, rounded up
 * @param planned every place, the first one first: `[3, 2, 1]`
 */
export function expectTicksAt(places: readonly number[], planned: readonly number[]): void {
  expect(places).not.toEqual([]);
  expect(places).toEqual(places.toSorted((one, other) => other - one));
  const early = places.filter((place, i) => place > (planned[i] ?? 0));
  expect({ places, early }).toEqual({ places, early: [] });
}

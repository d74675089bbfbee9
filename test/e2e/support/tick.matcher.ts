import { expect } from '@jest/globals';

/**
 * Ticks came at planned places only, in their order, none twice, and at least one: a tick that a pause of the machine made late
 * is skipped.
 */
export function expectTicksAt(places: readonly number[], planned: readonly number[]): void {
  expect(planned.filter((place) => places.includes(place))).toEqual(places);
  expect(places).not.toEqual([]);
}

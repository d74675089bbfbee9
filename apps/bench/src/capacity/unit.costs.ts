/** How much of each unit of work there is: answers a second, open sockets, ... `fixed` is 1 for what a process costs anyway. */
export type Units<Unit extends string> = Readonly<Record<Unit, number>>;

/** What one of each unit costs; never below 0. */
export type UnitCosts<Unit extends string> = Readonly<Record<Unit, number>>;

export interface Observation<Unit extends string> {
  readonly units: Units<Unit>;
  /** Above 0. */
  readonly cost: number;
}

/** Sum of all units at their cost. */
export const costOf = <Unit extends string>(costs: UnitCosts<Unit>, units: Units<Unit>): number =>
  unitsOf(costs).reduce((sum, unit) => sum + costs[unit] * units[unit], 0);

const unitsOf = <Unit extends string>(costs: UnitCosts<Unit>): Unit[] => Object.keys(costs) as Unit[];

/** Below this part of the largest, a pivot is what rounding left of a zero. */
const TINY = 1e-9;

/**
 * The costs that leave the least sum of squared relative errors, among those that are not negative: a unit that seems to
 * give something back is noise of the others. Relative, so that a hundredth of a small cost counts as one of a large.
 *
 * All subsets of units are tried, so this is for a handful of them.
 *
 * @throws RangeError when the observations cannot tell any units apart
 */
export function fitCosts<Unit extends string>(
  names: readonly Unit[],
  observations: readonly Observation<Unit>[],
): UnitCosts<Unit> {
  let best: { readonly costs: UnitCosts<Unit>; readonly error: number } | undefined;
  for (let subset = 1; subset < 2 ** names.length; subset++) {
    const used = names.filter((_, i) => (subset & (2 ** i)) !== 0);
    const costs = leastSquares(used, names, observations);
    if (costs === null) continue;
    const error = squaredError(costs, observations);
    if (best === undefined || error < best.error) best = { costs, error };
  }
  if (best === undefined) throw new RangeError('these observations do not tell what a unit costs');
  return best.costs;
}

/** Of the relative errors. */
export const squaredError = <Unit extends string>(
  costs: UnitCosts<Unit>,
  observations: readonly Observation<Unit>[],
): number => observations.reduce((sum, { units, cost }) => sum + (costOf(costs, units) / cost - 1) ** 2, 0);

/** Null when one of them would be negative, or they cannot be told apart. */
function leastSquares<Unit extends string>(
  used: readonly Unit[],
  names: readonly Unit[],
  observations: readonly Observation<Unit>[],
): UnitCosts<Unit> | null {
  // Normal equations of the rows `units / cost` and the right side 1.
  const sums = (of: (relative: (unit: Unit) => number) => number) =>
    observations.reduce((sum, { units, cost }) => sum + of((unit) => units[unit] / cost), 0);
  // So that a count of thousands and one of one weigh the same in the elimination.
  const scale = used.map((unit) => Math.sqrt(sums((relative) => relative(unit) ** 2)));
  if (scale.some((size) => size === 0)) return null;
  const rows = used.map((unit, i) => {
    const size = scale[i] ?? 1;
    return [
      ...used.map(
        (other, j) => sums((relative) => relative(unit) * relative(other)) / size / (scale[j] ?? 1),
      ),
      sums((relative) => relative(unit)) / size,
    ];
  });
  const solution = solved(rows);
  if (solution === null || solution.some((value) => value < 0)) return null;
  const costs = Object.fromEntries(names.map((unit) => [unit, 0])) as Record<Unit, number>;
  used.forEach((unit, i) => {
    costs[unit] = (solution[i] ?? 0) / (scale[i] ?? 1);
  });
  return costs;
}

/** Gauss and Jordan with pivots; each row ends with its right side. Null for a singular system. */
function solved(system: readonly (readonly number[])[]): number[] | null {
  const rows = system.map((row) => [...row]);
  for (let column = 0; column < rows.length; column++) {
    const height = (row: readonly number[]) => Math.abs(row[column] ?? 0);
    const pivot = rows.slice(column).reduce((best, row) => (height(row) > height(best) ? row : best));
    if (height(pivot) < TINY) return null;
    const at = rows.indexOf(pivot);
    [rows[column], rows[at]] = [pivot, rows[column] ?? pivot];
    const head = pivot[column] ?? 1;
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = (row[column] ?? 0) / head;
      for (let i = column; i < row.length; i++) row[i] = (row[i] ?? 0) - factor * (pivot[i] ?? 0);
    }
  }
  return rows.map((row, i) => (row.at(-1) ?? 0) / (row[i] ?? 1));
}

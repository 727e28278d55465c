// How far two groupings of the same rows agree, whatever their groups are called: a clustering against known classes, or
// two clusterings.
import { ShapeError } from "../base/errors.ts";

/**
 * Rand's index corrected for chance (Hubert & Arabie 1985): 1 for the same groups, about 0 for groups by chance. Throws
 * ShapeError when the two are of different lengths.
 */
export function adjustedRand(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const { rows, cells, sums, totals } = contingency(actual, predicted);
  const pairs = (counts: Iterable<number>) => {
    let sum = 0;
    for (const count of counts) sum += (count * (count - 1)) / 2;
    return sum;
  };
  const together = pairs(cells.values());
  const [a, b, all] = [pairs(sums), pairs(totals), (rows * (rows - 1)) / 2];
  const chance = all === 0 ? 0 : (a * b) / all;
  const most = (a + b) / 2;
  return most === chance ? 1 : (together - chance) / (most - chance);
}

/** Homogeneity, completeness and their harmonic mean (Rosenberg & Hirschberg 2007). */
export interface VMeasure {
  /** 1: every predicted group holds rows of one actual group only. */
  readonly homogeneity: number;
  /** 1: the rows of every actual group are in one predicted group. */
  readonly completeness: number;
  readonly vMeasure: number;
}

/** How far predicted groups are pure and actual ones whole. Throws ShapeError for different lengths. */
export function vMeasure(actual: ArrayLike<number>, predicted: ArrayLike<number>): VMeasure {
  const table = contingency(actual, predicted);
  const shared = sharedInformation(table);
  const [a, b] = [entropy(table.sums, table.rows), entropy(table.totals, table.rows)];
  const homogeneity = a === 0 ? 1 : shared / a;
  const completeness = b === 0 ? 1 : shared / b;
  const sum = homogeneity + completeness;
  return { homogeneity, completeness, vMeasure: sum === 0 ? 0 : (2 * homogeneity * completeness) / sum };
}

/**
 * Mutual information corrected for chance, as a share of the groups' mean entropy (Vinh, Epps & Bailey 2010). Takes time
 * in proportion to the rows times the groups. Throws ShapeError for different lengths.
 */
export function adjustedMutualInformation(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const table = contingency(actual, predicted);
  const { rows, sums, totals } = table;
  if ((sums.length === 1 && totals.length === 1) || rows === 0) return 1;
  const shared = sharedInformation(table);
  const chance = expectedInformation(table);
  const most = (entropy(sums, rows) + entropy(totals, rows)) / 2;
  const width = most - chance;
  // As scikit-learn does: the sign is kept, the size kept from 0.
  const least = Number.EPSILON;
  return (shared - chance) / (width < 0 ? Math.min(width, -least) : Math.max(width, least));
}

// Internal

interface Contingency {
  readonly rows: number;
  readonly cells: ReadonlyMap<number, number>;
  /** Rows of each actual group, and of each predicted one. */
  readonly sums: readonly number[];
  readonly totals: readonly number[];
}

function contingency(actual: ArrayLike<number>, predicted: ArrayLike<number>): Contingency {
  const rows = actual.length;
  if (rows !== predicted.length) {
    throw new ShapeError(`the groupings have ${rows} and ${predicted.length} rows; they must be of the same rows`);
  }
  const [a, b] = [new Map<number, number>(), new Map<number, number>()];
  const [sums, totals]: [number[], number[]] = [[], []];
  const placeOf = (names: Map<number, number>, counts: number[], name: number) => {
    let place = names.get(name);
    if (place === undefined) {
      place = names.size;
      names.set(name, place);
      counts.push(0);
    }
    counts[place] += 1;
    return place;
  };
  const cells = new Map<number, number>();
  for (let i = 0; i < rows; i++) {
    // At most as many groups as rows, so that no two cells share a number.
    const cell = placeOf(a, sums, actual[i]) * rows + placeOf(b, totals, predicted[i]);
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
  return { rows, cells, sums, totals };
}

function entropy(counts: readonly number[], rows: number): number {
  if (counts.length === 1) return 0;
  let sum = 0;
  for (const count of counts) sum -= (count / rows) * (Math.log(count) - Math.log(rows));
  return sum;
}

function sharedInformation({ rows, cells, sums, totals }: Contingency): number {
  let sum = 0;
  for (const [cell, count] of cells) {
    const [i, j] = [Math.floor(cell / rows), cell % rows];
    sum += (count / rows) * (Math.log(count) + Math.log(rows) - Math.log(sums[i]) - Math.log(totals[j]));
  }
  return Math.max(0, sum);
}

/** Mean of the shared information over all tables with these sums: Σ over the hypergeometric counts of each cell. */
function expectedInformation({ rows, sums, totals }: Contingency): number {
  const logs = logFactorials(rows);
  let expected = 0;
  for (const a of sums) {
    for (const b of totals) {
      const fixed = logs[a] + logs[b] + logs[rows - a] + logs[rows - b] - logs[rows];
      for (let n = Math.max(1, a + b - rows); n <= Math.min(a, b); n++) {
        const chance = Math.exp(fixed - logs[n] - logs[a - n] - logs[b - n] - logs[rows - a - b + n]);
        expected += (n / rows) * Math.log((rows * n) / (a * b)) * chance;
      }
    }
  }
  return expected;
}

/** log n! for 0..limit, the rounding of the sum carried along (Kahan 1965). */
function logFactorials(limit: number): Float64Array {
  const logs = new Float64Array(limit + 1);
  let lost = 0;
  for (let n = 1; n <= limit; n++) {
    const term = Math.log(n) - lost;
    logs[n] = logs[n - 1] + term;
    lost = logs[n] - logs[n - 1] - term;
  }
  return logs;
}

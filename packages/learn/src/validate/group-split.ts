// Splits that keep rows together or in order: rows of a group are never on both sides, later rows never train for
// earlier ones. Each gives what scikit-learn's of the same name gives without shuffling.
import { ParamError } from "../base/errors.ts";
import type { Split } from "./split.ts";

/** How rows in order are split. */
export interface TimeSplitOptions {
  /** How many splits; default 5. */
  readonly folds?: number;
  /** Rows of each test part; default: all rows by one more than the splits, rounded down. */
  readonly testRows?: number;
  /** Rows left out between the two parts; default 0. */
  readonly gap?: number;
  /** Rows of a training part at most; default: all that come before. */
  readonly maxTrainRows?: number;
}

/** `folds` splits in which a group (any whole number a row) is tested as a whole, once; the parts are about as large. */
export function groupKFold(groups: Int32Array, { folds }: { folds: number }): Split[] {
  const sizes = sizesOf(groups);
  checkGroups(folds, sizes.size);
  const loads = new Float64Array(folds);
  const foldOf = new Map<number, number>();
  for (const [group, size] of byCount(sizes)) {
    const least = loads.indexOf(Math.min(...loads));
    loads[least] += size;
    foldOf.set(group, least);
  }
  return splitsBy(groups, foldOf, folds);
}

/** `groupKFold` that also spreads each class evenly over the folds, as far as whole groups allow. */
export function stratifiedGroupKFold(codes: Int32Array, groups: Int32Array, { folds }: { folds: number }): Split[] {
  if (codes.length !== groups.length) {
    throw new ParamError("groups", `there are ${groups.length} groups for ${codes.length} rows`);
  }
  const sizes = sizesOf(groups);
  checkGroups(folds, sizes.size);
  const classes = [...new Set(codes)].sort((a, b) => a - b);
  const place = new Map(classes.map((code, k) => [code, k]));
  const counts = new Map([...sizes.keys()].map((group) => [group, new Float64Array(classes.length)]));
  codes.forEach((code, row) => {
    (counts.get(groups[row]) as Float64Array)[place.get(code) as number] += 1;
  });
  const totals = classes.map((_, k) => [...counts.values()].reduce((sum, own) => sum + own[k], 0));
  const held = Array.from({ length: folds }, () => new Float64Array(classes.length));
  const foldOf = new Map<number, number>();
  // The most uneven groups first, while there is room to make up for them.
  const order = [...counts].sort(([a, x], [b, y]) => deviation(y) - deviation(x) || a - b);
  for (const [group, own] of order) {
    const best = bestFold(held, own, totals);
    own.forEach((count, k) => {
      held[best][k] += count;
    });
    foldOf.set(group, best);
  }
  return splitsBy(groups, foldOf, folds);
}

/** Splits of rows in order: each test part follows its training part, which grows. Throws ParamError. */
export function timeSeriesSplit(rows: number, options: TimeSplitOptions = {}): Split[] {
  const { folds = 5, gap = 0, maxTrainRows = rows } = options;
  const testRows = options.testRows ?? Math.floor(rows / (folds + 1));
  for (const [name, value, least] of [
    ["folds", folds, 2],
    ["testRows", testRows, 1],
    ["gap", gap, 0],
    ["maxTrainRows", maxTrainRows, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new ParamError(
        name,
        `\`${name}\` must be a whole number of at least ${least}, got ${value} (${rows} rows)`,
      );
    }
  }
  if (rows - gap - testRows * folds <= 0) {
    const need = gap + testRows * folds + 1;
    throw new ParamError("folds", `${folds} splits of ${testRows} rows need at least ${need} rows, got ${rows}`);
  }
  return Array.from({ length: folds }, (_, fold) => {
    const begin = rows - testRows * (folds - fold);
    const end = begin - gap;
    return { train: range(Math.max(0, end - maxTrainRows), end), test: range(begin, begin + testRows) };
  });
}

/** `timeSeriesSplit` of rows in the order of `times`; of equal times, the row that is given earlier is earlier. */
export function timeOrderedSplit(times: Float64Array, options: TimeSplitOptions = {}): Split[] {
  const order = range(0, times.length).sort((a, b) => times[a] - times[b] || a - b);
  return timeSeriesSplit(times.length, options).map(({ train, test }) => ({
    train: train.map((place) => order[place]).sort(),
    test: test.map((place) => order[place]).sort(),
  }));
}

/** Each row tested once by what all others teach. */
export function leaveOneOut(rows: number): Split[] {
  if (rows < 2) throw new ParamError("rows", `leaving one out needs at least 2 rows, got ${rows}`);
  const all = range(0, rows);
  return Array.from(all, (row) => ({ train: all.filter((other) => other !== row), test: Uint32Array.of(row) }));
}

// Internal

function range(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, i) => from + i);
}

function sizesOf(groups: Int32Array): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const group of [...new Set(groups)].sort((a, b) => a - b)) sizes.set(group, 0);
  for (const group of groups) sizes.set(group, (sizes.get(group) as number) + 1);
  return sizes;
}

/** The largest first; of equal ones, the later group first, as a reversed stable sort has it. */
function byCount(sizes: ReadonlyMap<number, number>): [number, number][] {
  return [...sizes].sort(([a, x], [b, y]) => y - x || b - a);
}

function splitsBy(groups: Int32Array, foldOf: ReadonlyMap<number, number>, folds: number): Split[] {
  const all = range(0, groups.length);
  return Array.from({ length: folds }, (_, fold) => ({
    train: all.filter((row) => foldOf.get(groups[row]) !== fold),
    test: all.filter((row) => foldOf.get(groups[row]) === fold),
  }));
}

/** Where the group leaves the classes' shares most alike over the folds; of equals, the smallest fold. */
function bestFold(held: readonly Float64Array[], own: Float64Array, totals: readonly number[]): number {
  let [best, least, fewest] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  held.forEach((_, fold) => {
    const spreads = totals.map((total, k) => {
      return deviation(held.map((counts, other) => (counts[k] + (other === fold ? own[k] : 0)) / total));
    });
    const spread = spreads.reduce((sum, value) => sum + value, 0) / spreads.length;
    const rows = held[fold].reduce((sum, count) => sum + count, 0);
    const isClose = Math.abs(spread - least) <= 1e-8 + 1e-5 * Math.abs(least);
    if (!(spread < least || (isClose && rows < fewest))) return;
    [best, least, fewest] = [fold, spread, rows];
  });
  return best;
}

function deviation(values: ArrayLike<number>): number {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  return Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
}

function checkGroups(folds: number, groups: number): void {
  if (!Number.isInteger(folds) || folds < 2 || folds > groups) {
    throw new ParamError("folds", `\`folds\` must be a whole number from 2 to the ${groups} groups, got ${folds}`);
  }
}

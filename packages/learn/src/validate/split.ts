// Splits of rows into training and test parts, by index, rising, and the same for the same seed.
import { ParamError } from "../base/errors.ts";
import { Random } from "../base/random.ts";

/** Row indices of the two parts, each rising. */
export interface Split {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/** How to split. */
export interface SplitOptions {
  /** Share of the rows that go to the test part, above 0 and below 1. Default 0.2. */
  readonly testShare?: number;
  readonly seed: number;
  /** Class codes by row: each class is split in this proportion, as evenly as whole rows allow. */
  readonly stratify?: Int32Array;
}

/** How to fold. */
export interface FoldOptions {
  /** Parts, each of which is the test part once; from 2 to the number of rows. */
  readonly folds: number;
  readonly seed: number;
}

/** Splits rows at random. Both parts get at least one row; a class of one row stays in training. Throws ParamError. */
export function trainTestSplit(rows: number, { testShare = 0.2, seed, stratify }: SplitOptions): Split {
  if (!(testShare > 0 && testShare < 1)) {
    throw new ParamError("testShare", `\`testShare\` must be a number > 0 and < 1, got ${testShare}`);
  }
  if (rows < 2) throw new ParamError("rows", `a split needs at least 2 rows, got ${rows}`);
  checkCodes(rows, stratify);
  const random = new Random(seed);
  const wanted = Math.min(Math.max(Math.round(rows * testShare), 1), rows - 1);
  if (stratify === undefined) {
    const order = random.permutation(rows);
    return { train: order.slice(wanted).sort(), test: order.slice(0, wanted).sort() };
  }
  const groups = groupRows(stratify, random);
  const counts = apportion(groups, { wanted, rows });
  return {
    train: concat(groups.map((group, k) => group.slice(counts[k]))).sort(),
    test: concat(groups.map((group, k) => group.slice(0, counts[k]))).sort(),
  };
}

/** `folds` splits of shuffled rows; test parts are disjoint, cover all rows and differ by at most one row in size. */
export function kFold(rows: number, { folds, seed }: FoldOptions): Split[] {
  checkFolds(folds, rows);
  return foldsOf(new Random(seed).permutation(rows), folds);
}

/** `kFold` in which each class is dealt evenly over the folds. `codes` are class codes by row. Throws ParamError. */
export function stratifiedKFold(codes: Int32Array, { folds, seed }: FoldOptions): Split[] {
  checkFolds(folds, codes.length);
  const groups = groupRows(codes, new Random(seed));
  // Dealing class after class without starting over balances classes and fold sizes at once.
  return foldsOf(concat(groups), folds);
}

/** Folds of several shuffles. */
export interface RepeatOptions extends FoldOptions {
  readonly repeats: number;
}

/** `kFold` several times over, shuffled anew each time. */
export function repeatedKFold(rows: number, options: RepeatOptions): Split[] {
  return repeated(options, (own) => kFold(rows, own));
}

/** `stratifiedKFold` several times over, shuffled anew each time. */
export function repeatedStratifiedKFold(codes: Int32Array, options: RepeatOptions): Split[] {
  return repeated(options, (own) => stratifiedKFold(codes, own));
}

/** `trainTestSplit` several times over, shuffled anew each time. */
export function shuffleSplit(
  rows: number,
  { splits, ...options }: SplitOptions & { readonly splits: number },
): Split[] {
  checkCount("splits", splits);
  return Array.from({ length: splits }, (_, i) => trainTestSplit(rows, { ...options, seed: options.seed + i }));
}

// Internal

/** Each repetition has a seed of its own. */
function repeated({ repeats, folds, seed }: RepeatOptions, split: (options: FoldOptions) => Split[]): Split[] {
  checkCount("repeats", repeats);
  return Array.from({ length: repeats }, (_, i) => split({ folds, seed: seed + i })).flat();
}

function checkCount(name: string, count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new ParamError(name, `\`${name}\` must be a whole number of at least 1, got ${count}`);
}

/** Deals rows in turn to the folds. */
function foldsOf(order: Uint32Array, folds: number): Split[] {
  return Array.from({ length: folds }, (_, fold) => ({
    train: order.filter((_, i) => i % folds !== fold).sort(),
    test: order.filter((_, i) => i % folds === fold).sort(),
  }));
}

/** The rows of each class, shuffled; classes in order of their codes. */
function groupRows(codes: Int32Array, random: Random): Uint32Array[] {
  const groups = new Map<number, number[]>();
  codes.forEach((code, row) => {
    const group = groups.get(code);
    if (group === undefined) groups.set(code, [row]);
    else group.push(row);
  });
  const sorted = [...groups].sort(([a], [b]) => a - b);
  return sorted.map(([, rows]) => random.shuffle(Uint32Array.from(rows)));
}

/** How many rows of each group to test: the share rounded down, then up by largest remainder until `wanted` is met. */
function apportion(groups: readonly Uint32Array[], { wanted, rows }: { wanted: number; rows: number }): number[] {
  const exact = groups.map((group) => (group.length * wanted) / rows);
  const counts: number[] = exact.map(Math.floor);
  let left = wanted - counts.reduce((total, count) => total + count, 0);
  const byRemainder = [...groups.keys()].sort((a, b) => exact[b] - counts[b] - (exact[a] - counts[a]) || a - b);
  for (const k of byRemainder) {
    if (left > 0 && counts[k] + 1 < groups[k].length) {
      counts[k] += 1;
      left -= 1;
    }
  }
  // Only single rows are left when every class keeps its last row in training: the test part may not be empty.
  if (!counts.some((count) => count > 0)) counts[byRemainder[0]] = 1;
  return counts;
}

function concat(parts: readonly Uint32Array[]): Uint32Array {
  const whole = new Uint32Array(parts.reduce((total, part) => total + part.length, 0));
  let next = 0;
  for (const part of parts) {
    whole.set(part, next);
    next += part.length;
  }
  return whole;
}

function checkFolds(folds: number, rows: number): void {
  if (!Number.isInteger(folds) || folds < 2 || folds > rows) {
    throw new ParamError("folds", `\`folds\` must be a whole number from 2 to the ${rows} rows, got ${folds}`);
  }
}

function checkCodes(rows: number, stratify: Int32Array | undefined): void {
  if (stratify !== undefined && stratify.length !== rows) {
    throw new ParamError(
      "stratify",
      `\`stratify\` must have one code for each of ${rows} rows, got ${stratify.length}`,
    );
  }
}

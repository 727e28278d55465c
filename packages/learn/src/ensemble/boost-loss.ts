// The losses of boosting: where scores start, gradients by kernel, and the mean loss on the way. The kernels leave one sum
// per chunk of rows; chunks are added in order, so that any number of threads gives the same bits.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";

/** Rows per chunk of the gradient kernels. */
export const GRAIN = 16_384;

/** Rows [first, first + count) of a fit. */
export interface RowRange {
  readonly first: number;
  readonly count: number;
}

export interface Loss {
  /** Trees per round, one per output. */
  readonly outputs: number;
  /** Where predictions of each output start, before the link. */
  readonly base: Float64Array;
  /** Whether scores are counted from `base`; else they include it. */
  readonly fromBase: boolean;
  /** Leaf values are multiplied by this: number targets are scaled to lie within ±1. */
  readonly scale: number;
  /** Most that a leaf may add before the learning rate; absent: what it likes. */
  readonly maxStep?: number;
  /** Leaf values are this quantile of what is left over. */
  readonly leafQuantile?: { readonly quantile: number; readonly targets: Pointer };
  /** About the largest gradient at the start, on all ranks. */
  readonly largestGradient: number;
  /** Starts a round: mean loss of the rows at their present scores; NaN when not wanted. */
  begin(rows: RowRange, withLoss: boolean): number;
  /** Writes gradients of output `k` for all rows of the last `begin`. */
  gradients(k: number): void;
  /** Scores of output `k`, f64 per row. */
  scores(k: number): Pointer;
}

/** The mean of the training rows' numbers, and how far they are from it at most. */
export interface Moments {
  readonly mean: number;
  readonly reach: number;
}

/** Where a loss finds and leaves its numbers. */
export interface LossSpace {
  readonly runtime: KernelRuntime;
  readonly memory: Allocations;
  readonly rows: number;
  /** (gradient, hessian) in f32 per row. */
  readonly gradients: Pointer;
  /** Weights, f64 per row; 0: each row counts once. */
  readonly weights: Pointer;
}

/** The moments of numbers, weighted where there are weights. */
export function moments(values: Float64Array, weights?: Float64Array): Moments {
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? values.length;
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += ((weights?.[i] ?? 1) * values[i]) / total;
  let reach = 0;
  for (const value of values) reach = Math.max(reach, Math.abs(value - mean));
  return { mean, reach };
}

/** How many of the codes are each class, or the sum of their weights. */
export function countClasses(codes: Int32Array, classes: number, weights?: Float64Array): Float64Array {
  const counts = new Float64Array(classes);
  for (let i = 0; i < codes.length; i++) counts[codes[i]] += weights?.[i] ?? 1;
  return counts;
}

/**
 * Half the squared error of targets scaled to mean 0 and at most ±1, so that their gradients keep their digits in f32; the
 * loss told is the mean squared error in the target's own unit.
 */
export function squaredLoss(space: LossSpace, targets: Float64Array, { mean, reach }: Moments): Loss {
  const { runtime } = space;
  const scale = reach > 0 ? reach : 1;
  const scores = fill(space, 0);
  const scaled = place(
    space,
    targets.map((target) => (target - mean) / scale),
  );
  const told = new MeanLoss(space);
  return {
    outputs: 1,
    base: Float64Array.of(mean),
    fromBase: true,
    scale,
    largestGradient: 1,
    begin(range) {
      const { at, weights, gradients } = offsetsOf(space, range);
      const args = [scores + at, scaled + at, weights, gradients, told.sums, GRAIN];
      runtime.parallel("boostSquared", args, range.count, GRAIN);
      return told.mean(range) * scale * scale;
    },
    gradients() {},
    scores: () => scores,
  };
}

/** Log loss of two classes; scores are log-odds of the second. */
export function logisticLoss(space: LossSpace, codes: Int32Array, [firsts, seconds]: Float64Array): Loss {
  const { runtime } = space;
  const prior = Math.log(share(seconds, firsts + seconds)) - Math.log(share(firsts, firsts + seconds));
  const scores = fill(space, prior);
  const targets = place(space, codes);
  const told = new MeanLoss(space);
  return {
    outputs: 1,
    base: Float64Array.of(prior),
    fromBase: false,
    scale: 1,
    largestGradient: 1,
    begin(range, withLoss) {
      const { at, weights, gradients } = offsetsOf(space, range);
      const args = [scores + at, targets + at, weights, gradients, told.sums, GRAIN, withLoss ? 1 : 0];
      runtime.parallel("boostLogistic", args, range.count, GRAIN);
      return withLoss ? told.mean(range) : Number.NaN;
    },
    gradients() {},
    scores: () => scores,
  };
}

/** Log loss of three classes or more; scores are logarithms of probabilities up to a constant. */
export function softmaxLoss(space: LossSpace, codes: Int32Array, counts: Float64Array): Loss {
  const { runtime, memory, rows } = space;
  const classes = counts.length;
  const all = counts.reduce((sum, count) => sum + count, 0);
  const base = counts.map((count) => Math.log(share(count, all)));
  const scores = memory.alloc(classes * rows * 8);
  for (let k = 0; k < classes; k++) runtime.f64(scores + k * rows * 8, rows).fill(base[k]);
  const targets = place(space, codes);
  const normalizers = memory.alloc(rows * 8);
  const told = new MeanLoss(space);
  let last: RowRange = { first: 0, count: 0 };
  return {
    outputs: classes,
    base,
    fromBase: false,
    scale: 1,
    largestGradient: 1,
    begin(range) {
      last = range;
      const { at, weights } = offsetsOf(space, range);
      const args = [scores + at, rows, classes, targets + at, weights, normalizers + at, told.sums, GRAIN];
      runtime.parallel("boostNormalizer", args, range.count, GRAIN);
      return told.mean(range);
    },
    gradients(k) {
      const { at, weights, gradients } = offsetsOf(space, last);
      const column = scores + k * rows * 8 + at;
      const args = [column, targets + at, weights, normalizers + at, k, classes / (classes - 1), gradients];
      runtime.parallel("boostSoftmax", args, last.count, GRAIN);
    },
    scores: (k) => scores + k * rows * 8,
  };
}

/** From the sums that kernels leave, one per chunk of rows, to the weighted mean over a range. */
export class MeanLoss {
  readonly sums: Pointer;
  readonly #space: LossSpace;
  readonly #weights = new Map<number, number>();

  constructor(space: LossSpace) {
    this.#space = space;
    this.sums = space.memory.alloc(Math.ceil(space.rows / GRAIN) * 8);
  }

  mean(range: RowRange): number {
    let sum = 0;
    for (const part of this.#space.runtime.f64(this.sums, Math.ceil(range.count / GRAIN))) sum += part;
    return sum / this.#weightOf(range);
  }

  /** The weighted mean of what `value` gives for each row of a range. */
  meanOf(range: RowRange, value: (row: number) => number): number {
    const { runtime, weights, rows } = this.#space;
    const view = weights === 0 ? undefined : runtime.f64(weights, rows);
    let sum = 0;
    for (let row = range.first; row < range.first + range.count; row++) sum += (view?.[row] ?? 1) * value(row);
    return sum / this.#weightOf(range);
  }

  /** What the rows of a range count; a fit has two ranges, which do not overlap. */
  #weightOf({ first, count }: RowRange): number {
    const { runtime, weights } = this.#space;
    if (weights === 0) return count;
    const known = this.#weights.get(first);
    if (known !== undefined) return known;
    const sum = runtime.f64(weights + first * 8, count).reduce((all, weight) => all + weight, 0);
    this.#weights.set(first, sum);
    return sum;
  }
}

/** Where a range of rows begins: bytes into scores and targets, and its weights and gradients. */
export function offsetsOf({ weights, gradients }: LossSpace, { first }: RowRange) {
  const at = first * 8;
  return { at, weights: weights === 0 ? 0 : weights + at, gradients: gradients + at };
}

/** Numbers as f64 in kernel memory. */
export function place({ runtime, memory }: LossSpace, values: Float64Array | Int32Array): Pointer {
  const pointer = memory.alloc(values.length * 8);
  runtime.f64(pointer, values.length).set(values);
  return pointer;
}

/** One f64 per row, all of them `value`. */
export function fill({ runtime, memory, rows }: LossSpace, value: number): Pointer {
  const pointer = memory.alloc(rows * 8);
  runtime.f64(pointer, rows).fill(value);
  return pointer;
}

// Internal

/** A class's share, kept away from 0 and 1, whose logarithms are infinite. */
function share(count: number, rows: number): number {
  return Math.min(1 - 1e-12, Math.max(1e-12, count / rows));
}

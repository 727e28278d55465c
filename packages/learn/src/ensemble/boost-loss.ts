// The losses of boosting: where scores start, gradients by kernel, and the mean loss on the way. The kernels leave one sum
// per chunk of rows; chunks are added in order, so that any number of threads gives the same bits.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";

/** Rows per chunk of the gradient kernels. */
const GRAIN = 16_384;

/** Rows [first, first + count) of a fit. */
export interface RowRange {
  readonly first: number;
  readonly count: number;
}

export interface Loss {
  /** Trees per round, one per output. */
  readonly outputs: number;
  /** Where the scores of each output start, in the target's own unit. */
  readonly base: Float64Array;
  /** Leaf values are multiplied by this: number targets are scaled to lie within ±1. */
  readonly scale: number;
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

interface LossSpace {
  readonly runtime: KernelRuntime;
  readonly memory: Allocations;
  readonly rows: number;
  /** (gradient, hessian) in f32 per row. */
  readonly pairs: Pointer;
}

/** The moments of numbers. */
export function moments(values: Float64Array): Moments {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let reach = 0;
  for (const value of values) reach = Math.max(reach, Math.abs(value - mean));
  return { mean, reach };
}

/** How many of the codes are each class. */
export function countClasses(codes: Int32Array, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const code of codes) counts[code]++;
  return counts;
}

/**
 * Half the squared error of targets scaled to mean 0 and at most ±1, so that their gradients keep their digits in f32; the
 * loss told is the mean squared error in the target's own unit.
 */
export function squaredLoss(space: LossSpace, targets: Float64Array, { mean, reach }: Moments): Loss {
  const { runtime, memory, rows, pairs } = space;
  const scale = reach > 0 ? reach : 1;
  const scores = zeros(runtime, memory, rows);
  const scaled = memory.alloc(rows * 8);
  const view = runtime.f64(scaled, rows);
  for (let i = 0; i < rows; i++) view[i] = (targets[i] - mean) / scale;
  const sums = chunkSums(space);
  return {
    outputs: 1,
    base: Float64Array.of(mean),
    scale,
    begin({ first, count }) {
      const at = first * 8;
      runtime.parallel("boostSquared", [scores + at, scaled + at, pairs + at, sums, GRAIN], count, GRAIN);
      return (total(runtime, sums, count) / count) * scale * scale;
    },
    gradients() {},
    scores: () => scores,
  };
}

/** Log loss of two classes; scores are log-odds of the second. */
export function logisticLoss(space: LossSpace, codes: Int32Array, [firsts, seconds]: Float64Array): Loss {
  const { runtime, memory, rows, pairs } = space;
  const prior = Math.log(share(seconds, firsts + seconds)) - Math.log(share(firsts, firsts + seconds));
  const scores = zeros(runtime, memory, rows);
  runtime.f64(scores, rows).fill(prior);
  const targets = memory.alloc(rows * 8);
  runtime.f64(targets, rows).set(codes);
  const sums = chunkSums(space);
  return {
    outputs: 1,
    base: Float64Array.of(prior),
    scale: 1,
    begin({ first, count }, withLoss) {
      const at = first * 8;
      const args = [scores + at, targets + at, pairs + at, sums, GRAIN, withLoss ? 1 : 0];
      runtime.parallel("boostLogistic", args, count, GRAIN);
      return withLoss ? total(runtime, sums, count) / count : Number.NaN;
    },
    gradients() {},
    scores: () => scores,
  };
}

/** Log loss of three classes or more; scores are logarithms of probabilities up to a constant. */
export function softmaxLoss(space: LossSpace, codes: Int32Array, counts: Float64Array): Loss {
  const { runtime, memory, rows, pairs } = space;
  const classes = counts.length;
  const trainRows = counts.reduce((sum, count) => sum + count, 0);
  const base = counts.map((count) => Math.log(share(count, trainRows)));
  const scores = memory.alloc(classes * rows * 8);
  for (let k = 0; k < classes; k++) runtime.f64(scores + k * rows * 8, rows).fill(base[k]);
  const targets = memory.alloc(rows * 8);
  runtime.f64(targets, rows).set(codes);
  const normalizers = memory.alloc(rows * 8);
  const sums = chunkSums(space);
  let last: RowRange = { first: 0, count: 0 };
  return {
    outputs: classes,
    base,
    scale: 1,
    begin(range) {
      last = range;
      const at = range.first * 8;
      const args = [scores + at, rows, classes, targets + at, normalizers + at, sums, GRAIN];
      runtime.parallel("boostNormalizer", args, range.count, GRAIN);
      return total(runtime, sums, range.count) / range.count;
    },
    gradients(k) {
      const at = last.first * 8;
      const column = scores + k * rows * 8 + at;
      const args = [column, targets + at, normalizers + at, k, classes / (classes - 1), pairs + at];
      runtime.parallel("boostSoftmax", args, last.count, GRAIN);
    },
    scores: (k) => scores + k * rows * 8,
  };
}

// Internal

function chunkSums({ memory, rows }: LossSpace): Pointer {
  return memory.alloc(Math.ceil(rows / GRAIN) * 8);
}

function total(runtime: KernelRuntime, sums: Pointer, count: number): number {
  let sum = 0;
  for (const part of runtime.f64(sums, Math.ceil(count / GRAIN))) sum += part;
  return sum;
}

function zeros(runtime: KernelRuntime, memory: Allocations, rows: number): Pointer {
  const pointer = memory.alloc(rows * 8);
  runtime.f64(pointer, rows).fill(0);
  return pointer;
}

/** A class's share, kept away from 0 and 1, whose logarithms are infinite. */
function share(count: number, rows: number): number {
  return Math.min(1 - 1e-12, Math.max(1e-12, count / rows));
}

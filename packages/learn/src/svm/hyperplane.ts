// What both solvers of linear machines give, and scores by it.
import type { KernelRuntime } from "@massif/kernels";
import type { DenseRows } from "../matrix/dense-rows.ts";

/** A hyperplane: a weight per place of a packed row, that of the ones included. */
export interface Hyperplane {
  readonly weights: Float64Array;
  readonly converged: boolean;
}

/** Finds the hyperplane that parts the rows with sign 1 from those with sign -1. */
export interface HyperplaneSolver {
  run(rows: Int32Array, signOf: (row: number) => 1 | -1): Hyperplane;
}

/** Calls `each` with the signed distance of each row in units of the margin. */
export function scoreRows(
  { runtime, x, weights }: { runtime: KernelRuntime; x: DenseRows; weights: Float64Array },
  rows: Int32Array,
  each: (row: number, score: number) => void,
): void {
  const values = runtime.f32(x.pointer, x.rows * x.stride);
  for (const row of rows) {
    let sum = 0;
    for (let j = 0; j < x.stride; j++) sum += weights[j] * values[row * x.stride + j];
    each(row, sum);
  }
}

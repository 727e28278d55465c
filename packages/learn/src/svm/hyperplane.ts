// What both solvers of linear machines give, and scores by it.
import type { KernelRuntime } from "@massif/kernels";
import type { DenseRows } from "../matrix/dense-rows.ts";

/** A hyperplane: a weight per place of a packed row, that of the ones included. */
export interface Hyperplane {
  readonly weights: Float64Array;
  readonly converged: boolean;
}

/** Finds the hyperplane that parts the rows of value 1 from those of value -1, or that is near the rows' values. */
export interface HyperplaneSolver {
  run(rows: Int32Array, numberOf: (row: number) => number): Hyperplane;
}

/** Calls `each` with the signed distance of each of `rows` in units of the margin, and which of them it is. */
export function scoreRows(
  { runtime, x, weights }: { runtime: KernelRuntime; x: DenseRows; weights: Float64Array },
  rows: Int32Array,
  each: (index: number, row: number, score: number) => void,
): void {
  const values = runtime.f32(x.pointer, x.rows * x.stride);
  for (let i = 0; i < rows.length; i++) {
    const at = rows[i] * x.stride;
    let sum = 0;
    for (let j = 0; j < x.stride; j++) sum += weights[j] * values[at + j];
    each(i, rows[i], sum);
  }
}

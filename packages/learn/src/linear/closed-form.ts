// Least squares in closed form: X'X and X'y of the centred columns by kernel, then one linear system. Float64
// throughout, because squaring the matrix squares its condition number.
import type { KernelRuntime } from "@massif/kernels";
import { solveSymmetric } from "../matrix/cholesky.ts";
import { columnMean, gram } from "./gram.ts";

export interface ClosedFormProblem {
  readonly columns: readonly Float64Array[];
  readonly target: Float64Array;
  readonly alpha: number;
  readonly fitIntercept: boolean;
  /** How much each row's squared error counts; absent: all alike. */
  readonly weights?: Float64Array;
}

/** The weights w and intercept that minimise |y - Xw - intercept|^2 + alpha |w|^2. */
export function solveLeastSquares(
  runtime: KernelRuntime,
  { columns, target, alpha, fitIntercept, weights }: ClosedFormProblem,
): { coefficients: Float64Array; intercept: number } {
  const count = columns.length;
  const all = [...columns, target];
  const means = all.map((values) => (fitIntercept ? columnMean(values, weights) : 0));
  const { products, width } = gram(runtime, all, means, weights);
  const a = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) a[i * count + j] = products[i * width + j];
    a[i * count + i] += alpha;
  }
  // The target is the last column, so X'y is its row.
  const coefficients = solveSymmetric(a, products.slice(count * width, count * width + count), count);
  let intercept = means[count];
  for (let j = 0; j < count; j++) intercept -= coefficients[j] * means[j];
  return { coefficients, intercept: fitIntercept ? intercept : 0 };
}

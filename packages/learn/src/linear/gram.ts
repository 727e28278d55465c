// The products of all pairs of columns, X'X, by all threads: what least squares and coordinate descent need of the rows.
import type { KernelRuntime } from "@massif/kernels";
import { productsAround } from "../matrix/centred-products.ts";

/** Products of all pairs of the shifted columns, each row times its weight: a width x width matrix, float64. */
export function gram(
  runtime: KernelRuntime,
  columns: readonly Float64Array[],
  shifts: ArrayLike<number>,
  weights?: Float64Array,
) {
  const { products } = productsAround(columns, shifts, { runtime, rows: columns[0].length, weights });
  return { products, width: columns.length };
}

/** The mean of a column, free of the rounding of a long sum; of rows with weights, the weighted mean. */
export function columnMean(values: Float64Array, weights?: Float64Array): number {
  if (weights !== undefined) return weightedMean(values, weights);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const first = sum / values.length;
  // A second pass removes the rounding of the first, which matters when the mean is large against the spread.
  let rest = 0;
  for (let i = 0; i < values.length; i++) rest += values[i] - first;
  return first + rest / values.length;
}

// Internal

function weightedMean(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += weights[i] * values[i];
    total += weights[i];
  }
  const first = sum / total;
  let rest = 0;
  for (let i = 0; i < values.length; i++) rest += weights[i] * (values[i] - first);
  return first + rest / total;
}

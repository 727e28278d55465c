// The products of all pairs of columns, X'X, by all threads: what least squares and coordinate descent need of the rows.
import type { KernelRuntime } from "@massif/kernels";

/** Partial products are at most this many bytes together, and at most this many. */
const MAX_PARTIAL_BYTES = 64 * 2 ** 20;
const MAX_PARTIALS = 32;

/**
 * Products of all pairs of the shifted columns, each row times its weight: the lower triangle of a width x width matrix,
 * float64.
 */
export function gram(
  runtime: KernelRuntime,
  columns: readonly Float64Array[],
  shifts: readonly number[],
  weights?: Float64Array,
) {
  const rows = columns[0].length;
  const height = rows + (rows % 2);
  const width = Math.ceil(columns.length / 4) * 4;
  const partials = Math.max(1, Math.min(MAX_PARTIALS, Math.floor(MAX_PARTIAL_BYTES / (width * width * 8))));
  const grain = Math.max(512, Math.ceil(rows / partials));
  const chunks = Math.ceil(rows / grain);
  return runtime.scope((memory) => {
    const x = memory.alloc(width * height * 8);
    const roots = weights?.map(Math.sqrt);
    for (let j = 0; j < width; j++) copyShifted(runtime.f64(x + j * height * 8, height), columns[j], shifts[j], roots);
    const partial = memory.alloc(chunks * width * width * 8);
    const total = memory.alloc(width * width * 8);
    runtime.parallel("gramPass", [x, height, width, partial, grain], rows, grain);
    runtime.call("sumPartials", partial, width * width, chunks, total, 0, width * width);
    return { products: runtime.f64(total, width * width).slice(), width };
  });
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

function copyShifted(
  out: Float64Array,
  values: Float64Array | undefined,
  shift: number,
  roots: Float64Array | undefined,
): void {
  if (values === undefined) {
    out.fill(0);
    return;
  }
  if (roots === undefined) for (let i = 0; i < values.length; i++) out[i] = values[i] - shift;
  else for (let i = 0; i < values.length; i++) out[i] = (values[i] - shift) * roots[i];
  if (out.length > values.length) out[values.length] = 0;
}

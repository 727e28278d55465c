// The products of all pairs of columns, X'X, by all threads: what least squares and coordinate descent need of the rows.
import type { KernelRuntime } from "@massif/kernels";

/** Partial products are at most this many bytes together, and at most this many. */
const MAX_PARTIAL_BYTES = 64 * 2 ** 20;
const MAX_PARTIALS = 32;

/** Products of all pairs of the shifted columns: the lower triangle of a width x width matrix, float64. */
export function gram(runtime: KernelRuntime, columns: readonly Float64Array[], shifts: readonly number[]) {
  const rows = columns[0].length;
  const height = rows + (rows % 2);
  const width = Math.ceil(columns.length / 4) * 4;
  const partials = Math.max(1, Math.min(MAX_PARTIALS, Math.floor(MAX_PARTIAL_BYTES / (width * width * 8))));
  const grain = Math.max(512, Math.ceil(rows / partials));
  const chunks = Math.ceil(rows / grain);
  return runtime.scope((memory) => {
    const x = memory.alloc(width * height * 8);
    for (let j = 0; j < width; j++) copyShifted(runtime.f64(x + j * height * 8, height), columns[j], shifts[j]);
    const partial = memory.alloc(chunks * width * width * 8);
    const total = memory.alloc(width * width * 8);
    runtime.parallel("gramPass", [x, height, width, partial, grain], rows, grain);
    runtime.call("sumPartials", partial, width * width, chunks, total, 0, width * width);
    return { products: runtime.f64(total, width * width).slice(), width };
  });
}

/** The mean of a column, free of the rounding of a long sum. */
export function columnMean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const first = sum / values.length;
  // A second pass removes the rounding of the first, which matters when the mean is large against the spread.
  let rest = 0;
  for (let i = 0; i < values.length; i++) rest += values[i] - first;
  return first + rest / values.length;
}

// Internal

function copyShifted(out: Float64Array, values: Float64Array | undefined, shift: number): void {
  if (values === undefined) {
    out.fill(0);
    return;
  }
  for (let i = 0; i < values.length; i++) out[i] = values[i] - shift;
  if (out.length > values.length) out[values.length] = 0;
}

// Least squares in closed form: X'X and X'y of the centred columns by kernel, then one linear system. Float64
// throughout, because squaring the matrix squares its condition number.
import type { KernelRuntime } from "@massif/kernels";
import { solveSymmetric } from "./cholesky.ts";

export interface ClosedFormProblem {
  readonly columns: readonly Float64Array[];
  readonly target: Float64Array;
  readonly alpha: number;
  readonly fitIntercept: boolean;
}

/** Partial products are at most this many bytes together, and at most this many. */
const MAX_PARTIAL_BYTES = 64 * 2 ** 20;
const MAX_PARTIALS = 32;

/** The weights w and intercept that minimise |y - Xw - intercept|^2 + alpha |w|^2. */
export function solveLeastSquares(
  runtime: KernelRuntime,
  { columns, target, alpha, fitIntercept }: ClosedFormProblem,
): { coefficients: Float64Array; intercept: number } {
  const count = columns.length;
  const all = [...columns, target];
  const means = all.map((values) => (fitIntercept ? mean(values) : 0));
  const { products, width } = gram(runtime, all, means);
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

// Internal

/** Products of all pairs of the shifted columns: the lower triangle of a width x width matrix. */
function gram(runtime: KernelRuntime, columns: readonly Float64Array[], shifts: readonly number[]) {
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

function copyShifted(out: Float64Array, values: Float64Array | undefined, shift: number): void {
  if (values === undefined) {
    out.fill(0);
    return;
  }
  for (let i = 0; i < values.length; i++) out[i] = values[i] - shift;
  if (out.length > values.length) out[values.length] = 0;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const first = sum / values.length;
  // A second pass removes the rounding of the first, which matters when the mean is large against the spread.
  let rest = 0;
  for (let i = 0; i < values.length; i++) rest += values[i] - first;
  return first + rest / values.length;
}

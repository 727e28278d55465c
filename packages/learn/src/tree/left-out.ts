// Out-of-bag estimates (Breiman 1996): every row is predicted by the trees that have not learned from it, so a forest
// knows its quality on new rows without holding any out.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";

/** What trees predict for the rows they left out, in sum, and by how many trees. */
export interface LeftOut {
  readonly rows: number;
  readonly width: number;
  readonly sums: Pointer;
  readonly counts: Pointer;
  readonly targets: Float64Array | Int32Array;
  readonly classes: readonly string[] | null;
  readonly weights: Float64Array | undefined;
}

/** Rows per unit of work. */
const GRAIN = 2048;

/** Room for the sums of `rows` rows. */
export function placeLeftOut(
  runtime: KernelRuntime,
  memory: Allocations,
  learned: Pick<LeftOut, "rows" | "width" | "targets" | "classes" | "weights">,
): LeftOut {
  const { rows, width } = learned;
  const sums = memory.alloc(rows * width * 8);
  const counts = memory.alloc(rows * 4);
  runtime.f64(sums, rows * width).fill(0);
  runtime.u32(counts, rows).fill(0);
  return { ...learned, sums, counts };
}

/** Adds what the trees of the first `slots` slots say; gives the loss so far: squared error, or share of wrong classes. */
export function sumLeftOut(
  runtime: KernelRuntime,
  { context, slots }: { context: Pointer; slots: number },
  leftOut: LeftOut,
): number | undefined {
  const { rows, width, sums, counts, classes } = leftOut;
  runtime.parallel("sumLeftOut", [context, slots, width, sums, counts], rows, GRAIN);
  const scores = scoreLeftOut(runtime, leftOut);
  if (scores === undefined) return undefined;
  return classes === null ? scores.meanSquaredError : 1 - scores.accuracy;
}

/** The metrics of the rows that at least one tree left out; undefined when there is none. */
export function scoreLeftOut(runtime: KernelRuntime, leftOut: LeftOut): Record<string, number> | undefined {
  const counts = runtime.u32(leftOut.counts, leftOut.rows);
  if (!counts.some((count) => count > 0)) return undefined;
  const sums = runtime.f64(leftOut.sums, leftOut.rows * leftOut.width);
  const { classes } = leftOut;
  return classes === null ? scoreNumbers(sums, counts, leftOut) : scoreClasses(sums, counts, leftOut);
}

// Internal

function scoreNumbers(sums: Float64Array, counts: Uint32Array, { targets, weights }: LeftOut): Record<string, number> {
  let weight = 0;
  let mean = 0;
  for (const [row, count] of counts.entries()) {
    if (count === 0) continue;
    const own = weights?.[row] ?? 1;
    weight += own;
    mean += (own / weight) * (targets[row] - mean);
  }
  let left = 0;
  let all = 0;
  for (const [row, count] of counts.entries()) {
    if (count === 0) continue;
    const own = weights?.[row] ?? 1;
    left += own * (targets[row] - sums[row] / count) ** 2;
    all += own * (targets[row] - mean) ** 2;
  }
  return { r2: all > 0 ? 1 - left / all : left > 0 ? 0 : 1, meanSquaredError: left / weight };
}

function scoreClasses(
  sums: Float64Array,
  counts: Uint32Array,
  { targets, weights, width }: LeftOut,
): Record<string, number> {
  let weight = 0;
  let right = 0;
  for (const [row, count] of counts.entries()) {
    if (count === 0) continue;
    const own = weights?.[row] ?? 1;
    weight += own;
    if (largest(sums, row, { width, count }) === targets[row]) right += own;
  }
  return { accuracy: right / weight };
}

/** The class of the largest share; with two classes there is only the share of the second. */
function largest(sums: Float64Array, row: number, { width, count }: { width: number; count: number }): number {
  if (width === 1) return sums[row] / count > 0.5 ? 1 : 0;
  let best = 0;
  for (let k = 1; k < width; k++) if (sums[row * width + k] > sums[row * width + best]) best = k;
  return best;
}

// Sequential minimal optimisation with second-order working sets (Fan, Chen & Lin 2005), as in LIBSVM but without its
// shrinking. It is written in β = yα, whose gradient −v = Kβ − y needs no signs: all pairs move by one rule.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import type { RbfRows } from "./rbf-rows.ts";

/** Curvature of a pair of equal points. */
const LEAST_CURVATURE = 1e-12;

/** f(x) = Σ betas K(row, x) + bias. */
export interface KernelMachine {
  readonly betas: Float64Array;
  readonly bias: number;
  readonly converged: boolean;
}

/** Parts the rows of sign 1 from those of sign -1; stops when the worst pair violates optimality by less than `tolerance`. */
export function separate(
  { runtime, kernel, memory }: { runtime: KernelRuntime; kernel: RbfRows; memory: Allocations },
  signs: Int8Array,
  { c, tolerance, maxIterations }: { c: number; tolerance: number; maxIterations: number },
): KernelMachine {
  const rows = signs.length;
  const betas = new Float64Array(rows);
  const low = Float64Array.from(signs, (sign) => (sign > 0 ? 0 : -c));
  const high = Float64Array.from(signs, (sign) => (sign > 0 ? c : 0));
  const [vAt, upAt, downAt, worstAt] = [rows, rows, rows, 1].map((length) => memory.alloc(length * 8));
  const v = runtime.f64(vAt, rows);
  v.set(signs);
  // What is added to v where β cannot grow, and where it cannot fall: it is never chosen then.
  const up = runtime.f64(upAt, rows);
  const down = runtime.f64(downAt, rows);
  const worst = runtime.f64(worstAt, 1);
  const bound = (t: number) => {
    up[t] = betas[t] < high[t] ? 0 : Number.NEGATIVE_INFINITY;
    down[t] = betas[t] > low[t] ? 0 : Number.POSITIVE_INFINITY;
  };
  for (let t = 0; t < rows; t++) bound(t);
  let converged = false;
  let i = runtime.call("smoMove", vAt, upAt, kernel.row(0), kernel.row(0), 0, rows);
  for (let iteration = 0; iteration < maxIterations && i >= 0; iteration++) {
    const first = kernel.row(i);
    const j = runtime.call("smoPartner", vAt, downAt, first, v[i], worstAt, rows);
    converged = v[i] - worst[0] < tolerance;
    if (converged || j < 0) break;
    const second = kernel.row(j);
    const curvature = Math.max(2 - 2 * kernel.entry(first, j), LEAST_CURVATURE);
    const room = Math.min(high[i] - betas[i], betas[j] - low[j]);
    const step = Math.min((v[i] - v[j]) / curvature, room);
    betas[i] = step === high[i] - betas[i] ? high[i] : betas[i] + step;
    betas[j] = step === betas[j] - low[j] ? low[j] : betas[j] - step;
    bound(i);
    bound(j);
    i = runtime.call("smoMove", vAt, upAt, first, second, step, rows);
  }
  return { betas, bias: biasOf({ v, betas, low, high }), converged };
}

// Internal

interface Bounds {
  readonly v: Float64Array;
  readonly betas: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The mean v of rows between their bounds, or the middle of what the rows at their bounds allow. */
function biasOf({ v, betas, low, high }: Bounds): number {
  let [sum, free] = [0, 0];
  let [above, below] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let t = 0; t < v.length; t++) {
    if (betas[t] > low[t] && betas[t] < high[t]) {
      sum += v[t];
      free += 1;
    } else if (betas[t] < high[t]) above = Math.max(above, v[t]);
    else below = Math.min(below, v[t]);
  }
  if (free > 0) return sum / free;
  if (!Number.isFinite(above)) return below;
  return Number.isFinite(below) ? (above + below) / 2 : above;
}

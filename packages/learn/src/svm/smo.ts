// Sequential minimal optimisation with second-order working sets (Fan, Chen & Lin 2005), as in LIBSVM but without its
// shrinking. It is written in β = yα, whose gradient −v = Kβ − y needs no signs: all pairs move by one rule.
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
  kernel: RbfRows,
  signs: Int8Array,
  { c, tolerance, maxIterations }: { c: number; tolerance: number; maxIterations: number },
): KernelMachine {
  const rows = signs.length;
  const betas = new Float64Array(rows);
  const v = Float64Array.from(signs);
  const low = Float64Array.from(signs, (sign) => (sign > 0 ? 0 : -c));
  const high = Float64Array.from(signs, (sign) => (sign > 0 ? c : 0));
  let converged = false;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const i = steepest(v, betas, high);
    if (i < 0) break;
    const first = kernel.row(i);
    const { partner: j, worst } = bestPartner({ v, betas, low }, first, v[i]);
    converged = v[i] - worst < tolerance;
    if (converged || j < 0) break;
    const second = kernel.row(j);
    const curvature = Math.max(2 - 2 * first[j], LEAST_CURVATURE);
    const room = Math.min(high[i] - betas[i], betas[j] - low[j]);
    const step = Math.min((v[i] - v[j]) / curvature, room);
    betas[i] = step === high[i] - betas[i] ? high[i] : betas[i] + step;
    betas[j] = step === betas[j] - low[j] ? low[j] : betas[j] - step;
    for (let t = 0; t < rows; t++) v[t] -= step * (first[t] - second[t]);
  }
  return { betas, bias: biasOf({ v, betas, low, high }), converged };
}

// Internal

interface Search {
  readonly v: Float64Array;
  readonly betas: Float64Array;
  readonly low: Float64Array;
}

/** The row that gains most by a larger β; -1 when none can have one. */
function steepest(v: Float64Array, betas: Float64Array, high: Float64Array): number {
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < v.length; t++) {
    if (v[t] > most && betas[t] < high[t]) {
      most = v[t];
      best = t;
    }
  }
  return best;
}

/** The row whose smaller β, beside a larger one of a row with `most`, gains most; and the least v of such rows. */
function bestPartner({ v, betas, low }: Search, kernel: Float32Array, most: number) {
  let [partner, worst, best] = [-1, Number.POSITIVE_INFINITY, 0];
  for (let t = 0; t < v.length; t++) {
    if (betas[t] <= low[t]) continue;
    if (v[t] < worst) worst = v[t];
    const difference = most - v[t];
    if (difference <= 0) continue;
    const gain = (difference * difference) / Math.max(2 - 2 * kernel[t], LEAST_CURVATURE);
    if (gain > best) {
      best = gain;
      partner = t;
    }
  }
  return { partner, worst };
}

/** The mean v of rows between their bounds, or the middle of what the rows at their bounds allow. */
function biasOf({ v, betas, low, high }: Search & { readonly high: Float64Array }): number {
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

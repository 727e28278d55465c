// Coordinate descent for squared loss with L1 and L2 penalties (Friedman, Hastie & Tibshirani 2010), stopped by the
// duality gap. Columns that the gap proves to be 0 at the minimum are left out from then on (gap-safe screening: Ndiaye
// et al. 2017), and of the others those go first that the gap says least of (working sets: Massias, Gramfort & Salmon
// 2018, Celer: a Fast Solver for the Lasso with Dual Extrapolation). It sees the data as correlations only.
import type { KernelRuntime } from "@massif/kernels";
import { dualityGap, type Gap } from "./duality-gap.ts";
import type { SquaredRows } from "./squared-rows.ts";
import { WorkingSet } from "./working-set.ts";

export interface CoordinateOptions {
  /** Weight of the sum of absolute weights against half the squared residual; above 0. */
  readonly l1: number;
  /** Weight of half the sum of squared weights. */
  readonly l2: number;
  /** Stops at a duality gap of this share of the target's sum of squares. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Called with every gap that is taken, from 0 sweeps on; rejects to stop. */
  readonly onGap: (iterations: number, objective: number) => Promise<void>;
}

export interface CoordinateResult {
  readonly weights: Float64Array;
  readonly iterations: number;
  /** By how much |R|^2 / 2 + l1 |w| + l2 / 2 |w|^2 is at most above its minimum. */
  readonly gap: number;
  readonly converged: boolean;
}

/** Gaps are differences of sums as large as the target's square: below this share of it they are rounding. */
const ROUNDING = 4 * Number.EPSILON;
/** So many columns may be in the first working set; later as many may join as have a weight, and always so many. */
const FIRST_COLUMNS = 512;
const MIN_COLUMNS = 256;
/** Sweeps between two looks at all columns take about as long as one look, within these bounds. */
const [MIN_SWEEPS, MAX_SWEEPS] = [20, 1000];
/** A working set is good enough at this share of what the whole may be off by. */
const WORKING_SHARE = 0.3;

/** Minimises |R|^2 / 2 + l1 |w| + l2 / 2 |w|^2 from weights of 0. */
export async function descendCoordinates(
  runtime: KernelRuntime,
  rows: SquaredRows,
  options: CoordinateOptions,
): Promise<CoordinateResult> {
  const { l1, l2, tolerance, maxIterations, onGap } = options;
  const { squares, targetSquare } = rows.moments;
  const enough = Math.max(tolerance, ROUNDING) * targetSquare;
  const weights = new Float64Array(squares.length);
  let active = Uint32Array.from(squares.keys()).filter((j) => squares[j] > 0);
  let iterations = 0;
  let reported = -1;
  for (;;) {
    const figures = rows.figures(weights, active, l1);
    const at = dualityGap(figures, weights, { active, l1, l2 });
    if (iterations > reported) await onGap(iterations, at.objective);
    reported = iterations;
    const converged = at.gap <= enough;
    if (converged || iterations >= maxIterations) return { weights, iterations, gap: at.gap, converged };
    const left = active.filter((j) => isOpen(j, at, squares[j] + l2));
    const hasLost = clearOthers(weights, active, left);
    active = left;
    // Where a column lost its weight the residual is another.
    if (hasLost) continue;
    const chosen = choose({ weights, at, active });
    const sweeps = Math.min(maxIterations - iterations, affordable(rows.rows, active.length, chosen.length));
    iterations += runtime.scope((memory) => {
      const set = new WorkingSet(rows, memory, { chosen, figures, coefficients: weights, l1, l2 });
      const done = set.descend({ sweeps, enough: WORKING_SHARE * enough, rest: tolerance });
      set.write(weights);
      return done;
    });
  }
}

// Internal

/** Whether the gap leaves it open that column `j`, of this square, has a weight at the minimum. */
function isOpen(j: number, { duals, radius }: Gap, square: number): boolean {
  return Math.abs(duals[j]) + radius * Math.sqrt(square) >= 1;
}

/** Makes the weights of `columns` that are not among those `left` 0, both in order; gives back whether one was not. */
function clearOthers(weights: Float64Array, columns: Uint32Array, left: Uint32Array): boolean {
  let lost = false;
  let next = 0;
  for (const j of columns) {
    if (j === left[next]) {
      next++;
      continue;
    }
    lost ||= weights[j] !== 0;
    weights[j] = 0;
  }
  return lost;
}

/** The next working set: what has a weight, and what would get one now, the likeliest first where that is much. */
function choose({ weights, at, active }: Choice): Uint32Array<ArrayBuffer> {
  const isChosen = (j: number) => weights[j] !== 0;
  const support = active.filter(isChosen);
  const fresh = active.filter((j) => !isChosen(j) && Math.abs(at.duals[j]) > at.shrink);
  const most = support.length === 0 ? FIRST_COLUMNS : Math.max(MIN_COLUMNS, support.length);
  if (fresh.length > most) fresh.sort((a, b) => Math.abs(at.duals[b]) - Math.abs(at.duals[a]));
  const chosen = new Uint32Array(support.length + Math.min(most, fresh.length));
  chosen.set(support);
  chosen.set(fresh.subarray(0, most), support.length);
  return chosen;
}

interface Choice {
  readonly weights: Float64Array;
  readonly at: Gap;
  readonly active: Uint32Array<ArrayBuffer>;
}

/** How many sweeps over so many chosen columns take as long as one look at all that are active. */
function affordable(rows: number, active: number, chosen: number): number {
  const sweeps = (rows * active) / (chosen * Math.min(chosen, 2 * rows));
  return Math.round(Math.min(MAX_SWEEPS, Math.max(MIN_SWEEPS, sweeps)));
}

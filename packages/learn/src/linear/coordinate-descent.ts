// Coordinate descent for squared loss with L1 and L2 penalties (Friedman, Hastie & Tibshirani 2010), stopped by the
// duality gap. Columns that the gap proves to be 0 at the minimum are left out from then on (gap-safe screening: Ndiaye
// et al. 2017, Gap Safe Screening Rules for Sparsity Enforcing Penalties). It sees the data as correlations only.

/** What of the data coordinate descent reads and moves: the residual R = y - Xw, and the columns' products with it. */
export interface Residual {
  /** Sum of squares of each column. */
  readonly squares: Float64Array;
  /** Sum of squares of the target. */
  readonly targetSquare: number;
  /** The product of column `j` with R. */
  correlation(j: number): number;
  /** Takes `delta` more of column `j` into the fit. */
  move(j: number, delta: number): void;
  /** Exact figures at `weights`, computed anew: products of all columns with R, R'R and R'y. */
  figures(weights: Float64Array): ResidualFigures;
}

export interface ResidualFigures {
  readonly correlations: Float64Array;
  readonly square: number;
  readonly withTarget: number;
}

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

/** Sweeps between two looks at the gap, unless the weights have come to rest before. */
const SWEEPS = 10;
/** Gaps are differences of sums as large as the target's square: below this share of it they are rounding. */
const ROUNDING = 4 * Number.EPSILON;

/** Minimises |R|^2 / 2 + l1 |w| + l2 / 2 |w|^2 from weights of 0. */
export async function descendCoordinates(residual: Residual, options: CoordinateOptions): Promise<CoordinateResult> {
  const { l1, l2, tolerance, maxIterations, onGap } = options;
  const enough = Math.max(tolerance, ROUNDING) * residual.targetSquare;
  const weights = new Float64Array(residual.squares.length);
  let active = Uint32Array.from(residual.squares.keys()).filter((j) => residual.squares[j] > 0);
  let iterations = 0;
  for (;;) {
    const at = dualityGap(residual.figures(weights), weights, options);
    await onGap(iterations, at.objective);
    const converged = at.gap <= enough;
    if (converged || iterations >= maxIterations) return { weights, iterations, gap: at.gap, converged };
    active = screen(residual, weights, { active, at, l1, l2 });
    const end = Math.min(maxIterations, iterations + SWEEPS);
    // After one sweep over all, sweeps over those that have a weight: most have none at a sparse minimum.
    let some = active;
    for (let moved = Number.POSITIVE_INFINITY; iterations < end && moved > tolerance; iterations++) {
      moved = sweep(residual, weights, { active: some, l1, l2 });
      if (some === active) some = active.filter((j) => weights[j] !== 0);
    }
  }
}

// Internal

interface Gap {
  readonly objective: number;
  readonly gap: number;
  /** Products of the columns, the L2 penalty's rows included, with the dual point, which are within -1 and 1. */
  readonly duals: Float64Array;
}

/**
 * The L2 penalty is that of further rows sqrt(l2) I with target 0, which makes the problem a lasso; its dual point is
 * the residual, shrunk until no column's product with it exceeds l1.
 */
function dualityGap(
  { correlations, square, withTarget }: ResidualFigures,
  weights: Float64Array,
  { l1, l2 }: CoordinateOptions,
): Gap {
  let [absolute, squared, steepest] = [0, 0, 0];
  for (let j = 0; j < weights.length; j++) {
    absolute += Math.abs(weights[j]);
    squared += weights[j] * weights[j];
    correlations[j] -= l2 * weights[j];
    steepest = Math.max(steepest, Math.abs(correlations[j]));
  }
  const shrink = steepest > l1 ? l1 / steepest : 1;
  const rest = square + l2 * squared;
  const objective = 0.5 * rest + l1 * absolute;
  const gap = objective + 0.5 * shrink * shrink * rest - shrink * withTarget;
  return { objective, gap: Math.max(0, gap), duals: correlations.map((value) => (value * shrink) / l1) };
}

/** The columns that may have a weight at the minimum; those that cannot lose theirs. */
function screen(
  residual: Residual,
  weights: Float64Array,
  { active, at, l1, l2 }: { active: Uint32Array<ArrayBuffer>; at: Gap; l1: number; l2: number },
): Uint32Array<ArrayBuffer> {
  const radius = Math.sqrt(2 * at.gap) / l1;
  return active.filter((j) => {
    if (Math.abs(at.duals[j]) + radius * Math.sqrt(residual.squares[j] + l2) >= 1) return true;
    if (weights[j] !== 0) residual.move(j, -weights[j]);
    weights[j] = 0;
    return false;
  });
}

/** Minimises along each coordinate in turn; gives back the largest move as a share of the largest weight. */
function sweep(
  residual: Residual,
  weights: Float64Array,
  { active, l1, l2 }: { active: Uint32Array; l1: number; l2: number },
): number {
  let [largestMove, largest] = [0, 0];
  for (let i = 0; i < active.length; i++) {
    const j = active[i];
    const before = weights[j];
    const pull = residual.correlation(j) + residual.squares[j] * before;
    const over = Math.abs(pull) - l1;
    const after = over > 0 ? (Math.sign(pull) * over) / (residual.squares[j] + l2) : 0;
    if (after !== before) {
      weights[j] = after;
      residual.move(j, after - before);
      largestMove = Math.max(largestMove, Math.abs(after - before));
    }
    largest = Math.max(largest, Math.abs(after));
  }
  return largest === 0 ? 0 : largestMove / largest;
}

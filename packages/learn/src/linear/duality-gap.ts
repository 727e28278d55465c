// How far weights are from the minimum of a squared loss with an L1 penalty, by a point of the dual problem.
import type { ResidualFigures } from "./squared-rows.ts";

export interface Gap {
  readonly objective: number;
  readonly gap: number;
  /** Products of the columns, the L2 penalty's rows included, with the dual point, which are within -1 and 1. */
  readonly duals: Float64Array;
  /** By how much the dual point is the residual's, shrunk. */
  readonly shrink: number;
  /** From the dual point to that of the minimum is at most this. */
  readonly radius: number;
}

interface Penalised {
  /** All other columns have no weight at the minimum. */
  readonly active: Uint32Array;
  readonly l1: number;
  readonly l2: number;
}

/**
 * By how much |R|^2 / 2 + l1 |w| + l2 / 2 |w|^2 is at most above its minimum.
 * The L2 penalty is that of further rows sqrt(l2) I with target 0, which makes the problem a lasso; its dual point is
 * the residual, shrunk until no column's product with it exceeds l1.
 */
export function dualityGap(
  { correlations, square, withTarget }: ResidualFigures,
  weights: Float64Array,
  { active, l1, l2 }: Penalised,
): Gap {
  let [absolute, squared, steepest] = [0, 0, 0];
  for (let i = 0; i < active.length; i++) {
    const j = active[i];
    absolute += Math.abs(weights[j]);
    squared += weights[j] * weights[j];
    steepest = Math.max(steepest, Math.abs(correlations[j] - l2 * weights[j]));
  }
  const shrink = steepest > l1 ? l1 / steepest : 1;
  const rest = square + l2 * squared;
  const objective = 0.5 * rest + l1 * absolute;
  const gap = Math.max(0, objective + 0.5 * shrink * shrink * rest - shrink * withTarget);
  const duals = correlations.map((value, j) => ((value - l2 * weights[j]) * shrink) / l1);
  return { objective, gap, duals, shrink, radius: Math.sqrt(2 * gap) / l1 };
}

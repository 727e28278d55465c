// The learning rate that is stable for given rows: chosen from it when none is given, and named when a run diverges.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import { type DenseRows, packRows } from "../matrix/dense-rows.ts";
import { batchCurvature, curvatureOf } from "./curvature.ts";
import type { DescentParams } from "./descent-params.ts";
import type { LossKind } from "./gradient-pass.ts";

/** Curvature for choosing a rate is taken from at most so many rows, evenly spaced. */
export const SAMPLE_ROWS = 16_384;

export interface StepLimit {
  /** Largest curvature that a step can meet. */
  readonly curvature: number;
  /** Steps from here on are not stable. */
  readonly limit: number;
}

/** Rows per update. */
export function batchOf({ method, batchSize }: DescentParams, rows: number): number {
  return method === "batch" ? rows : method === "sgd" ? 1 : Math.min(rows, batchSize);
}

/**
 * Where steps over these rows stop being stable. Momentum adds up 1 / (1 - momentum) steps: on full batches heavy-ball
 * steps are stable up to 2 (1 + momentum) / curvature, random ones only up to 2 (1 - momentum) / curvature.
 */
export function stepLimit(
  runtime: KernelRuntime,
  params: DescentParams,
  { memory, ...rows }: { x: DenseRows; kind: LossKind | number; memory: Allocations; longest?: number },
): StepLimit {
  const { x } = rows;
  const curvatures = curvatureOf(runtime, memory, rows);
  const curvature = batchCurvature(curvatures, x.rows, batchOf(params, x.rows)) + params.l2;
  const { momentum } = params;
  const room = params.method === "batch" ? 1 + momentum : 1 - momentum;
  return { curvature, limit: (2 * room) / curvature };
}

/** The rows that a rate is for. */
interface RateProblem {
  readonly columns: readonly Float64Array[];
  readonly weights?: Float64Array;
  readonly rows: number;
  readonly kind: LossKind | number;
  /** The largest squared length of a row, where `columns` are a sample of them; the intercept's 1 comes on top. */
  readonly longest?: number;
}

/**
 * A rate at half the limit or less for these columns. The curvature of all rows together is that of a sample; the longest
 * row is looked for among all, since one outlier that a sample lacks is enough to throw a small batch off.
 */
export function stableRate(
  runtime: KernelRuntime,
  params: DescentParams,
  { columns, weights, rows, kind, longest }: RateProblem,
): number {
  const every = Math.ceil(rows / SAMPLE_ROWS);
  const count = Math.ceil(rows / every);
  const roots = weights === undefined ? undefined : rootsOfShares(weights);
  const intercept = params.fitIntercept && roots === undefined;
  // A row that counts w times curves the loss as one sqrt(w) times as long does, its 1 for the intercept included.
  const laid = roots === undefined || !params.fitIntercept ? columns : [...columns, new Float64Array(rows).fill(1)];
  const sampled = laid.map((values) =>
    Float64Array.from({ length: count }, (_, i) => values[i * every] * (roots?.[i * every] ?? 1)),
  );
  const { curvature } = runtime.scope((memory) => {
    const x = packRows(runtime, memory, { columns: sampled, rows: count, intercept });
    const reach = longest ?? (every > 1 ? longestRow(laid, roots) : 0);
    return stepLimit(runtime, params, { x, kind, memory, longest: reach > 0 && intercept ? reach + 1 : reach });
  });
  if (curvature === 0) return 1;
  return params.method === "batch" ? 1 / curvature : (1 - params.momentum) / curvature;
}

/**
 * A rate for optimisers whose steps have its size whatever the gradients: a tenth of `spread`, that of the scores, over
 * the size of the columns' values.
 */
export function adaptiveRate(columns: readonly Float64Array[], spread: number): number {
  let square = 0;
  for (const values of columns) {
    for (let i = 0; i < values.length; i++) square += (values[i] * values[i]) / values.length / columns.length;
  }
  return square > 0 && spread > 0 && Number.isFinite(square) ? (0.1 * spread) / Math.sqrt(square) : 0.1;
}

/** The largest squared length of a row, each times its root. */
export function longestRow(columns: readonly Float64Array[], roots?: Float64Array): number {
  const squares = new Float64Array(columns[0].length);
  for (const values of columns) for (let i = 0; i < squares.length; i++) squares[i] += values[i] * values[i];
  let longest = 0;
  for (let i = 0; i < squares.length; i++) {
    longest = Math.max(longest, squares[i] * (roots === undefined ? 1 : roots[i] * roots[i]));
  }
  // What is not finite is refused where the rows are laid.
  return Number.isFinite(longest) ? longest : 0;
}

// Internal

/** Of weights that are 1 on average. */
function rootsOfShares(weights: Float64Array): Float64Array {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.map((weight) => Math.sqrt(weight / mean));
}

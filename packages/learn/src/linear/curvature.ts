// How curved the loss of a linear model is at most, which bounds the learning rate: gradient descent on a quadratic of
// curvature L is stable below 2 / L.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import { type DenseRows, zerosF64 } from "../matrix/dense-rows.ts";
import { GradientPass, type LossKind } from "./gradient-pass.ts";

/** The second derivative of the loss by the score is at most this: 1, p(1-p) <= 1/4, and 1/2 for softmax (Böhning 1992). */
const SCORE_CURVATURE = { squared: 1, logistic: 0.25, softmax: 0.5 } as const;
const POWER_STEPS = 100;
const POWER_TOLERANCE = 1e-4;
const ROW_GRAIN = 4096;

export interface Curvature {
  /** Of the mean loss over all rows: the largest eigenvalue of X'X / n times the loss's own curvature. */
  readonly all: number;
  /** Of the single row with the largest. */
  readonly row: number;
}

/**
 * The curvatures over these rows of a loss, or of one whose second derivative by the score is at most a number. `longest`
 * is the largest squared length of a row where these rows are a sample, which may lack it.
 */
export function curvatureOf(
  runtime: KernelRuntime,
  memory: Allocations,
  { x, kind, longest = 0 }: { x: DenseRows; kind: LossKind | number; longest?: number },
): Curvature {
  const factor = typeof kind === "number" ? kind : SCORE_CURVATURE[kind];
  return {
    all: factor * largestEigenvalue(runtime, memory, x),
    row: factor * Math.max(longest, largestRow(runtime, memory, x)),
  };
}

/**
 * What a step over `batch` random rows meets in expectation: all rows' curvature for all of them, one row's for one
 * (expected smoothness, Gower et al. 2019, SGD: General Analysis and Improved Rates, proposition 3.8).
 */
export function batchCurvature({ all, row }: Curvature, rows: number, batch: number): number {
  if (rows <= 1 || batch >= rows) return all;
  const share = (rows * (batch - 1)) / (batch * (rows - 1));
  return Math.min(row, share * all + ((rows - batch) / (batch * (rows - 1))) * row);
}

// Internal

/** The largest eigenvalue of X'X / n by power iteration; with y = 0 the squared loss's gradient at v is X'Xv. */
function largestEigenvalue(runtime: KernelRuntime, memory: Allocations, x: DenseRows): number {
  const y = zerosF64(runtime, memory, x.rows);
  const pass = new GradientPass(runtime, memory, { kind: "squared", x, y, outputs: 1 });
  const v = new Float64Array(x.stride);
  // Unequal entries, so that the start is not orthogonal to the eigenvector of a symmetric design.
  for (let j = 0; j < x.stride; j++) v[j] = 1 + j / x.stride;
  const next = new Float64Array(x.stride);
  let eigenvalue = 0;
  for (let step = 0; step < POWER_STEPS; step++) {
    normalise(v);
    pass.run(v, next);
    const before = eigenvalue;
    eigenvalue = norm(next) / x.rows;
    v.set(next);
    if (Math.abs(eigenvalue - before) <= POWER_TOLERANCE * eigenvalue) break;
  }
  memory.free(y);
  return eigenvalue;
}

function largestRow(runtime: KernelRuntime, memory: Allocations, x: DenseRows): number {
  const chunks = Math.ceil(x.rows / ROW_GRAIN);
  const out = memory.alloc(chunks * 8);
  runtime.parallel("largestRow", [x.pointer, x.stride, out, ROW_GRAIN], x.rows, ROW_GRAIN);
  let largest = 0;
  for (const value of runtime.f64(out, chunks)) largest = Math.max(largest, value);
  memory.free(out);
  return largest;
}

function norm(v: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < v.length; j++) sum += v[j] * v[j];
  return Math.sqrt(sum);
}

function normalise(v: Float64Array): void {
  const length = norm(v);
  if (length === 0) return;
  for (let j = 0; j < v.length; j++) v[j] /= length;
}

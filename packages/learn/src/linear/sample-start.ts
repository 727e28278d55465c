// Where to start on many rows: at the minimum for an evenly spaced sample, with the sample's second derivative as the
// first idea of curvature (Byrd, Chin, Neveitt & Nocedal 2011, On the Use of Stochastic Hessian Information in
// Optimization Methods for Machine Learning). It saves passes over all rows; the minimum that is found is all rows'.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import { gatherValues, pickRows, type RowShare } from "../base/row-share.ts";
import { symmetricSolver } from "../matrix/cholesky.ts";
import { copyF64, copyI32, type DenseRows } from "../matrix/dense-rows.ts";
import { GradientPass, type LossData } from "./gradient-pass.ts";
import { minimise } from "./lbfgs.ts";
import { penalisedMean } from "./penalised-mean.ts";

export interface SampleStart {
  readonly start: Float64Array;
  /** About the inverse second derivative there. */
  readonly precondition: (vector: Float64Array) => void;
  /** Whether passes in single precision give gradients that are good enough for the tolerance. */
  readonly isSingleEnough: boolean;
}

interface Problem {
  readonly data: LossData;
  readonly penalty: number;
  readonly tolerance: number;
  /** Where `data` are the rows of one rank: the sample is of all ranks', and the same on each. */
  readonly share?: RowShare;
}

/** The sample is this share of the rows, so that the sample's passes together cost about one over all rows. */
const SHARE = 16;
/** Its minimum is then as near as one of these many rows can be; more would not spare another pass. */
const MAX_ROWS = 65_536;
const MIN_ROWS = 2048;
/** Fewer rows per weight do not tell the curvature. */
const ROWS_PER_WEIGHT = 20;
/** The second derivative costs the square of the columns per row, so it is taken from fewer rows and columns. */
const MAX_CURVATURE_ROWS = 8192;
const MAX_STRIDE = 256;
const MAX_ITERATIONS = 30;
/** Single precision may err by this share of the tolerance. */
const SINGLE_SHARE = 0.1;
const GRAIN = 512;

/** A start and a preconditioner for the minimum of `data`'s penalised mean; none where a sample tells too little. */
export async function startFromSample(runtime: KernelRuntime, problem: Problem): Promise<SampleStart | undefined> {
  const { data, penalty, tolerance, share } = problem;
  const { stride } = data.x;
  const rows = share?.total ?? data.x.rows;
  const count = Math.min(MAX_ROWS, Math.floor(rows / SHARE));
  const width = data.outputs * stride;
  if (count < Math.max(MIN_ROWS, ROWS_PER_WEIGHT * width) || stride > MAX_STRIDE) return undefined;
  return await runtime.scope(async (memory) => {
    const sample =
      share === undefined
        ? gather(runtime, memory, data, count)
        : await gatherTogether(runtime, memory, data, { share, count });
    const zero = new Float64Array(width);
    const precondition = inverseCurvature(runtime, { sample, penalty, weights: zero });
    const objective = penalisedMean(runtime, memory, { data: sample, penalty });
    const onIteration = async () => {};
    const { x, value } = await minimise(objective, zero, {
      tolerance,
      maxIterations: MAX_ITERATIONS,
      onIteration,
      precondition,
    });
    if (!Number.isFinite(value)) return undefined;
    return {
      start: x,
      precondition: inverseCurvature(runtime, { sample, penalty, weights: x }),
      isSingleEnough: singleError(runtime, memory, sample, x) <= SINGLE_SHARE * tolerance,
    };
  });
}

// Internal

/** By how much passes in single precision err in any entry of the mean gradient, measured on the sample. */
function singleError(runtime: KernelRuntime, memory: Allocations, sample: LossData, weights: Float64Array): number {
  if (sample.kind !== "logistic") return Number.POSITIVE_INFINITY;
  const [double, single] = [false, true].map((isSingle) => {
    const gradient = new Float64Array(weights.length);
    new GradientPass(runtime, memory, { ...sample, isSingle }).run(weights, gradient);
    return gradient;
  });
  let error = 0;
  for (let j = 0; j < weights.length; j++) error = Math.max(error, Math.abs(double[j] - single[j]));
  // Written so that NaN, where float32 overflows, is no small error.
  return error >= 0 ? error / sample.x.rows : Number.POSITIVE_INFINITY;
}

/** `count` evenly spaced rows and their targets. */
function gather(runtime: KernelRuntime, memory: Allocations, data: LossData, count: number): LossData {
  const { x, y, kind } = data;
  const every = x.rows / count;
  const order = memory.alloc(count * 4);
  runtime.u32(order, count).set(Uint32Array.from({ length: count }, (_, i) => Math.floor(i * every)));
  const bytes = kind === "softmax" ? 4 : 8;
  const pointer = memory.alloc(count * x.stride * 4);
  const targets = memory.alloc(count * bytes);
  runtime.parallel("gatherRows", [x.pointer, x.stride, y, bytes, order, pointer, targets, 0], count, GRAIN);
  return { ...data, x: { ...x, rows: count, pointer }, y: targets };
}

/** `gather` of all ranks' rows. */
async function gatherTogether(
  runtime: KernelRuntime,
  memory: Allocations,
  data: LossData,
  { share, count }: { share: RowShare; count: number },
): Promise<LossData> {
  const { x, y, kind } = data;
  const every = share.total / count;
  const wanted = Uint32Array.from({ length: count }, (_, i) => Math.floor(i * every));
  const { own, picked } = pickRows(share, wanted);
  const rows = runtime.f32(x.pointer, x.rows * x.stride);
  const values = new Float64Array(own.length * x.stride);
  for (const [i, row] of own.entries()) values.set(rows.subarray(row * x.stride, (row + 1) * x.stride), i * x.stride);
  const targets = kind === "softmax" ? runtime.i32(y, x.rows) : runtime.f64(y, x.rows);
  const ownTargets = Float64Array.from(own, (row) => targets[row]);
  const all = await gatherValues(picked, values, x.stride);
  const allTargets = await gatherValues(picked, ownTargets);
  const pointer = memory.alloc(all.length * 4);
  runtime.f32(pointer, all.length).set(all);
  const at = kind === "softmax" ? copyI32(runtime, memory, allTargets) : copyF64(runtime, memory, allTargets);
  return { ...data, x: { ...x, rows: count, pointer }, y: at };
}

/** The inverse of the second derivative at `weights`; with several classes, of each class's own block of it. */
function inverseCurvature(
  runtime: KernelRuntime,
  { sample, penalty, weights }: { sample: LossData; penalty: number; weights: Float64Array },
): (vector: Float64Array) => void {
  const every = Math.ceil(sample.x.rows / MAX_CURVATURE_ROWS);
  const rows = Math.floor(sample.x.rows / every);
  const { stride, intercept } = sample.x;
  const slopes = scoreCurvatures(runtime, sample, weights, { rows, every });
  const solvers = slopes.map((slope) => {
    const products = weightedGram(runtime, sample.x, slope, every);
    for (let j = 0; j < stride; j++) {
      // A column that is 0 in the whole sample may still be 1 in a few rows.
      products[j * stride + j] += 0.25 / rows + (j === intercept ? 0 : penalty);
    }
    return symmetricSolver(products, stride);
  });
  return (vector) => {
    solvers.forEach((solve, k) => {
      solve(vector.subarray(k * stride, (k + 1) * stride));
    });
  };
}

/** p (1 - p) of every output's probability in `rows` rows, divided by their number. */
function scoreCurvatures(
  runtime: KernelRuntime,
  { x, outputs }: LossData,
  weights: Float64Array,
  { rows, every }: { rows: number; every: number },
): Float64Array[] {
  const slopes = Array.from({ length: outputs }, () => new Float64Array(rows));
  const values = runtime.f32(x.pointer, x.rows * x.stride);
  const scores = new Float64Array(outputs);
  for (let i = 0; i < rows; i++) {
    const at = i * every * x.stride;
    for (let k = 0; k < outputs; k++) {
      let sum = 0;
      for (let j = 0; j < x.stride; j++) sum += values[at + j] * weights[k * x.stride + j];
      scores[k] = sum;
    }
    // One score is that of the second class against the first, whose score is 0.
    let top = outputs === 1 ? 0 : Number.NEGATIVE_INFINITY;
    for (let k = 0; k < outputs; k++) top = Math.max(top, scores[k]);
    let sum = outputs === 1 ? Math.exp(-top) : 0;
    for (let k = 0; k < outputs; k++) sum += Math.exp(scores[k] - top);
    for (let k = 0; k < outputs; k++) {
      const p = Math.exp(scores[k] - top) / sum;
      slopes[k][i] = (p * (1 - p)) / rows;
    }
  }
  return slopes;
}

/** The sum of slope times row times row' (stride x stride, lower triangle). */
function weightedGram(runtime: KernelRuntime, x: DenseRows, slopes: Float64Array, every: number): Float64Array {
  const { stride } = x;
  const rows = slopes.length;
  const height = rows + (rows % 2);
  return runtime.scope((memory) => {
    const panels = memory.alloc(stride * height * 8);
    const total = memory.alloc(stride * stride * 8);
    const values = runtime.f32(x.pointer, x.rows * stride);
    const out = runtime.f64(panels, stride * height);
    if (height > rows) out.fill(0);
    for (let i = 0; i < rows; i++) {
      const root = Math.sqrt(slopes[i]);
      const from = i * every * stride;
      // Panels are of four columns, of which two rows lie side by side.
      for (let j = 0; j < stride; j += 4) {
        const to = j * height + (i >> 1) * 8 + (i & 1);
        for (let k = 0; k < 4; k++) out[to + 2 * k] = values[from + j + k] * root;
      }
    }
    const products = runtime.f64(total, stride * stride).fill(0);
    runtime.parallel("gramPanels", [panels, height, rows, stride, total], stride / 4, 1);
    return products.slice();
  });
}

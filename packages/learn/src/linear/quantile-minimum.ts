// The minimum of the quantile (pinball) loss with an L1 penalty, a linear program, by a primal-dual interior point method
// (Portnoy & Koenker 1997, The Gaussian Hare and the Laplacian Tortoise; Mehrotra 1992). Its dual has one number a per
// row: maximise y'a with X'a = 0 and (q - 1) w <= a <= q w. The penalty on coefficient j is one more row, e_j with y = 0
// and -alpha <= a <= alpha. A step costs one weighted X'X.
import type { KernelRuntime } from "@massif/kernels";
import { symmetricSolver } from "../matrix/cholesky.ts";
import { solveLeastSquares } from "./closed-form.ts";
import { gram } from "./gram.ts";
import { addScores, type ShiftedColumns, writeProducts } from "./shifted-columns.ts";

export interface QuantileProblem extends ShiftedColumns {
  readonly target: Float64Array;
  /** How much each row counts, all above 0. */
  readonly weights: Float64Array;
  readonly quantile: number;
  /** Weight of the absolute coefficients against the summed loss. */
  readonly l1: number;
  readonly fitIntercept: boolean;
  /** Stops when the summed loss is surely within this of its minimum. */
  readonly enough: number;
  readonly maxIterations: number;
  readonly onIteration: (iteration: number, value: number) => Promise<void>;
}

export interface QuantileMinimum {
  /** Coefficients, then the intercept of the shifted columns if there is one. */
  readonly x: Float64Array;
  readonly value: number;
  /** By how much `value` is at most above the minimum. */
  readonly gap: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Steps go this share of the way to the boundary. */
const SHARE = 0.9995;
/** Multipliers begin at this share of the mean error from 0. */
const START = 0.1;

/** Minimises the sum of the weighted losses plus l1 |w|. */
export async function minimiseQuantileLoss(runtime: KernelRuntime, problem: QuantileProblem): Promise<QuantileMinimum> {
  const { enough, maxIterations, onIteration } = problem;
  const point = new InteriorPoint(runtime, problem);
  let best = point.x.slice();
  let value = point.primal();
  let highest = Number.NEGATIVE_INFINITY;
  for (let iteration = 0; ; iteration++) {
    const now = point.primal();
    if (now < value) {
      value = now;
      best = point.x.slice();
    }
    highest = Math.max(highest, point.dual());
    const gap = Math.max(0, value - highest);
    const done = { x: best, value, gap, iterations: iteration };
    if (gap <= enough) return { ...done, converged: true };
    if (iteration === maxIterations || !point.step()) return { ...done, converged: false };
    await onIteration(iteration + 1, value);
  }
}

/** The summed loss plus the penalty at `x`; `errors` becomes y less the fit, of the penalty's rows too. */
export function quantileLoss(problem: QuantileProblem, x: Float64Array, errors: Float64Array): number {
  const { columns, target, weights, quantile, l1, fitIntercept } = problem;
  const rows = target.length;
  const own = errors.subarray(0, rows).fill(fitIntercept ? x[columns.length] : 0);
  addScores(problem, x, own);
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    own[i] = target[i] - own[i];
    sum += weights[i] * (own[i] > 0 ? quantile : quantile - 1) * own[i];
  }
  for (let j = 0; j < columns.length; j++) {
    if (errors.length > rows) errors[rows + j] = -x[j];
    sum += l1 * Math.abs(x[j]);
  }
  return sum;
}

// Internal

class InteriorPoint {
  /** The multipliers of X'a = 0: coefficients, and the intercept. */
  readonly x: Float64Array;
  readonly #runtime: KernelRuntime;
  readonly #problem: QuantileProblem;
  readonly #rows: number;
  readonly #a: Float64Array;
  /** Bounds of a, and a's distances to them. */
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #toLow: Float64Array;
  readonly #toHigh: Float64Array;
  /** Multipliers of the bounds. */
  readonly #lowPull: Float64Array;
  readonly #highPull: Float64Array;
  readonly #errors: Float64Array;

  constructor(runtime: KernelRuntime, problem: QuantileProblem) {
    const { columns, target, weights, quantile, l1, fitIntercept } = problem;
    this.#runtime = runtime;
    this.#problem = problem;
    this.#rows = target.length;
    const all = target.length + (l1 > 0 ? columns.length : 0);
    // a = 0 meets X'a = 0 exactly.
    this.#a = new Float64Array(all);
    this.#low = new Float64Array(all).fill(-l1);
    this.#high = new Float64Array(all).fill(l1);
    for (let i = 0; i < target.length; i++) {
      this.#low[i] = (quantile - 1) * weights[i];
      this.#high[i] = quantile * weights[i];
    }
    this.#toLow = this.#low.map((bound) => -bound);
    this.#toHigh = this.#high.slice();
    this.#errors = new Float64Array(all);
    this.x = startOf(runtime, problem, fitIntercept);
    quantileLoss(problem, this.x, this.#errors);
    const mean = this.#errors.reduce((sum, error) => sum + Math.abs(error), 0) / all;
    const room = START * Math.max(mean, Number.MIN_VALUE * 1e10);
    this.#lowPull = this.#errors.map((error) => Math.max(0, -error) + room);
    this.#highPull = this.#errors.map((error) => Math.max(0, error) + room);
  }

  primal(): number {
    return quantileLoss(this.#problem, this.x, this.#errors);
  }

  dual(): number {
    const { target } = this.#problem;
    let sum = 0;
    for (let i = 0; i < target.length; i++) sum += target[i] * this.#a[i];
    // What rounding has left of X'a acts against coefficients as large as these.
    const rest = this.#products(this.#a);
    for (let j = 0; j < rest.length; j++) sum -= Math.abs(rest[j] * this.x[j]);
    return sum;
  }

  /** One predictor and corrector step; false where the numbers allow none. `primal` must have been asked for. */
  step(): boolean {
    const count = this.#a.length;
    const shares = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      shares[i] = 1 / (this.#highPull[i] / this.#toHigh[i] + this.#lowPull[i] / this.#toLow[i]);
    }
    const solve = this.#system(shares);
    const gap = this.#gap(0, undefined);
    const affine = this.#direction(shares, solve, { centre: 0 });
    const after = this.#gap(1, affine);
    const centre = ((after / gap) ** 3 * gap) / (2 * count);
    const move = this.#direction(shares, solve, { centre, affine });
    const inner = Math.min(1, SHARE * this.#room(move, "inner"));
    const outer = Math.min(1, SHARE * this.#room(move, "outer"));
    if (!(inner > 0 && outer > 0) || !move.x.every(Number.isFinite)) return false;
    for (let i = 0; i < count; i++) {
      this.#a[i] += inner * move.a[i];
      this.#toLow[i] += inner * move.a[i];
      this.#toHigh[i] -= inner * move.a[i];
      this.#lowPull[i] += outer * move.low[i];
      this.#highPull[i] += outer * move.high[i];
    }
    for (let j = 0; j < this.x.length; j++) this.x[j] += outer * move.x[j];
    return this.#toLow.every((room) => room > 0) && this.#toHigh.every((room) => room > 0);
  }

  // Internal

  /** X' times one number per row, the penalty's rows included. */
  #products(rows: Float64Array): Float64Array {
    const { columns, l1 } = this.#problem;
    const out = new Float64Array(this.x.length);
    const own = rows.subarray(0, this.#rows);
    writeProducts(this.#problem, own, out);
    if (l1 > 0) for (let j = 0; j < columns.length; j++) out[j] += rows[this.#rows + j];
    if (out.length > columns.length) out[columns.length] = own.reduce((sum, value) => sum + value, 0);
    return out;
  }

  /** Solves with X' S X. */
  #system(shares: Float64Array): (b: Float64Array) => void {
    const { columns, shifts, l1 } = this.#problem;
    const order = this.x.length;
    const own = shares.subarray(0, this.#rows);
    const hasOnes = order > columns.length;
    const all = hasOnes ? [...columns, new Float64Array(this.#rows).fill(1)] : columns;
    const { products, width } = gram(this.#runtime, all, hasOnes ? [...shifts, 0] : shifts, own);
    const matrix = new Float64Array(order * order);
    for (let i = 0; i < order; i++) matrix.set(products.subarray(i * width, i * width + i + 1), i * order);
    if (l1 > 0) for (let j = 0; j < columns.length; j++) matrix[j * order + j] += shares[this.#rows + j];
    return symmetricSolver(matrix, order);
  }

  #direction(
    shares: Float64Array,
    solve: (b: Float64Array) => void,
    { centre, affine }: { centre: number; affine?: Direction },
  ): Direction {
    const count = this.#a.length;
    const low = new Float64Array(count);
    const high = new Float64Array(count);
    const a = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const [second, third] =
        affine === undefined ? [0, 0] : [affine.a[i] * affine.low[i], affine.a[i] * affine.high[i]];
      low[i] = (centre - second) / this.#toLow[i] - this.#lowPull[i];
      high[i] = (centre + third) / this.#toHigh[i] - this.#highPull[i];
      const rest = this.#errors[i] - this.#highPull[i] + this.#lowPull[i];
      a[i] = shares[i] * (rest - high[i] + low[i]);
    }
    const x = this.#products(a);
    const rest = this.#products(this.#a);
    for (let j = 0; j < x.length; j++) x[j] += rest[j];
    solve(x);
    this.#subtractFit(a, shares, x);
    for (let i = 0; i < count; i++) {
      low[i] -= (this.#lowPull[i] / this.#toLow[i]) * a[i];
      high[i] += (this.#highPull[i] / this.#toHigh[i]) * a[i];
    }
    return { a, low, high, x };
  }

  /** a -= shares times X x. */
  #subtractFit(a: Float64Array, shares: Float64Array, x: Float64Array): void {
    const { columns, l1, fitIntercept } = this.#problem;
    const fit = new Float64Array(this.#rows).fill(fitIntercept ? x[columns.length] : 0);
    addScores(this.#problem, x, fit);
    for (let i = 0; i < fit.length; i++) a[i] -= shares[i] * fit[i];
    if (l1 > 0) for (let j = 0; j < columns.length; j++) a[this.#rows + j] -= shares[this.#rows + j] * x[j];
  }

  /** The sum of distances times multipliers, after a whole step where there is one. */
  #gap(size: number, move: Direction | undefined): number {
    const inner = move === undefined ? 0 : Math.min(size, this.#room(move, "inner"));
    const outer = move === undefined ? 0 : Math.min(size, this.#room(move, "outer"));
    let sum = 0;
    for (let i = 0; i < this.#a.length; i++) {
      const [a, low, high] = move === undefined ? [0, 0, 0] : [move.a[i], move.low[i], move.high[i]];
      sum += (this.#toLow[i] + inner * a) * (this.#lowPull[i] + outer * low);
      sum += (this.#toHigh[i] - inner * a) * (this.#highPull[i] + outer * high);
    }
    return sum;
  }

  /** How many such moves the distances (inner) or the multipliers (outer) bear before one is 0. */
  #room(move: Direction, of: "inner" | "outer"): number {
    let room = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#a.length; i++) {
      const [first, second] = of === "inner" ? [move.a[i], -move.a[i]] : [move.low[i], move.high[i]];
      const [a, b] = of === "inner" ? [this.#toLow[i], this.#toHigh[i]] : [this.#lowPull[i], this.#highPull[i]];
      if (first < 0) room = Math.min(room, -a / first);
      if (second < 0) room = Math.min(room, -b / second);
    }
    return room;
  }
}

interface Direction {
  readonly a: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly x: Float64Array;
}

/** Least squares, of the shifted columns. */
function startOf(runtime: KernelRuntime, problem: QuantileProblem, fitIntercept: boolean): Float64Array {
  const { columns, shifts, target, weights } = problem;
  const { coefficients, intercept } = solveLeastSquares(runtime, { columns, target, alpha: 0, fitIntercept, weights });
  const x = new Float64Array(columns.length + (fitIntercept ? 1 : 0));
  x.set(coefficients);
  if (fitIntercept) {
    x[columns.length] = intercept;
    for (let j = 0; j < columns.length; j++) x[columns.length] += coefficients[j] * shifts[j];
  }
  return x;
}

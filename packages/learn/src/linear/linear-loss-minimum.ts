// The minimum of a smooth loss of one score per row plus an L2 penalty, in double precision: by Newton's method with the
// second derivative from the Gram kernel, or by L-BFGS where there are too many columns for that.
import type { KernelRuntime } from "@massif/kernels";
import type { FitContext } from "../base/component.ts";
import { symmetricSolver } from "../matrix/cholesky.ts";
import { columnMean, gram } from "./gram.ts";
import { minimise } from "./lbfgs.ts";
import { type CurvedFunction, type Expansion, minimiseByNewton } from "./newton.ts";
import { addScores, type ShiftedColumns, squares, unshifted, writeProducts } from "./shifted-columns.ts";

/** The loss of one row by its score; all three are infinite or NaN where the score has none. */
export interface RowLoss {
  /** Writes the loss, its derivative and its second derivative (or another that is above 0) by the score. */
  at(score: number, y: number, out: Float64Array): void;
}

export interface LinearLossProblem {
  readonly columns: readonly Float64Array[];
  readonly target: Float64Array;
  /** How much each row counts; absent: all alike. */
  readonly weights: Float64Array | undefined;
  readonly loss: RowLoss;
  /** Weight of half the squared coefficients against the mean loss. */
  readonly l2: number;
  readonly fitIntercept: boolean;
  /** The intercept to start from. */
  readonly start: number;
  readonly tolerance: number;
  readonly maxIterations: number;
}

export interface LinearLossMinimum {
  readonly coefficients: Float64Array;
  readonly intercept: number;
  /** The mean loss with the penalty. */
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** The products of so many columns cost more than L-BFGS's further passes. */
const MAX_NEWTON_COLUMNS = 400;

/** Minimises the weighted mean loss plus l2 / 2 |w|^2; reports every iteration. */
export async function minimiseLinearLoss(
  problem: LinearLossProblem,
  { runtime, report }: FitContext,
): Promise<LinearLossMinimum> {
  const { columns, weights, fitIntercept, tolerance, maxIterations } = problem;
  const shifts = columns.map((values) => (fitIntercept ? columnMean(values, weights) : 0));
  const f = new PenalisedLoss(runtime, problem, { columns, shifts });
  const start = new Float64Array(columns.length + (fitIntercept ? 1 : 0));
  if (fitIntercept) start[columns.length] = problem.start;
  const onIteration = (step: number, loss: number) => report({ step, total: maxIterations, unit: "iteration", loss });
  const options = { tolerance, maxIterations, onIteration };
  const { x, value, iterations, converged } =
    columns.length <= MAX_NEWTON_COLUMNS
      ? await minimiseByNewton(f, start, options)
      : await minimise(f.objective, start, { ...options, precondition: f.inverseDiagonal(start) });
  const coefficients = x.slice(0, columns.length);
  const intercept = fitIntercept ? unshifted({ columns, shifts }, coefficients, x[columns.length]) : 0;
  return { coefficients, intercept, value, iterations, converged };
}

// Internal

class PenalisedLoss implements CurvedFunction {
  readonly #runtime: KernelRuntime;
  readonly #problem: LinearLossProblem;
  readonly #data: ShiftedColumns;
  /** Of the rows' weights. */
  readonly #total: number;
  readonly #scores: Float64Array;
  readonly #slopes: Float64Array;
  readonly #curvatures: Float64Array;

  constructor(runtime: KernelRuntime, problem: LinearLossProblem, data: ShiftedColumns) {
    const { target, weights } = problem;
    this.#runtime = runtime;
    this.#problem = problem;
    this.#data = data;
    this.#total = weights === undefined ? target.length : weights.reduce((sum, weight) => sum + weight, 0);
    this.#scores = new Float64Array(target.length);
    this.#slopes = new Float64Array(target.length);
    this.#curvatures = new Float64Array(target.length);
  }

  value(x: Float64Array): number {
    return this.#lookAt(x) + this.#penalty(x);
  }

  expand(x: Float64Array): Expansion {
    const value = this.value(x);
    const gradient = new Float64Array(x.length);
    this.#writeGradient(x, gradient);
    return { value, gradient, step: this.#stepper(gradient) };
  }

  readonly objective = (x: Float64Array, gradient: Float64Array): number => {
    const value = this.value(x);
    this.#writeGradient(x, gradient);
    return value;
  };

  /** Divides by the diagonal of the second derivative at `x`. */
  inverseDiagonal(x: Float64Array): (vector: Float64Array) => void {
    this.#lookAt(x);
    const { l2 } = this.#problem;
    const diagonal = new Float64Array(x.length).fill(1);
    diagonal.set(squares(this.#data, this.#curvatures).map((sum) => sum + l2));
    if (x.length > this.#data.columns.length) diagonal[x.length - 1] = sumOf(this.#curvatures);
    return (vector) => {
      for (let j = 0; j < vector.length; j++) if (diagonal[j] > 0) vector[j] /= diagonal[j];
    };
  }

  // Internal

  /** The mean loss at `x`; leaves each row's share of the derivatives behind. */
  #lookAt(x: Float64Array): number {
    const { target, weights, loss, fitIntercept } = this.#problem;
    const scores = this.#scores.fill(fitIntercept ? x[x.length - 1] : 0);
    addScores(this.#data, x, scores);
    const at = new Float64Array(3);
    let sum = 0;
    for (let i = 0; i < scores.length; i++) {
      const share = (weights === undefined ? 1 : weights[i]) / this.#total;
      // A row that does not count may have any score.
      if (share === 0) {
        this.#slopes[i] = 0;
        this.#curvatures[i] = 0;
        continue;
      }
      loss.at(scores[i], target[i], at);
      sum += share * at[0];
      this.#slopes[i] = share * at[1];
      this.#curvatures[i] = share * at[2];
    }
    return sum;
  }

  #penalty(x: Float64Array): number {
    let square = 0;
    for (let j = 0; j < this.#data.columns.length; j++) square += x[j] * x[j];
    return 0.5 * this.#problem.l2 * square;
  }

  #writeGradient(x: Float64Array, gradient: Float64Array): void {
    const { columns } = this.#data;
    writeProducts(this.#data, this.#slopes, gradient);
    for (let j = 0; j < columns.length; j++) gradient[j] += this.#problem.l2 * x[j];
    if (gradient.length > columns.length) gradient[columns.length] = sumOf(this.#slopes);
  }

  /** The second derivative is taken once, however often its step is damped. */
  #stepper(gradient: Float64Array): (damping: number) => Float64Array {
    const order = gradient.length;
    const curvatures = this.#curvatures.slice();
    let second: Float64Array | undefined;
    return (damping) => {
      second ??= this.#second(curvatures, order);
      const damped = second.slice();
      for (let j = 0; j < order; j++) damped[j * order + j] += damping * (second[j * order + j] || 1);
      const step = gradient.map((value) => -value);
      symmetricSolver(damped, order)(step);
      return step;
    };
  }

  #second(curvatures: Float64Array, order: number): Float64Array {
    const { columns, shifts } = this.#data;
    const hasIntercept = order > columns.length;
    const all = hasIntercept ? [...columns, new Float64Array(curvatures.length).fill(1)] : columns;
    const { products, width } = gram(this.#runtime, all, hasIntercept ? [...shifts, 0] : shifts, curvatures);
    const second = new Float64Array(order * order);
    for (let i = 0; i < order; i++) second.set(products.subarray(i * width, i * width + i + 1), i * order);
    for (let j = 0; j < columns.length; j++) second[j * order + j] += this.#problem.l2;
    return second;
  }
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

// The minimum of Huber's loss over coefficients and scale together (Owen 2007, A robust hybrid of lasso and ridge
// regression): the mean of s + H(r / s) s with H(z) = z^2 up to epsilon and 2 epsilon |z| - epsilon^2 beyond, which is
// convex in both. The rows within epsilon s make its second derivative, 2 / s times the products of (x, 1, r / s).
import type { KernelRuntime } from "@massif/kernels";
import type { FitContext } from "../base/component.ts";
import { symmetricSolver } from "../matrix/cholesky.ts";
import { columnMean, gram } from "./gram.ts";
import { type CurvedFunction, type Expansion, minimiseByNewton } from "./newton.ts";
import { deviation } from "./score-losses.ts";
import { addScores, type ShiftedColumns, unshifted, writeProducts } from "./shifted-columns.ts";

export interface HuberProblem {
  readonly columns: readonly Float64Array[];
  readonly target: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly epsilon: number;
  /** Weight of the squared coefficients against the summed loss. */
  readonly alpha: number;
  readonly fitIntercept: boolean;
  readonly tolerance: number;
  readonly maxIterations: number;
}

export interface HuberMinimum {
  readonly coefficients: Float64Array;
  readonly intercept: number;
  /** What errors are measured by. */
  readonly scale: number;
  /** Rows further off than epsilon times the scale. */
  readonly outliers: number;
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Where rows are fitted exactly the scale goes to 0; below this share of the target's spread it stays as it is. */
const SMALLEST_SCALE = 1e-10;
/** A step leaves the scale at least this share of itself. */
const KEPT_SCALE = 0.1;

/** Minimises; reports every iteration. */
export async function minimiseHuber(
  problem: HuberProblem,
  { runtime, report }: Pick<FitContext, "runtime" | "report">,
): Promise<HuberMinimum> {
  const { columns, target, weights, fitIntercept, tolerance, maxIterations } = problem;
  const shifts = columns.map((values) => (fitIntercept ? columnMean(values, weights) : 0));
  const spread = deviation(target) || 1;
  const loss = new HuberLoss(runtime, problem, { data: { columns, shifts }, smallest: SMALLEST_SCALE * spread });
  const start = new Float64Array(columns.length + (fitIntercept ? 2 : 1));
  if (fitIntercept) start[columns.length] = columnMean(target, weights);
  start[start.length - 1] = spread;
  const onIteration = (step: number, value: number) =>
    report({ step, total: maxIterations, unit: "iteration", loss: value });
  const found = await minimiseByNewton(loss, start, { tolerance, maxIterations, onIteration });
  const coefficients = found.x.slice(0, columns.length);
  const intercept = fitIntercept ? unshifted({ columns, shifts }, coefficients, found.x[columns.length]) : 0;
  const { value, iterations, converged } = found;
  const scale = found.x[start.length - 1];
  return { coefficients, intercept, scale, outliers: loss.outliers(found.x), value, iterations, converged };
}

// Internal

class HuberLoss implements CurvedFunction {
  readonly #runtime: KernelRuntime;
  readonly #problem: HuberProblem;
  readonly #data: ShiftedColumns;
  readonly #smallest: number;
  readonly #total: number;
  /** Errors of the rows in units of the scale, and each row's shares of the derivatives by its score. */
  readonly #errors: Float64Array;
  readonly #slopes: Float64Array;
  readonly #curvatures: Float64Array;

  constructor(
    runtime: KernelRuntime,
    problem: HuberProblem,
    { data, smallest }: { data: ShiftedColumns; smallest: number },
  ) {
    const { target, weights } = problem;
    this.#runtime = runtime;
    this.#problem = problem;
    this.#data = data;
    this.#smallest = smallest;
    this.#total = weights === undefined ? target.length : weights.reduce((sum, weight) => sum + weight, 0);
    this.#errors = new Float64Array(target.length);
    this.#slopes = new Float64Array(target.length);
    this.#curvatures = new Float64Array(target.length);
  }

  value(x: Float64Array): number {
    return this.#lookAt(x).value;
  }

  expand(x: Float64Array): Expansion {
    const { columns } = this.#data;
    const { value, scaleSlope } = this.#lookAt(x);
    const gradient = new Float64Array(x.length);
    const penalty = (2 * this.#problem.alpha) / this.#total;
    writeProducts(this.#data, this.#slopes, gradient);
    for (let j = 0; j < columns.length; j++) gradient[j] += penalty * x[j];
    const last = x.length - 1;
    if (last > columns.length) gradient[columns.length] = this.#slopes.reduce((sum, slope) => sum + slope, 0);
    const isScaleFixed = x[last] <= this.#smallest && scaleSlope > 0;
    gradient[last] = isScaleFixed ? 0 : scaleSlope;
    return { value, gradient, step: this.#stepper(gradient, { penalty, isScaleFixed }) };
  }

  limit(x: Float64Array, step: Float64Array): void {
    const last = x.length - 1;
    const room = (KEPT_SCALE - 1) * x[last];
    if (step[last] >= room) return;
    const share = room / step[last];
    for (let j = 0; j < step.length; j++) step[j] *= share;
  }

  outliers(x: Float64Array): number {
    this.#lookAt(x);
    return this.#errors.reduce((count, error) => count + (Math.abs(error) > this.#problem.epsilon ? 1 : 0), 0);
  }

  // Internal

  #lookAt(x: Float64Array): { value: number; scaleSlope: number } {
    const { target, weights, epsilon, alpha, fitIntercept } = this.#problem;
    const { columns } = this.#data;
    const scale = x[x.length - 1];
    if (!(scale > 0)) return { value: Number.POSITIVE_INFINITY, scaleSlope: 0 };
    const errors = this.#errors.fill(fitIntercept ? x[columns.length] : 0);
    addScores(this.#data, x, errors);
    let [sum, scaleSlope] = [0, 0];
    for (let i = 0; i < errors.length; i++) {
      const share = (weights === undefined ? 1 : weights[i]) / this.#total;
      const z = (target[i] - errors[i]) / scale;
      const size = Math.abs(z);
      const isNear = size <= epsilon;
      errors[i] = z;
      sum += share * scale * (1 + (isNear ? z * z : epsilon * (2 * size - epsilon)));
      scaleSlope += share * (1 - (isNear ? z * z : epsilon * epsilon));
      this.#slopes[i] = -2 * share * (isNear ? z : epsilon * Math.sign(z));
      this.#curvatures[i] = isNear ? (2 * share) / scale : 0;
    }
    let square = 0;
    for (let j = 0; j < columns.length; j++) square += x[j] * x[j];
    return { value: sum + (alpha / this.#total) * square, scaleSlope };
  }

  #stepper(
    gradient: Float64Array,
    { penalty, isScaleFixed }: { penalty: number; isScaleFixed: boolean },
  ): (damping: number) => Float64Array {
    const order = gradient.length;
    const [errors, curvatures] = [this.#errors.slice(), this.#curvatures.slice()];
    let second: Float64Array | undefined;
    return (damping) => {
      second ??= this.#second(errors, curvatures, order);
      const damped = second.slice();
      for (let j = 0; j < this.#data.columns.length; j++) damped[j * order + j] += penalty;
      if (isScaleFixed) damped.fill(0, (order - 1) * order).fill(1, order * order - 1);
      for (let j = 0; j < order; j++) damped[j * order + j] += damping * (second[j * order + j] || 1);
      const step = gradient.map((value) => -value);
      symmetricSolver(damped, order)(step);
      return step;
    };
  }

  #second(errors: Float64Array, curvatures: Float64Array, order: number): Float64Array {
    const { columns, shifts } = this.#data;
    const ones = order > columns.length + 1 ? [new Float64Array(errors.length).fill(1)] : [];
    const all = [...columns, ...ones, errors];
    const { products, width } = gram(this.#runtime, all, [...shifts, ...ones.map(() => 0), 0], curvatures);
    const second = new Float64Array(order * order);
    for (let i = 0; i < order; i++) second.set(products.subarray(i * width, i * width + i + 1), i * order);
    return second;
  }
}

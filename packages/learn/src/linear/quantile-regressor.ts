// Linear regression of a quantile, such as the median.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { columnMean } from "./gram.ts";
import { minimiseQuantileLoss, type QuantileProblem, quantileLoss } from "./quantile-minimum.ts";
import { nearestVertex } from "./quantile-vertex.ts";
import { unshifted } from "./shifted-columns.ts";

const PARAMS = {
  quantile: {
    type: "float",
    default: 0.5,
    min: 0,
    max: 1,
    exclusiveMin: true,
    exclusiveMax: true,
    doc: "Share of the rows that lie below the prediction; 0.5 is the median.",
  },
  alpha: {
    type: "float",
    default: 1,
    min: 0,
    doc: "Weight of the absolute coefficients against the mean quantile loss.",
    search: { min: 1e-6, max: 1, log: true },
  },
  fitIntercept: { type: "boolean", default: true, doc: "Whether to learn an intercept; it is not penalised." },
  tolerance: {
    type: "float",
    default: 1e-9,
    min: 0,
    doc: "Stops when the duality gap, an upper bound of the error, is this share of the best constant's loss.",
  },
  maxIterations: { type: "int", default: 100, min: 1, doc: "Largest number of interior point iterations." },
} as const satisfies ParamTable;

/** The quantile loss with an L1 penalty, exactly minimised; `gap`, `loss` and `converged` are in the state's meta. */
export class QuantileRegressor extends LinearRegressor<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "QuantileRegressor",
    doc: "Linear regression of a quantile, such as the median, with an L1 penalty, solved as a linear program.",
    source: "Koenker & Bassett 1978, Regression Quantiles; Portnoy & Koenker 1997 (interior point)",
    params: PARAMS,
    task: "regression",
    input: "matrix",
    weights: "exact",
  };

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const columns = numericColumns(table, this.spec.name);
    const { values } = numberTarget(target, table.rows, this.spec.name);
    const weights = rowWeights(context, table.rows, this.spec);
    const data = withoutIdleRows(columns, values, weights);
    const total = data.weights.reduce((sum, weight) => sum + weight, 0);
    const problem = this.#problem(data, total, context);
    const least = problem.enough;
    const found = await minimiseQuantileLoss(context.runtime, { ...problem, enough: this.params.tolerance * least });
    const x = nearestVertex(problem, found.x, found.value) ?? found.x;
    const coefficients = x.slice(0, columns.length);
    const intercept = this.params.fitIntercept ? unshifted(problem, coefficients, x[columns.length]) : 0;
    const loss = quantileLoss(problem, x, new Float64Array(data.target.length)) / total;
    const { iterations, converged } = found;
    const model = { schema: tableSchema(table), coefficients, intercepts: Float64Array.of(intercept) };
    return this.learned(model, { loss, gap: found.gap / total, iterations, converged });
  }

  // Internal

  /** `enough` is the best constant's loss. */
  #problem(data: Rows, total: number, { report }: FitContext): QuantileProblem {
    const { quantile, alpha, fitIntercept, maxIterations } = this.params;
    const { columns, target, weights } = data;
    const shifts = columns.map((values) => (fitIntercept ? columnMean(values, weights) : 0));
    const constant = fitIntercept ? weightedQuantile(target, weights, quantile) : 0;
    let enough = 0;
    for (let i = 0; i < target.length; i++) {
      const rest = target[i] - constant;
      enough += weights[i] * (rest > 0 ? quantile : quantile - 1) * rest;
    }
    const onIteration = (step: number, value: number) =>
      report({ step, total: maxIterations, unit: "iteration", loss: value / total });
    return { ...data, shifts, quantile, l1: alpha * total, fitIntercept, enough, maxIterations, onIteration };
  }
}

// Internal

interface Rows {
  readonly columns: readonly Float64Array[];
  readonly target: Float64Array;
  readonly weights: Float64Array;
}

/** Rows of weight 0 have no room between their bounds. */
function withoutIdleRows(
  columns: readonly Float64Array[],
  target: Float64Array,
  weights: Float64Array | undefined,
): Rows {
  if (weights === undefined) return { columns, target, weights: new Float64Array(target.length).fill(1) };
  const keep = (values: Float64Array) => values.filter((_, i) => weights[i] > 0);
  return weights.every((weight) => weight > 0)
    ? { columns, target, weights }
    : { columns: columns.map(keep), target: keep(target), weights: keep(weights) };
}

/** The least value with at least `quantile` of the weight at or below it. */
function weightedQuantile(values: Float64Array, weights: Float64Array, quantile: number): number {
  const order = Uint32Array.from(values.keys()).sort((i, j) => values[i] - values[j]);
  const wanted = quantile * weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  for (const row of order) {
    sum += weights[row];
    if (sum >= wanted) return values[row];
  }
  return values[order[order.length - 1]];
}

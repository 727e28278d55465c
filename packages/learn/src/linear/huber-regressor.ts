// Linear regression that far-off rows do not pull along.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { minimiseHuber } from "./huber-minimum.ts";

const PARAMS = {
  epsilon: {
    type: "float",
    default: 1.35,
    min: 1,
    doc: "Errors beyond so many times the scale count by their size, not their square; 1.35 loses 5 % on normal noise.",
    search: { min: 1, max: 3 },
  },
  alpha: {
    type: "float",
    default: 1e-4,
    min: 0,
    doc: "Weight of the squared coefficients against the summed loss.",
    search: { min: 1e-6, max: 10, log: true },
  },
  fitIntercept: { type: "boolean", default: true, doc: "Whether to learn an intercept; it is not penalised." },
  tolerance: {
    type: "float",
    default: 1e-5,
    min: 0,
    doc: "Stops when no entry of the gradient of the mean is larger.",
  },
  maxIterations: { type: "int", default: 100, min: 1, doc: "Largest number of Newton iterations." },
} as const satisfies ParamTable;

/** Learns coefficients and the scale of the errors together; `scale`, `outliers` and `converged` are in the state's meta. */
export class HuberRegressor extends LinearRegressor<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "HuberRegressor",
    doc: "Linear regression that outliers pull little: squared loss near the line, absolute loss beyond.",
    source: "Huber 1964, Robust Estimation of a Location Parameter; Owen 2007 (scale)",
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
    const found = await minimiseHuber({ ...this.params, columns, target: values, weights }, context);
    const { coefficients, intercept, scale, outliers, value, iterations, converged } = found;
    const model = { schema: tableSchema(table), coefficients, intercepts: Float64Array.of(intercept) };
    return this.learned(model, { scale, outliers, loss: value, iterations, converged });
  }
}

// Least squares in closed form, with and without an L2 penalty.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { solveLeastSquares } from "./closed-form.ts";

const fitIntercept = { type: "boolean", default: true, doc: "Whether to learn an intercept." } as const;

const RIDGE_PARAMS = {
  alpha: {
    type: "float",
    default: 1,
    min: 0,
    doc: "Weight of the squared coefficients against the squared errors; 0 is plain least squares.",
    search: { min: 1e-3, max: 1e3, log: true },
  },
  fitIntercept,
} as const satisfies ParamTable;

const LEAST_SQUARES_PARAMS = { fitIntercept } as const satisfies ParamTable;

abstract class ClosedFormRegressor<T extends typeof LEAST_SQUARES_PARAMS> extends LinearRegressor<T> {
  protected abstract get alpha(): number;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const columns = numericColumns(table, this.spec.name);
    const { values } = numberTarget(target, table.rows, this.spec.name);
    const { fitIntercept } = this.params;
    const { coefficients, intercept } = solveLeastSquares(context.runtime, {
      columns,
      target: values,
      alpha: this.alpha,
      fitIntercept,
      weights: rowWeights(context, table.rows, this.spec),
    });
    this.learned({ schema: tableSchema(table), coefficients, intercepts: Float64Array.of(intercept) }, {});
    await context.report({ step: 1, total: 1, unit: "solve" });
    return this;
  }
}

/** Least squares with an L2 penalty, exactly solved; among dependent columns with alpha 0 the first ones carry all weight. */
export class Ridge extends ClosedFormRegressor<typeof RIDGE_PARAMS> {
  readonly spec: EstimatorSpec<typeof RIDGE_PARAMS> = {
    name: "Ridge",
    doc: "Linear regression with an L2 penalty, solved exactly.",
    source: "Hoerl & Kennard 1970, Ridge Regression: Biased Estimation for Nonorthogonal Problems",
    params: RIDGE_PARAMS,
    task: "regression",
    input: "matrix",
    weights: "exact",
  };

  protected get alpha(): number {
    return this.params.alpha;
  }
}

/** Ordinary least squares, exactly solved; of dependent columns the first ones carry all weight. */
export class LinearRegression extends ClosedFormRegressor<typeof LEAST_SQUARES_PARAMS> {
  readonly spec: EstimatorSpec<typeof LEAST_SQUARES_PARAMS> = {
    name: "LinearRegression",
    doc: "Linear regression by least squares, solved exactly.",
    source: "Legendre 1805; Cholesky's factorisation of the normal equations",
    params: LEAST_SQUARES_PARAMS,
    task: "regression",
    input: "matrix",
    weights: "exact",
  };

  protected get alpha(): number {
    return 0;
  }
}

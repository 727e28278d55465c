// Linear regression by gradient descent.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import { tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { numberColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { DESCENT_PARAMS } from "./descent-params.ts";
import { descend } from "./gradient-descent.ts";
import { LinearRegressor } from "./linear-regressor.ts";

/** Squared loss by batch, stochastic or mini-batch gradient descent; losses in its history are mean squared errors. */
export class GradientDescentRegressor extends LinearRegressor<typeof DESCENT_PARAMS> {
  readonly spec: EstimatorSpec<typeof DESCENT_PARAMS> = {
    name: "GradientDescentRegressor",
    doc: "Linear regression by batch, stochastic or mini-batch gradient descent.",
    source: "Robbins & Monro 1951; Polyak 1964 (momentum); Bottou, Curtis & Nocedal 2018",
    params: DESCENT_PARAMS,
    task: "regression",
    input: "matrix",
  };

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const columns = numberColumns(table, this.spec.name);
    const refuse = () => refuseNonFinite(table, this.spec.name);
    const { values } = numberTarget(target, table.rows, this.spec.name);
    const startLoss = meanSquare(values) / 2;
    const problem = { kind: "squared", outputs: 1, columns, refuse, target: values, startLoss, lossScale: 2 } as const;
    const { coefficients, intercepts, details } = await descend(problem, this.params, context);
    return this.learned({ schema: tableSchema(table), coefficients, intercepts }, details);
  }
}

// Internal

function meanSquare(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum / values.length;
}

// Linear support vector regression.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { packRows } from "../matrix/dense-rows.ts";
import { weightsToModel } from "../matrix/linear-model.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { numericColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { alikeRows, takeColumns } from "./alike-rows.ts";
import { PrimalNewton } from "./primal-newton.ts";
import { TubeDescent } from "./tube-descent.ts";

const PARAMS = {
  c: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "Weight of the errors outside the tube against the squared coefficients.",
    search: { min: 1e-3, max: 1e3, log: true },
  },
  epsilon: {
    type: "float",
    default: 0,
    min: 0,
    doc: "Errors up to here cost nothing, in units of the target; 0 is absolute or squared errors.",
    search: { min: 1e-3, max: 1, log: true },
  },
  loss: {
    type: "choice",
    choices: ["epsilonInsensitive", "squaredEpsilonInsensitive"],
    default: "epsilonInsensitive",
    doc: "What a row outside the tube costs: its distance, or its distance squared.",
  },
  fitIntercept: {
    type: "boolean",
    default: true,
    doc: "Whether to learn an intercept, which is penalised as a coefficient is.",
  },
  tolerance: {
    type: "float",
    default: 1e-4,
    min: 0,
    exclusiveMin: true,
    doc: "Stops when the gradient, or the rows' violations of optimality together, have fallen to this share.",
  },
  maxIterations: { type: "int", default: 1000, min: 1, doc: "Most passes over the rows." },
} as const satisfies ParamTable;

/** A line within a tube of the targets; scale columns and target. `converged` is in the state's meta. */
export class LinearSVR extends LinearRegressor<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "LinearSVR",
    doc: "Linear support vector regression: errors within a tube cost nothing, and others grow slowly; for many rows.",
    source:
      "Ho & Lin 2012, Large-scale Linear Support Vector Regression (dual coordinate descent); for the squared loss of many " +
      "rows Keerthi & DeCoste 2005 (Newton)",
    params: PARAMS,
    task: "regression",
    input: "matrix",
    weights: "exact",
  };

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const owner = this.spec.name;
    const known = numberTarget(target, table.rows, owner);
    const all = numericColumns(table, owner);
    const { rows, weights: counts } = alikeRows([...all, known.values], rowWeights(context, table.rows, this.spec));
    const columns = takeColumns(all, rows);
    const { runtime, seed } = context;
    const { loss, epsilon, fitIntercept } = this.params;
    runtime.scope((memory) => {
      const x = packRows(runtime, memory, {
        columns,
        rows: rows.length,
        intercept: fitIntercept,
        refuse: () => refuseNonFinite(table, owner),
      });
      // The plain loss has no curvature, and with fewer rows than columns the dual has fewer unknowns.
      const isPrimal = loss === "squaredEpsilonInsensitive" && x.rows >= x.columns;
      const options = { ...this.params, x, counts, epsilon, seed };
      const solver = isPrimal ? new PrimalNewton(runtime, memory, options) : new TubeDescent(runtime, memory, options);
      const { weights, converged } = solver.run(Int32Array.from(rows.keys()), (row) => known.values[rows[row]]);
      this.learned({ schema: tableSchema(table), ...weightsToModel(weights, x) }, { converged });
    });
    await context.report({ step: 1, total: 1, unit: "hyperplane" });
    return this;
  }
}
